"""Trainings as they are run: killed and resumed, on several processes, from a model that exists,
by options alone.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from bundles import make_bundle
from commands import ROOT, environment
from rasters import UTM33, colours, write
from safetensors.torch import load_file
from trainings import CONFIG, make_set, open_pool

from geoseg.cli import run
from geoseg.core.events import silent
from geoseg.models import find_model
from geoseg.training.augment import Augment
from geoseg.training.learner import make_learner
from geoseg.training.loop import batches, train
from geoseg.training.measure import measure_bands
from geoseg.training.parse import merge, parse, read_tables
from geoseg.training.prepare import prepare
from geoseg.training.ranks import Ranks
from geoseg.training.transfer import adopt


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_set(tmp_path)
    text = CONFIG.replace("steps = 2", "steps = 6\nthreads = 1\nvalidate_every = 1\npatience = 5")
    (tmp_path / "config.toml").write_text(text.replace("validation = []", 'validation = ["b"]'))
    return tmp_path


def test_a_training_that_was_killed_ends_with_the_same_bytes(folder: Path) -> None:
    """SIGKILL in mid-run, as soon as a checkpoint is there; resumed, it ends as one that was
    left alone.
    """
    config, killed, alone = folder / "config.toml", folder / "killed", folder / "alone"
    command = [sys.executable, "-m", "geoseg", "train", str(config), "--out", str(killed)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE) as process:
        while process.poll() is None and not (killed / "checkpoint.pt").exists():
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (killed / "card.json").exists()
    before = int(torch.load(killed / "checkpoint.pt", weights_only=True)["step"])
    assert 1 <= before < 6
    assert run(["train", str(config), "--out", str(killed), "--quiet", "--resume"]) == 0
    assert run(["train", str(config), "--out", str(alone), "--quiet"]) == 0
    assert (killed / "model.safetensors").read_bytes() == (alone / "model.safetensors").read_bytes()
    known, again = (find_model(str(path)).card for path in (killed, alone))
    assert known.spectra == again.spectra is not None
    assert known.embedding == again.embedding is not None
    logs = [read_csv(path / "log.csv") for path in (killed, alone)]
    assert [[row["step"] for row in log] for log in logs] == [["1", "2", "3", "4", "5", "6"]] * 2
    assert [row["loss"] for row in logs[0]][before:] == [row["loss"] for row in logs[1]][before:]


def test_a_full_disk_is_one_line_and_leaves_no_part(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # half a module would be kept
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, before[1]))
    try:
        status = run(
            ["train", str(folder / "config.toml"), "--out", str(folder / "out"), "--quiet"]
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert status == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "checkpoint.pt could not be written whole: it is larger than files may be here" in said
    assert "disk is full" not in said
    assert {path.name for path in (folder / "out").iterdir()} <= {
        "log.csv",
        "split.json",
        "split.geojson",
    }


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_damaged_checkpoint_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], share: float
) -> None:
    command = [
        "train",
        str(folder / "config.toml"),
        "--out",
        str(folder / "out"),
        "--quiet",
        "--steps",
        "1",
    ]
    assert run(command) == 0
    checkpoint = folder / "out" / "checkpoint.pt"
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: int(len(whole) * share)] or b"junk")
    assert run([*command, "--resume"]) == 2
    assert (
        "of another network, or damaged; train without --resume"
        in capsys.readouterr().err.splitlines()[-1]
    )


def test_another_configuration_is_not_resumed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, out = folder / "config.toml", folder / "out"
    assert run(["train", str(config), "--out", str(out), "--quiet", "--steps", "1"]) == 0
    assert run(["train", str(config), "--out", str(out), "--quiet"]) == 2
    assert "holds a model; --resume it, --overwrite it" in capsys.readouterr().err
    assert run(["train", str(config), "--out", str(out), "--quiet", "--resume"]) == 2
    assert "is of a training with another configuration" in capsys.readouterr().err


def test_several_processes_see_what_one_would(tmp_path: Path) -> None:
    config = make_set(tmp_path)
    config = replace(config, training=replace(config.training, batch=4, steps=2))
    pool, augment = open_pool(config), Augment(config.augment, config.bands, config.scaling)
    whole = list(batches(config, pool, augment, 0))
    halves = [list(batches(config, pool, augment, 0, Ranks(rank, 2))) for rank in (0, 1)]
    for step in range(2):
        for part in range(3):
            together = torch.stack([halves[rank][step][part] for rank in (0, 1)], dim=1).flatten(
                0, 1
            )
            assert torch.equal(together, whole[step][part])


def test_two_processes_train_one_model(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        "-m",
        "geoseg",
    ]
    command += [
        "train",
        str(folder / "config.toml"),
        "--out",
        str(folder / "out"),
        "--steps",
        "2",
        "--device",
        "cpu",
    ]
    command += ["--batch", "4", "--crop", "64"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("report in") == 1
    log = read_csv(folder / "out" / "log.csv")
    assert [row["step"] for row in log] == ["1", "2"]
    first, second = first_losses(folder, ranks=2)
    assert abs(first - second) > 1e-3  # neither alone would do
    assert float(log[0]["loss"]) == pytest.approx((first + second) / 2, abs=2e-5)
    assert all(
        tensor.isfinite().all()
        for tensor in load_file(folder / "out" / "model.safetensors").values()
    )
    assert find_model(str(folder / "out")).card.scores["validation"]["pixels"] == 40 * 33 - 33 * 5


def first_losses(folder: Path, ranks: int) -> list[float]:
    """The loss of each process's first step, computed here one after the other."""
    tables = merge(
        read_tables(folder / "config.toml"), {"training": {"steps": 2, "batch": 4, "crop": 64}}
    )
    data = prepare(parse(tables, folder), folder, None, silent)
    augment = Augment(data.config.augment, data.config.bands, data.config.scaling)
    card = replace(
        data.config.draft(), bands=measure_bands(data.config, data.pools["training"], augment)
    )
    losses = []
    for rank in range(ranks):
        torch.manual_seed(data.config.training.seed)
        learner = make_learner(data, card, None, Ranks(), silent)
        batch = next(batches(data.config, data.pools["training"], augment, 0, Ranks(rank, ranks)))
        torch.manual_seed(data.config.training.seed)
        losses.append(learner.learn(batch, 1.0, 0.5))
    return losses


