"""How many cases hypothesis draws where a test wants more of them than others."""

from __future__ import annotations

from hypothesis import settings


def more(factor: int) -> settings:
    """Ask for that many times the cases of the profile: in CI more than while somebody waits."""
    return settings(max_examples=factor * settings().max_examples)
