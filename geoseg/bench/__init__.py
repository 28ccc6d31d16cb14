"""Measuring geoseg and the peers that are installed: rounds of fresh processes, and ratios
within each round.
"""
