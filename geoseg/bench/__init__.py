"""What geoseg costs on this machine: rounds of fresh processes, and ratios within each round.

Read first: `rounds.py`, which measurements there are; each is a `Task`, done in a process of its
own (`child.py`). `benchmarks/peers.py` of the source compares other programs by the same rounds.
"""
