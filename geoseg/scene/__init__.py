"""What a scene is, whether it fits a model, and reading it so."""
