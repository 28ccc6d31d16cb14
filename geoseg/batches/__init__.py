"""Many scenes, or one giant one, over many workers: what is to be done, who does it, and what
came of it.
"""
