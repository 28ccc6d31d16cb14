"""The page that every report is: its style, its head and foot, and what stands between them.

A page needs nothing beside it and asks nothing of the network, so it can be sent as one file.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence

from ..core.machine import machine_line
from ..core.redact import redact
from .html import Html, element, fragment

# the first row holds the heads; empty ones are left out
Rows = list[tuple[str, ...]]

STYLE = """
:root { color-scheme: light dark; --ink: #1f2933; --paper: #fff; --quiet: #52606d; --line: #e4e7eb;
  --rule: #9aa5b1; --shade: #f4f5f7 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #16191d; --quiet: #9aa5b1;
  --line: #323a42; --rule: #616e7c; --shade: #20252b } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 2rem auto; max-width: 72rem; padding: 0 1.2rem }
h1 { font-size: 1.5rem; margin: 0 0 .3rem } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem }
h3 { font-size: 1rem; margin: 1rem 0 .6rem }
p.lead { color: var(--quiet); margin: 0 0 1rem; overflow-wrap: anywhere }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line) }
th { border-bottom: 2px solid var(--rule); font-weight: 600 }
th:first-child, td:first-child, .left th, .left td { text-align: left }
td:first-child { overflow-wrap: break-word }
.left td { max-width: 46rem; overflow-wrap: anywhere }
.wide { overflow-x: auto } .row { display: flex; flex-wrap: wrap; gap: .8rem 1.2rem }
.key { display: inline-block; width: .8em; height: .8em; margin-right: .5em;
  border: 1px solid var(--rule) }
.keys .key { margin-left: 1em }
ul { margin: .3rem 0; padding-left: 1.2rem }
pre { background: var(--shade); padding: 1rem; overflow: auto }
figure { margin: 0 } .row svg { width: 32rem }
figcaption { color: var(--quiet); overflow-wrap: anywhere }
img { image-rendering: pixelated; border: 1px solid var(--rule); box-sizing: border-box;
  background: repeating-conic-gradient(#e4e7eb 0 25%, #fff 0 50%) 0 0/12px 12px }
svg { max-width: 100%; height: auto }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif }
svg text.title { font-weight: 600 } svg text.small { font-size: 10px } svg text.on { fill: #fff }
svg .grid { stroke: var(--line) } svg .axis { stroke: var(--ink) }
footer { margin: 2.5rem 0 1rem; color: var(--quiet); font-size: .85rem }
.looks figure { width: 10rem } .looks img { max-width: 10rem; max-height: 10rem }
.looks figcaption { font-size: .78rem }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr));
  gap: 0 2rem }
.halves figure { margin-bottom: 1rem } .halves .row { gap: .4rem; flex-wrap: nowrap }
.halves img { width: 32%; max-width: 13rem }
"""


def page(title: str, heading: str, lead: Sequence[str], *sections: str) -> str:
    """Return a whole page, with the machine and the versions that made it in its foot.

    Parameters
    ----------
    title
        What the browser's tab says.
    heading
        What the page says above everything.
    lead
        Lines below the heading: which files these numbers are of.
    *sections
        What the page holds, in this order; empty ones are left out.

    Returns
    -------
    str
        HTML from ``<!DOCTYPE html>`` to its last line; secrets of addresses are replaced by
        ``***``.
    """
    lines = [fragment(line, element("br")) for line in lead[:-1]] + list(lead[-1:])
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Html(STYLE)),
    )
    parts = [
        element("h1", heading),
        element("p", *lines, class_="lead") if lead else "",
        *sections,
        element("footer", machine_line()),
    ]
    body = [line for part in parts if part for line in (Html("\n"), part)]
    whole = element("html", head, element("body", *body), lang="en")
    return redact(f"<!DOCTYPE html>\n{whole}\n")


def section(heading: str, *inside: str) -> Html:
    """Return a part of a page under its own heading.

    Parameters
    ----------
    heading
        What stands above it.
    *inside
        `Html` as it is, any other text escaped.

    Returns
    -------
    Html
        The heading, and what is under it.
    """
    return fragment(element("h2", heading), *inside)


def table(rows: Rows, colours: Mapping[str, str] | None = None, *, left: bool = False) -> Html:
    """Return a table: names at the left, numbers at the right of their columns.

    Parameters
    ----------
    rows
        Its cells as text, the heads first; there are none where all of these are empty.
    colours
        Colours of the classes that the first column names, as CSS knows them.
    left
        Whether all columns hold text, and so begin at the left.

    Returns
    -------
    Html
        The table, which scrolls for itself where the window is narrower.
    """
    heads = element("tr", *(element("th", cell) for cell in rows[0]))
    lines = [
        element(
            "tr",
            element("td", _key((colours or {}).get(row[0], "")), row[0]),
            *(element("td", cell) for cell in row[1:]),
        )
        for row in rows[1:]
    ]
    head = element("thead", heads) if any(rows[0]) else ""
    whole = element("table", head, element("tbody", *lines))
    return element("div", whole, class_="wide left" if left else "wide")


def listing(items: Sequence[str]) -> Html:
    """Return a list with a point before each item.

    Parameters
    ----------
    items
        `Html` as it is, any other text escaped.

    Returns
    -------
    Html
        The list; empty without items.
    """
    return element("ul", *(element("li", item) for item in items)) if items else Html()


def legend(said: str, colours: Sequence[tuple[str, str]]) -> Html:
    """Return what colours stand for, on one line.

    Parameters
    ----------
    said
        What stands before them.
    colours
        Names, each with its colour as CSS knows it.

    Returns
    -------
    Html
        A paragraph.
    """
    keys = (fragment(_key(colour), name) for name, colour in colours)
    return element("p", said, *keys, class_="keys")


def picture(png: bytes, size: tuple[int, int] | None = None) -> Html:
    """Return a picture that is part of the page.

    Parameters
    ----------
    png
        The bytes of a PNG.
    size
        Height and width in CSS pixels; None for what the style gives it.

    Returns
    -------
    Html
        The image, with its bytes in its address.
    """
    height, width = size or (None, None)
    address = f"data:image/png;base64,{b64encode(png).decode()}"
    return element("img", alt="", width=width, height=height, src=address)


def figure(inside: str, caption: str) -> Html:
    """Return a chart or picture with a line below it.

    Parameters
    ----------
    inside
        The chart or picture, as `Html`.
    caption
        What is said of it.

    Returns
    -------
    Html
        The figure.
    """
    return element("figure", inside, element("figcaption", caption))


def _key(colour: str) -> Html:
    return element("span", class_="key", style=f"background: {colour}") if colour else Html()
