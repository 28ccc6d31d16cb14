"""Texts for people have a bound, whatever names a file, a card or a user brings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg import cli
from geoseg.cli.cards import table
from geoseg.core.bounded import CELL, TEXT, WORD, bounded, shortened
from geoseg.core.errors import InputError
from geoseg.core.events import Noted, Warned

LONG = "n" * 5000
NAMES = [LONG, "x y " * 1250, "/".join(["d" * 100] * 50), "--" + LONG, "ä" * 5000]


@given(st.text(), st.integers(1, 400))
def test_a_text_is_bounded_and_stays_so(text: str, times: int) -> None:
    found = bounded(text * times)
    assert len(found) <= TEXT
    assert bounded(found) == found
    if len(text * times) <= WORD:
        assert found == text * times


def test_beginning_end_and_length_of_a_name_are_told() -> None:
    found = bounded(f"no column 'first{LONG}last'; expected code")
    assert len(found) < WORD + 40
    assert "'first" in found
    assert "last'; expected code" in found
    assert "5,0" in found


@pytest.mark.parametrize("make", [InputError, Noted, Warned])
def test_errors_and_events_are_bounded(make: type) -> None:
    assert len(str(make(f"{LONG} {LONG}"))) <= 2 * TEXT


def test_one_long_cell_leaves_a_table_readable() -> None:
    lines = table([(LONG, "1"), ("water", "2")])
    assert max(map(len, lines)) <= CELL + 3
    assert len(shortened(LONG)) == CELL


@pytest.mark.parametrize("command", list(cli.COMMANDS))
@pytest.mark.parametrize("name", NAMES, ids=["word", "words", "path", "option", "umlauts"])
def test_every_command_answers_a_long_name_in_a_bounded_line(
    command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([command, name, name]) in (1, 2)
    told = capsys.readouterr()
    assert "internal error" not in told.err
    assert max(map(len, (told.err + told.out).splitlines())) <= 3 * TEXT