def test_training_ends_early_with_the_best_weights(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(
            [
                "train",
                str(folder / "config.toml"),
                "--out",
                str(folder / "out"),
                "--rate",
                "1e-9",
                "--patience",
                "2",
                "--steps",
                "50",
            ]
        )
        == 0
    )
    rows = read_csv(folder / "out" / "log.csv")
    assert len(rows) < 50
    best = max(range(len(rows)), key=lambda i: (float(rows[i]["validation_mean_iou"]), -i))
    assert best == len(rows) - 3
    assert f"kept the weights after step {best + 1}" in capsys.readouterr().err


def test_options_alone_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A georeferenced scene and polygons: bands, type and pixel size are found, blocks are held
    out.
    """
    pixels = colours(200, 220)
    write(tmp_path / "town.tif", pixels, photometric="rgb")
    features = [
        {
            "type": "Feature",
            "properties": {"class": "ab"[i % 2]},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, y], [x + 200, y], [x + 200, y - 400], [x, y - 400], [x, y]]],
            },
        }
        for i, (x, y) in enumerate(
            (500_000 + 300 * c, 5_000_000 - 450 * r) for r in range(4) for c in range(7)
        )
    ]
    collection = {
        "type": "FeatureCollection",
        "features": features,
        "crs": {"type": "name", "properties": {"name": "EPSG:32633"}},
    }
    (tmp_path / "fields.geojson").write_text(json.dumps(collection))
    out = tmp_path / "fields-model"
    assert (
        run(
            [
                "train",
                "--scenes",
                str(tmp_path / "town.tif"),
                "--labels",
                str(tmp_path / "fields.geojson"),
                "--classes",
                "a=1:#0000ff,b=2",
                "--encoder",
                "small",
                "--steps",
                "2",
                "--crop",
                "32",
                "--batch",
                "2",
                "--out",
                str(out),
                "--device",
                "cpu",
            ]
        )
        == 0
    )
    card = find_model(str(out)).card
    assert (card.name, card.band_names, card.dtypes, card.gsd) == (
        "fields-model",
        ("red", "green", "blue"),
        ("uint8",),
        10.0,
    )
    assert [(label.value, label.name, label.colour) for label in card.labels] == [
        (1, "a", "#0000ff"),
        (2, "b", "#009e73"),
    ]
    assert card.scores["split"]["by"].startswith("blocks")
    assert "blocks for validation" in capsys.readouterr().err
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") >= 3
    assert "http" not in page.replace("http-equiv", "")  # it needs nothing from elsewhere


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scenes", "{t}/s.tif"], "only one of data.scenes and data.labels"),
        ([], "neither a configuration nor scenes are given"),
        (
            ["--scenes", "{t}/s.tif", "--labels", "{t}/l.tif"],
            "no classes are given; expected --classes",
        ),
        (
            ["--scenes", "{t}/s.tif", "--labels", "{t}/l.tif", "--classes", "a"],
            "--classes 'a'; expected NAME=VALUE",
        ),
        (
            ["--scenes", "{t}/s.tif", "--labels", "{t}/l.tif", "--classes", "a=1"],
            "there is only one class",
        ),
        (
            ["--scenes", "{t}/s.tif", "--labels", "{t}/l.tif", "--classes", "a=1,b=2"],
            "hold the values [0]",
        ),
        (
            [
                "--scenes",
                "{t}/s.tif",
                "--labels",
                "{t}/l.tif",
                "--classes",
                "a=0,b=2",
                "--validation",
                "0",
            ],
            "only a is labelled in the training samples",
        ),
        (
            [
                "--scenes",
                "{t}/s.tif",
                "--labels",
                "{t}/u.tif",
                "--classes",
                "a=1,b=2",
                "--validation",
                "0",
            ],
            "no pixel of the training samples is labelled",
        ),
        (
            ["--scenes", "{t}/s.tif", "--labels", "{t}/u.tif", "--classes", "a=1,b=2"],
            "no pixel of the samples is labelled",
        ),
        (
            ["--scenes", "{t}/s.tif", "--labels", "{t}/e.geojson", "--classes", "a=1,b=2"],
            "holds no features",
        ),
        (
            ["--scenes", "{t}/n.tif", "--labels", "{t}/l.tif", "--classes", "a=0,b=2"],
            "pixel size is unknown",
        ),
        (
            ["--scenes", "{t}/g.tif", "--labels", "{t}/l.tif", "--classes", "a=0,b=2"],
            "nothing tells which is which",
        ),
        (
            ["--scenes", "{t}/s.tif", "--labels", "{t}/far.tif", "--classes", "a=0,b=2"],
            "shares no ground",
        ),
        (
            [
                "--scenes",
                "{t}/s.tif",
                "--labels",
                "{t}/m.tif",
                "--classes",
                "a=0,b=2",
                "--encoder",
                "no",
            ],
            "unknown encoder 'no'",
        ),
        (
            [
                "--scenes",
                "{t}/s.tif",
                "--labels",
                "{t}/m.tif",
                "--classes",
                "a=0,b=2",
                "--encoder",
                "small",
                "--batch",
                "1",
            ],
            "too little for batch normalisation",
        ),
        (
            [
                "--scenes",
                "{t}/s.tif",
                "--labels",
                "{t}/m.tif",
                "--classes",
                "a=0,b=2",
                "--encoder",
                "small",
                "--architecture",
                "pan",
                "--crop",
                "96",
            ],
            "training.crop = 96; expected a multiple of 128",
        ),
        (["--samples", "{t}/t.csv", "--classes", "a=0,b=2"], "t.csv line 2: the scene"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    write(tmp_path / "s.tif", colours(64, 64), photometric="rgb")
    write(tmp_path / "g.tif", colours(64, 64, bands=2))
    write(
        tmp_path / "n.tif",
        colours(64, 64),
        photometric="rgb",
        crs=None,
        transform=(2.0, 0.0, 0.0, 0.0, -2.0, 0.0),
    )
    write(tmp_path / "l.tif", np.zeros((1, 64, 64), np.uint8))
    write(
        tmp_path / "m.tif", np.kron(np.eye(8, dtype=np.uint8) * 2, np.ones((8, 8), np.uint8))[None]
    )
    write(tmp_path / "u.tif", np.full((1, 64, 64), 255, np.uint8), nodata=255)
    write(
        tmp_path / "far.tif",
        np.zeros((1, 64, 64), np.uint8),
        transform=(10.0, 0.0, 9e5, 0.0, -10.0, 5e6),
    )
    (tmp_path / "e.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "t.csv").write_text("scene,label\nx.tif,l.tif\n")
    given = [option.format(t=tmp_path) for option in options]
    crop = [] if "--crop" in given else ["--crop", "32"]
    assert run(["train", *crop, *given, "--out", str(tmp_path / "out"), "--steps", "1"]) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out" / "card.json").exists()


def test_a_model_goes_on_with_other_classes_and_bands(tmp_path: Path) -> None:
    bundle = find_model(str(make_bundle(tmp_path / "old")))
    bands = (
        bundle.card.bands[2],
        replace(bundle.card.bands[0], name="nir", common_name="nir"),
        bundle.card.bands[0],
    )
    labels = (
        bundle.card.labels[3],
        bundle.card.labels[0],
        replace(bundle.card.labels[1], name="new"),
    )
    weights, said = adopt(bundle, replace(bundle.card, bands=bands, labels=labels))
    old = {name: tensor.float() for name, tensor in load_file(bundle.weights).items()}
    first, head = "encoder.features.0.0.weight", "segmentation_head.0.weight"
    assert torch.equal(weights[first][:, [0, 2]], old[first][:, [2, 0]])
    assert torch.allclose(weights[first][:, 1], old[first].mean(dim=1))
    assert torch.equal(weights[head][:2], old[head][[3, 0]])
    assert all(
        torch.equal(weights[name], old[name])
        for name in old
        if not name.startswith(first[:18]) and "segmentation_head" not in name
    )
    assert said == [
        "bands kept: blue, red; new: nir, which begin as the mean of the old ones",
        "classes kept: class 3, class 0; new: new, which are learned from nothing",
    ]


def test_a_configuration_goes_on_from_its_own_model(folder: Path) -> None:
    command = ["train", str(folder / "config.toml"), "--steps", "1", "--quiet"]
    assert run([*command, "--out", str(folder / "first")]) == 0
    assert run([*command, "--out", str(folder / "more"), "--from", str(folder / "first")]) == 0
    first, more = (find_model(str(folder / name)).card for name in ("first", "more"))
    assert (first.architecture, first.hyperparameters) == (more.architecture, more.hyperparameters)


def test_from_a_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its classes and bands are those that the configuration does not name, and its statistics
    stay.
    """
    model = make_bundle(folder / "old", labels=3)
    assert (
        run(
            [
                "train",
                "--from",
                str(model),
                "--samples",
                str(folder / "samples.csv"),
                "--classes",
                "class 0=0,dim=10,class 2=20",
                "--validation",
                "b",
                "--steps",
                "1",
                "--batch",
                "2",
                "--crop",
                "32",
                "--out",
                str(folder / "new"),
            ]
        )
        == 0
    )
    said = capsys.readouterr().err
    assert "bands kept: red, green, blue\n" in said
    assert "classes kept: class 0, class 2; new: dim, which are learned from nothing" in said
    old, new = find_model(str(model)).card, find_model(str(folder / "new")).card
    assert [(b.mean, b.std) for b in new.bands] == [(b.mean, b.std) for b in old.bands]
    assert [label.name for label in new.labels] == ["class 0", "dim", "class 2"]
    # of four scenes one is held out; nobody spoke of a licence or of limits
    assert new.trained_on == f"3 scenes, starting from {old.name}"
    assert (new.licence, new.limits) == ("", ())
    assert (
        "license"
        not in json.loads((folder / "new" / "card.json").read_text(encoding="utf-8"))["properties"]
    )
    assert (
        run(
            [
                "train",
                str(folder / "config.toml"),
                "--from",
                str(model),
                "--out",
                str(folder / "no"),
            ]
        )
        == 2
    )
    assert "--from brings the network of its model" in capsys.readouterr().err


