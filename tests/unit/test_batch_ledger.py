"""The ledger of a batch: one worker has a unit, dead ones lose theirs, and nothing that was
planned gets lost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.batches.ledger import Claim, Ledger, Spent
from geoseg.batches.names import names, safe
from geoseg.batches.plan import (
    Batch,
    Recipe,
    Scene,
    Unit,
    add_scenes,
    create_batch,
    differences,
    open_batch,
    read_unit,
    settled,
    unit_line,
)
from geoseg.batches.status import Counter, look
from geoseg.batches.work import Share, read_share
from geoseg.core.errors import InputError, OutputError
from geoseg.core.options import Options
from geoseg.core.worker_id import _begun, myself

RECIPE = Recipe("m", {"m": "0" * 64}, ("tif",))


def whole(scene: Scene, name: str) -> list[Unit]:
    return [Unit(name, scene.paths)]


def batch_of(folder: Path, *labels: str) -> Batch:
    batch = create_batch(folder, RECIPE)
    add_scenes(batch, [Scene((f"/scenes/{label}.tif",), label) for label in labels], whole)
    return batch


def units(batch: Batch) -> dict[str, Unit]:
    return {name: unit for shard in batch.shards() for name, unit in batch.units(shard).items()}


def claimed(ledger: Ledger, unit: Unit, tries: int = 3) -> Claim:
    claim = ledger.claim(unit, tries)
    assert isinstance(claim, Claim)
    return claim


def test_a_unit_is_one_workers(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, "a")
    one, other, unit = Ledger(batch, "r"), Ledger(batch, "r"), units(batch)["a"]
    claim = claimed(one, unit)
    assert other.claim(unit, 3) is None
    one.release(claim)
    claim = claimed(other, unit)
    other.finish(claim, {"x": 1})
    assert one.claim(unit, 3) is None
    assert one.success("a") == {"name": "a", "x": 1}
    assert not list((batch.ledger / "claims").glob("*/*"))
    assert not list((batch.ledger / "new").iterdir())


@pytest.mark.process
def test_of_many_processes_one_gets_the_unit(tmp_path: Path) -> None:
    batch_of(tmp_path, "a")
    code = (
        "import sys; from pathlib import Path; from geoseg.batches.ledger import Claim, Ledger;"
        "from geoseg.batches.plan import open_batch; b = open_batch(Path(sys.argv[1])); "
        "sys.stdin.read();"
        "u = b.units(b.shards()[0])['a']; print(isinstance(Ledger(b, 'r').claim(u, 3), Claim)); "
        "sys.stdin.close();"
        "sys.stdout.flush(); import time; time.sleep(60)"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], **pipes) for _ in range(4)
    ]
    try:
        for child in children:
            child.stdin.close()
        assert sorted(child.stdout.readline().strip() for child in children) == ["False"] * 3 + [
            "True"
        ]
    finally:
        for child in children:
            child.kill()
            child.wait()
            child.stdout.close()


@pytest.mark.process
def test_a_dead_process_loses_its_unit_at_once(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, "a")
    ledger, unit = Ledger(batch, "r"), units(batch)["a"]
    claim = claimed(ledger, unit)
    child = subprocess.Popen([sys.executable, "-c", ""])
    held = replace(myself(), pid=child.pid, begun=_begun(child.pid) or "1")
    child.wait()
    claim.path.write_text(json.dumps(asdict(held)))
    second = claimed(ledger, unit)
    assert second.number == 2
    second.path.write_text(json.dumps(asdict(held)))
    spent = ledger.claim(unit, 2)
    assert isinstance(spent, Spent)
    assert "its worker died" in spent.reason
    assert str(child.pid) in spent.reason


def test_the_id_of_a_dead_process_may_be_taken_by_another() -> None:
    assert not myself().died
    assert replace(myself(), begun="1").died
    assert not replace(myself(), begun="1", space="another machine").died


def test_a_worker_elsewhere_loses_its_unit_when_it_is_silent(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, "a")
    ledger, unit = Ledger(batch, "r"), units(batch)["a"]
    claim = claimed(ledger, unit)
    claim.path.write_text(json.dumps(asdict(replace(myself(), host="node7", space="elsewhere"))))
    assert ledger.claim(unit, 3) is None
    os.utime(claim.path, (1.0, ledger.now() - 299))
    assert ledger.claim(unit, 3) is None
    os.utime(claim.path, (1.0, ledger.now() - 301))
    taken = claimed(ledger, unit)
    assert taken.number == 2
    ledger.beat(taken)
    ledger.finish(taken, {})
    ledger.beat(claim)  # the silent one comes back: nothing happens


def test_an_empty_claim_ages_too(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, "a")
    ledger, unit = Ledger(batch, "r"), units(batch)["a"]
    claim = claimed(ledger, unit)
    claim.path.write_text("")
    assert ledger.claim(unit, 3) is None
    os.utime(claim.path, (1.0, 1.0))
    assert claimed(ledger, unit).number == 2


def test_what_was_put_back_is_tried_again_and_then_given_up(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, "a")
    ledger, unit = Ledger(batch, "r"), units(batch)["a"]
    for number in (1, 2):
        claim = claimed(ledger, unit, 2)
        assert claim.number == number
        ledger.put_back(claim, f"reason {number}")
    assert ledger.claim(unit, 2) == Spent(unit, 2, "reason 2")
    ledger.fail(unit, 2, "reason 2")
    assert ledger.claim(unit, 2) is None  # failed in this run
    assert ledger.old_failures(unit.shard) == set()
    later = Ledger(batch, "another run")
    assert later.old_failures(unit.shard) == {"a"}
    later.finish(claimed(later, unit, 2), {})
    assert later.failure("a") is None


def test_planning_again_adds_only_what_is_new(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, "a", "b")
    again = batch_of(tmp_path, "b", "c", "a")
    assert set(units(again)) == {"a", "b", "c"}
    assert len(list((batch.ledger / "units").glob("*/*"))) == 3
    other = [Scene(("/elsewhere/a.tif",), "a")]
    assert add_scenes(batch, other, whole) == 1
    assert add_scenes(batch, other, whole) == 0
    assert len(units(batch)) == 4
    status = look(Ledger(batch, "r"))
    assert (status.units, status.done, status.left, status.seconds_left) == (4, 0, 4, None)


def test_two_that_plan_at_once_lose_nothing(tmp_path: Path) -> None:
    batch = create_batch(tmp_path, RECIPE)

    def meanwhile(scene: Scene, name: str) -> list[Unit]:
        if scene.paths == (
            "/one/a.tif",
        ):  # another planner is faster, with a scene of the same name
            add_scenes(batch, [Scene(("/two/a.tif",), "a"), Scene(("/two/b.tif",), "b")], whole)
        return whole(scene, name)

    add_scenes(batch, [Scene(("/one/a.tif",), "a"), Scene(("/two/b.tif",), "b")], meanwhile)
    assert sorted(unit.scene[0] for unit in units(batch).values()) == [
        "/one/a.tif",
        "/two/a.tif",
        "/two/b.tif",
    ]


def test_an_output_of_somebody_else_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("precious")
    with pytest.raises(OutputError, match="exists already"):
        batch_of(tmp_path, "a")
    assert (tmp_path / "a.tif").read_text() == "precious"


def test_other_options_or_another_model_are_noticed(tmp_path: Path) -> None:
    create_batch(tmp_path, RECIPE)
    assert open_batch(tmp_path).recipe == settled(RECIPE)
    create_batch(
        tmp_path, replace(RECIPE, options=Options.of(device="cpu", batch=2))
    )  # the maps are the same
    for other, text in (
        (replace(RECIPE, options=Options.of(tile=64)), "--tile is 64, and was None"),
        (replace(RECIPE, models={"m": "1" * 64}), "weights have changed"),
        (replace(RECIPE, model="n", models={"n": "0" * 64}), "--model is n, and was m"),
        (replace(RECIPE, formats=("gpkg",)), "--format is gpkg, and was tif"),
    ):
        with pytest.raises(InputError, match=text):
            create_batch(tmp_path, other)
    assert differences(RECIPE, RECIPE) == []


@pytest.mark.parametrize(
    "text", ["", "{}", '{"recipe": {"options": 1}}', "[1]", '{"recipe": {"options": {"tile": -1}}}']
)
def test_a_damaged_header_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "batch.json").write_text(text)
    with pytest.raises(InputError):
        open_batch(tmp_path)


@given(st.text(), st.lists(st.text(), min_size=1))
def test_names_are_safe(label: str, paths: list[str]) -> None:
    name, longer = names(label, paths)
    for text in (name, longer):
        assert safe(text) == text
        assert "/" not in text
        assert not text.startswith(".")
    region = Unit(f"{name}@0-64", tuple(paths), (0, 64, 9, 99), tile=32)
    assert read_unit(unit_line(region)) == region
    joined = Unit(name, tuple(paths), regions=((0, 0, 1, 1), (1, 0, 2, 2)))
    assert read_unit(unit_line(joined)) == joined


def test_a_unit_that_would_leave_the_folder_is_refused() -> None:
    with pytest.raises(ValueError, match="no name"):
        read_unit('{"name": "../x", "scene": ["a"]}')


def test_progress_is_counted_anew_after_a_while(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, "a", "b")
    ledger, count = Ledger(batch, "r"), Counter(batch)
    assert count() == 0
    ledger.finish(claimed(ledger, units(batch)["a"]), {})
    count._due = float("inf")
    assert count() == 0
    count._due = 0.0
    assert count() == 1


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"])
def test_parts_that_are_none(text: str) -> None:
    with pytest.raises(InputError):
        read_share(text)
    assert read_share("2/2") == Share(2, 2)
