"""The pages that geoseg writes: what is text stays text, and nothing is asked of the network."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from commands import ROOT
from hypothesis import given
from hypothesis import strategies as st

from geoseg.report.charts import Bar, bars, confusion, curves, reliability, ticks
from geoseg.report.html import Html, element, fragment
from geoseg.report.page import figure, legend, listing, page, picture, section, table

PACKAGE = ROOT / "geoseg"
HOSTILE = """</title></style><script>alert("1")</script>' onload='x"""


class Read(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("br", "img", "meta"):
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(), st.text())
def test_text_and_attributes_come_out_as_they_went_in(text: str, value: str) -> None:
    text, value = (re.sub(r"[\x00\r]", "", given) for given in (text, value))
    read = Read(element("p", text, element("b", text), title=value, class_=None))
    assert read.tags == ["p", "b"]
    assert read.text == 2 * text
    assert read.attributes == {"title": [value]}
    assert not read.open


def test_markup_is_taken_as_it_is_and_joined() -> None:
    assert fragment("<", Html("<br/>")) == "&lt;<br/>"
    assert element("rect", x=1.25, y=2.0, fill_opacity=None) == '<rect x="1.2" y="2"/>'
    assert element("td") == "<td></td>"


def hostile_page() -> str:
    """Every part of a page, with a name in it that tries to be more than text."""
    ones = np.eye(2)
    return page(
        HOSTILE,
        HOSTILE,
        [HOSTILE, "https://user:secret@example.org/x.tif?sig=secret"],
        section(HOSTILE, HOSTILE, listing([HOSTILE])),
        table([(HOSTILE, "b"), (HOSTILE, HOSTILE)], {HOSTILE: HOSTILE}),
        legend(HOSTILE, [(HOSTILE, HOSTILE)]),
        figure(picture(b"\x89PNG", (3, 4)), HOSTILE),
        curves(HOSTILE, {HOSTILE: [(0, 1), (1, 2)], "b": [(0, float("nan"))]}, HOSTILE),
        bars(HOSTILE, [Bar(HOSTILE, 1.0, HOSTILE, HOSTILE, 0.5, 0.2), Bar("b", 0.0, "")]),
        confusion([HOSTILE, "b"], ones.astype(np.int64), HOSTILE),
        reliability(np.array([np.nan, 0.7]), np.array([np.nan, 0.6]), np.array([0, 5]), 0.1),
    )


def test_hostile_names_are_text_everywhere() -> None:
    read = Read(hostile_page())
    assert not read.open
    assert "script" not in read.tags
    assert "onload" not in read.attributes
    assert read.text.count(HOSTILE) >= 12


def test_a_page_needs_nothing_beside_it_and_keeps_secrets() -> None:
    text = hostile_page()
    read = Read(text)
    assert "href" not in read.attributes
    assert all(source.startswith("data:") for source in read.attributes["src"])
    assert re.findall(r"https?:[^\s<]*", text) == ["https://***@example.org/x.tif?sig=***"]
    assert not re.search(r"@import|url\(", text)


def test_a_page_says_what_made_it_and_is_readable_in_the_dark() -> None:
    text = page("a", "b", [])
    assert re.search(r"<footer>.*geoseg .*</footer>", text)
    assert "prefers-color-scheme: dark" in text
    assert 'class="lead"' not in text


def test_text_is_made_markup_in_one_place() -> None:
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^(from html import|import html)", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert found == ["report/html.py"]


@pytest.mark.parametrize("values", [[], [(0.0, float("nan"))]])
def test_a_curve_without_points_is_no_chart(values: list[tuple[float, float]]) -> None:
    assert curves("loss", {"loss": values}) == ""


@given(st.integers(-(10**8), 10**8), st.integers(0, 10**8))
def test_ticks_hold_what_is_shown_and_are_even(hundredths: int, more: int) -> None:
    low = hundredths / 100
    span = more / 100
    found = ticks(low, low + span)
    tolerance = 1e-6 * max(1.0, abs(low), span)
    assert found[0] <= low + tolerance
    assert found[-1] >= low + span - tolerance
    assert 2 <= len(found) <= 12
    steps = np.diff(found)
    assert np.allclose(steps, steps[0])
    assert (steps > 0).all()
