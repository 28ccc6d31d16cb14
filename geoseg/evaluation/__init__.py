"""How good a map is: agreement with a truth, areas with their intervals, and what the confidence
is worth.
"""
