"""Training of a model from scenes and labels: `train` is the whole of it."""
