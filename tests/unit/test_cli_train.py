"""geoseg train from the command line: a bundle and one line, or what is wrong in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from trainings import CONFIG, make_set

from geoseg.cli import run
from geoseg.training.config import RunConfig


def test_it_trains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_set(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    assert run(["train", str(tmp_path / "config.toml"), "--out", str(tmp_path / "model")]) == 0
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "card.json",
        "checkpoint.pt",
        "log.csv",
        "model.safetensors",
        "report.html",
        "split.geojson",
        "split.json",
    ]
    modes = {
        (tmp_path / "model" / name).stat().st_mode for name in ("card.json", "model.safetensors")
    }
    assert len(modes) == 1  # whoever may read one may read the other
    said = capsys.readouterr()
    assert said.out == ""
    assert "accuracy" in said.err
    assert "on places held out" in said.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CONFIG.replace("steps", "stops"), "[training] holds unknown stops"),
        (CONFIG.replace('"unet"', '"wnet"'), "unknown architecture 'wnet'"),
        (CONFIG.replace("samples.csv", "nothing.csv"), "nothing.csv cannot be read"),
    ],
)
def test_what_is_wrong_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    make_set(tmp_path)
    (tmp_path / "config.toml").write_text(text)
    assert run(["train", str(tmp_path / "config.toml"), "--out", str(tmp_path / "model")]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert message in error[-1]
    assert len([line for line in error if "Traceback" in line]) == 0
    assert not (tmp_path / "model" / "card.json").exists()


def test_the_help_tells_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for name in ("crop", "batch", "steps", "rate", "validate_every", "patience", "seed"):
        option = said.split(f"--{name.replace('_', '-')} ", 1)[1].split(" --", 1)[0]
        assert f"default {getattr(RunConfig(), name):g}" in option, name


def test_a_network_without_an_encoder_trains_as_the_readme_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_set(tmp_path)
    words = f"train --samples {tmp_path}/samples.csv --classes a=0,b=10,c=20 --bands 1,2,3 --architecture halfsize"
    words += " --steps 2 --crop 32 --batch 2 --validation b --out"
    assert run([*words.split(), str(tmp_path / "model")]) == 0, capsys.readouterr().err
    assert run([*words.split(), str(tmp_path / "other"), "--pretrained", "efficientnet-lite0"]) == 2
    assert "the network has no encoder" in capsys.readouterr().err
