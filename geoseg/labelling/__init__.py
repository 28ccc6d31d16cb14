"""Sparse labels, and models that learn from them meanwhile: `workspace.py` is read first."""
