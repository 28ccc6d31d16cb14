"""The doctor: a sound installation passes, a damaged one is told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from bundles import make_bundle
from click.testing import CliRunner

from geoseg.cli.doctor import describe, doctor
from geoseg.core.card import Band, ModelCard, write_card
from geoseg.models import Bundle, find_model, list_models
from geoseg.prediction.doctor import FIELDS, checkup, diagnose, known_fields
from geoseg.raster.synthetic import fields


def altered(folder: Path, card: ModelCard | None = None, weights: bytes | None = None) -> Bundle:
    """A copy of landcover-s2 with another card, or other weights."""
    sound = find_model("landcover-s2")
    shutil.copytree(sound.path, folder)
    if card:
        write_card(card, folder / "card.json")
    if weights is not None:
        sound_weights = folder / sound.weights.name
        sound_weights.write_bytes(weights)
    return find_model(str(folder))


def test_every_model_that_ships_knows_the_answers() -> None:
    found = diagnose("cpu")
    assert found.ok, found.problems
    assert [checked.model for checked in found.models] == [
        bundle.card.name for bundle in list_models()
    ]
    assert all({"water", "dry ground"} <= set(checked.fields) for checked in found.models)
    assert found.versions["torch"] != "missing"
    assert found.devices[0].startswith("cpu: ")
    assert describe(found)[-1] == "everything works"


def test_a_model_whose_classes_are_mixed_up_is_found(tmp_path: Path) -> None:
    card = find_model("landcover-s2").card
    names = [label.name for label in card.labels]
    turned = [
        replace(label, name=name)
        for label, name in zip(card.labels, names[1:] + names[:1], strict=True)
    ]
    found = checkup(altered(tmp_path / "turned", replace(card, labels=tuple(turned))), "cpu")
    assert "only 0% of a field of water is mapped as such" in found.problem


def test_damaged_weights_are_found(tmp_path: Path) -> None:
    whole = find_model("landcover-s2").weights.read_bytes()
    found = checkup(altered(tmp_path / "damaged", weights=whole[: len(whole) // 2]), "cpu")
    assert "cannot be read" in found.problem
    assert (found.fields, found.device) == ({}, "")


def test_random_weights_do_not_pass(tmp_path: Path) -> None:
    found = checkup(find_model(str(make_bundle(tmp_path / "random"))), "cpu")
    assert (
        found.problem == "no scene with a known answer has this model's bands"
    )  # its classes have no names


def test_only_fields_that_the_model_can_see_and_name_are_shown() -> None:
    card = find_model("landcover-rgb").card
    assert [field.name for field in known_fields(card)] == ["water", "dry ground"]
    band = Band("TIRS1", "lwir11", 10.9, 290.0, 10.0, 250.0, 330.0)
    thermal = replace(card, bands=(band,), spectra=None)
    assert list(known_fields(thermal)) == []


def test_fields_stand_side_by_side() -> None:
    values = [[field.values["B02"], field.values["B08"]] for field in FIELDS]
    import numpy as np

    pixels = fields(np.array(values), 8)
    assert pixels.shape == (2, 8, 24)
    for i, (blue, infrared) in enumerate(values):
        assert pixels[:, :, 8 * i : 8 * i + 8].mean(axis=(1, 2)) == pytest.approx(
            [blue, infrared], rel=0.05
        )


def test_the_command_says_it_to_people_and_to_programs() -> None:
    done = CliRunner().invoke(doctor, ["--device", "cpu", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["ok"], found["problems"]) == (True, [])
    assert {model["model"]: model["sha256"] for model in found["models"]} == {
        bundle.card.name: bundle.sha256 for bundle in list_models()
    }