def test_a_scene_larger_than_memory_trains(tmp_path: Path) -> None:
    """21 GB of pixels, sparse on the disk, with two fields far apart in it."""
    scene = tmp_path / "huge.tif"
    with rasterio.open(
        scene,
        "w",
        driver="GTiff",
        height=80_000,
        width=90_000,
        count=3,
        dtype="uint8",
        tiled=True,
        SPARSE_OK=True,
        BIGTIFF="YES",
        crs="EPSG:32633",
        transform=rasterio.Affine(*UTM33),
        photometric="rgb",
    ) as raster:
        raster.write(colours(512, 512), window=rasterio.windows.Window(70_000, 60_000, 512, 512))
    fields = [
        (f, 500_000 + 10 * (70_000 + x), 5_000_000 - 10 * (60_000 + y))
        for f, x, y in (
            ("a", 0, 0),
            ("b", 100, 50),
            ("a", 300, 300),
            ("b", 390, 410),
            ("b", -60_000, -40_000),
        )
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"class": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, y], [x + 900, y], [x + 900, y - 900], [x, y - 900], [x, y]]],
            },
        }
        for name, x, y in fields
    ]
    (tmp_path / "fields.geojson").write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": features,
                "crs": {"type": "name", "properties": {"name": "EPSG:32633"}},
            }
        )
    )
    config = parse(
        {
            "data": {
                "scenes": [str(scene)],
                "labels": [str(tmp_path / "fields.geojson")],
                "block": 200,
                "guard": 16,
            },
            "classes": [{"value": 1, "name": "a"}, {"value": 2, "name": "b"}],
            "network": {
                "architecture": "unet",
                "hyperparameters": {"encoder": "small", "decoder_channels": [16, 8, 8, 8, 8]},
            },
            "training": {"crop": 64, "batch": 2, "steps": 2, "warmup": 0},
        },
        tmp_path,
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    card = train(config, tmp_path / "out", device="cpu")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert card.scores["validation"]["pixels"] > 0
    assert grown < 1 << 20  # kilobytes: 1 GB
    assert os.stat(scene).st_size < 1 << 26  # noqa: PTH116
