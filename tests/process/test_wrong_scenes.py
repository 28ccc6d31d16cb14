"""The table of forty: whatever way a scene is got wrong, geoseg says so, and names the cause;
right scenes pass without a word.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from wrong_scenes import NOT_TOLD, RIGHT, WRONG, Wrong, answer, ask

# rasterio multiplies transforms as affine 3 no longer likes it
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
TITLES = list(dict.fromkeys(wrong.what for wrong in WRONG))
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "wrong-scenes.md"


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_scene_passes_without_a_warning(
    name: str, tmp_path: Path, shared_data: Path
) -> None:
    del shared_data  # skipped where it is missing
    model, right = RIGHT[name]
    found = ask(right().write(tmp_path), model)
    assert found.outcome == "told", found.lines


@pytest.mark.parametrize("what", TITLES)
def test_a_wrong_scene_does_not_pass_in_silence(
    what: str, tmp_path: Path, shared_data: Path
) -> None:
    del shared_data
    for wrong in (wrong for wrong in WRONG if wrong.what == what):
        found = answer(wrong, tmp_path)
        named = any(re.search(wrong.says, line) for line in found.lines)
        assert found.outcome in wrong.outcomes, (wrong.base, found)
        assert named, (wrong.base, found)


@pytest.mark.parametrize("what", [wrong.what for wrong, _ in NOT_TOLD])
def test_what_is_not_told_is_known(what: str, tmp_path: Path, shared_data: Path) -> None:
    del shared_data
    wrong = next(wrong for wrong, _ in NOT_TOLD if wrong.what == what)
    found = answer(wrong, tmp_path)
    assert found.outcome == "told", f"told by now, and to be moved to the others: {found}"


def test_there_are_forty() -> None:
    assert len(TITLES) >= 40
    assert all(isinstance(wrong, Wrong) and wrong.says for wrong in WRONG)


def test_the_page_holds_the_table() -> None:
    """Each row of the page is one of the list; what geoseg says is of the day it was written."""
    text = PAGE.read_text(encoding="utf-8")
    rows = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if "|" in line]
    known = [wrong.what for wrong, _ in NOT_TOLD]
    assert [row for row in rows if row not in ("what is wrong", "---")] == [*TITLES, *known]
