"""Samples of points by which a map is checked: how many, where, in which file, and what came of
it.
"""
