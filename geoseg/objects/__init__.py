"""From maps of class and depth to objects: which pixels belong together, their numbers, shapes."""
