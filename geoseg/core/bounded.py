"""Texts for people of bounded length: of a name without end, the beginning and the end are
shown.
"""

from __future__ import annotations

import re

WORD = 255  # characters: the longest file name of most systems is shown whole
TEXT = 2000
CELL = 100  # of a table, whose other rows become as wide
_WORD = re.compile(rf"[^\s/\\,;]{{{WORD + 1},}}")


def bounded(text: str) -> str:
    """Return a text short enough to be told.

    Parameters
    ----------
    text
        Of any length, with names of any length in it.

    Returns
    -------
    str
        At most `TEXT` characters: the middle of overlong names, and of the text itself, is left
        out, and its length is told. A text in which nothing is overlong stays as it is.
    """
    if len(text) <= WORD:
        return text
    text = _WORD.sub(lambda found: shortened(found[0], WORD), text)
    return shortened(text, TEXT)


def shortened(text: str, longest: int = CELL) -> str:
    """Return a text without the middle that is too much.

    Parameters
    ----------
    text
        Of any length.
    longest
        Characters, more than the some 30 that tell what is left out.

    Returns
    -------
    str
        At most `longest` characters.
    """
    if len(text) <= longest:
        return text
    left_out = f"[... {len(text):,} characters ...]"
    room = longest - len(left_out)
    end = room // 4
    return text[: room - end] + left_out + text[-end:]
