"""Markup in which text stays text: what is not `Html` is escaped, here and nowhere else."""

from __future__ import annotations

from html import escape

# what has no end tag, or in SVG needs none where it holds nothing
SHORT = frozenset(("br", "circle", "img", "line", "meta", "polyline", "rect"))


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def element(tag: str, /, *inside: str, **attributes: object) -> Html:
    """Return an element of HTML or SVG.

    Parameters
    ----------
    tag
        Its name, as ``td`` or ``rect``.
    *inside
        What it holds, in this order: `Html` as it is, any other text escaped.
    **attributes
        Its attributes, escaped; ``class_`` is class, ``text_anchor`` text-anchor. A fraction is
        written with one decimal, as pixels of a chart need it; None leaves the attribute out.

    Returns
    -------
    Html
        The element on one line, unless what it holds has more.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not inside and tag in SHORT:
        return Html(f"<{tag}{given}/>")
    return Html(f"<{tag}{given}>{fragment(*inside)}</{tag}>")


def fragment(*parts: str) -> Html:
    """Return parts one after the other, without an element around them.

    Parameters
    ----------
    *parts
        `Html` as it is, any other text escaped.

    Returns
    -------
    Html
        All of it.
    """
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
