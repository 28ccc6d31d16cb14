"""The whole chain on real networks and small scenes, against whole-array computations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import torch
from bundles import make_bundle
from cards import S2
from rasters import colours, write

import geoseg
from geoseg.core.card import NODATA, Scaling
from geoseg.core.errors import InputError, OutputError
from geoseg.core.events import Event, Finished, Noted, Progress
from geoseg.core.grid import Tiling, Window
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.models import Bundle, find_model, load_model
from geoseg.prediction import pipeline, run
from geoseg.prediction.stitch import weights
from geoseg.prediction.summary import improbable
from geoseg.scene import describe, fit

TRANSFORM = rasterio.Affine(1.0, 0, 400_000, 0, -1.0, 5_000_000)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A small U-Net with random weights for three bands of 8 bits at 1 m; tiles of 64 px."""
    return find_model(str(make_bundle(tmp_path_factory.mktemp("bundle"))))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def scene(path: Path, height: int, width: int, seed: int = 0, **profile: object) -> np.ndarray:
    """Write blobs and noise in three named bands; return the pixels."""
    rng = np.random.default_rng(seed)
    coarse = (
        rng.integers(0, 256, (3, height // 16 + 2, width // 16 + 2)).repeat(16, 1).repeat(16, 2)
    )
    pixels = (coarse[:, :height, :width] * 0.8 + rng.integers(0, 50, (3, height, width))).astype(
        np.uint8
    )
    keys = {"crs": "EPSG:32632", "transform": TRANSFORM, "dtype": "uint8"} | profile
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=3, **keys
    ) as raster:
        raster.write(pixels)
        raster.descriptions = ("red", "green", "blue")
    return pixels


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read(1)


def reference(bundle: Bundle, pixels: np.ndarray, tiling: Tiling) -> np.ndarray:
    """Labels by one blend over the whole array in float64; the scene is larger than a tile."""
    model = load_model(bundle, Scaling(), "cpu")
    down, across = weights(tiling, tiling.tops), weights(tiling, tiling.lefts)
    total = np.zeros((len(bundle.card.labels), *pixels.shape[1:]))
    for tile in tiling.tiles():
        rows, columns = tile.within(tiling.extent)
        scores = model(pixels[None, :, rows, columns], np.ones((1, *tile.shape), bool))[0]
        total[:, rows, columns] += scores.astype(float) * np.outer(
            down[tile.top], across[tile.left]
        )
    return total.argmax(0)


def test_a_map_equals_the_whole_array_computation(bundle: Bundle, tmp_path: Path) -> None:
    pixels = scene(tmp_path / "scene.tif", 301, 233)
    out, confidence = tmp_path / "map.tif", tmp_path / "confidence.tif"
    summary = geoseg.predict(
        tmp_path / "scene.tif", out, model=bundle.path, confidence=confidence, device="cpu"
    )
    tiling = Tiling(301, 233, bundle.card.tile, bundle.card.overlap)
    assert (read(out) == reference(bundle, pixels, tiling)).mean() > 0.9999
    assert summary.pixels == 301 * 233
    assert summary.nodata_pixels == 0
    assert sum(summary.shares.values()) == pytest.approx(1)
    assert 0 < read(confidence).min() <= read(confidence).max() <= 100
    with rasterio.open(out) as raster:
        assert raster.crs.to_epsg() == 32632
        assert raster.transform == TRANSFORM
        assert raster.nodata == NODATA
        assert raster.tags()["geoseg_model_sha256"] == bundle.sha256
        assert json.loads(raster.tags()["geoseg_provenance"])["options"]["device"] == "cpu"


@pytest.mark.parametrize("policy", ["blend", "crop"])
def test_parts_of_columns_give_the_same_bytes(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    scene(tmp_path / "scene.tif", 90, 1300)
    geoseg.predict(
        tmp_path / "scene.tif",
        tmp_path / "one.tif",
        model=bundle.path,
        device="cpu",
        overlap_policy=policy,
    )
    monkeypatch.setattr(run, "WIDEST", 200)
    geoseg.predict(
        tmp_path / "scene.tif",
        tmp_path / "many.tif",
        model=bundle.path,
        device="cpu",
        overlap_policy=policy,
    )
    np.testing.assert_array_equal(read(tmp_path / "one.tif"), read(tmp_path / "many.tif"))


@pytest.mark.parametrize("model", ["auto", "named"])
def test_a_scene_is_described_once_and_opened_twice(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    """Once for its headers, once to be read: whatever is known of it is handed on."""
    paths = []
    for i, name in enumerate(("red", "green", "blue")):
        pixels = scene(tmp_path / "scene.tif", 80, 90, seed=i)[:1]
        paths.append(write(tmp_path / f"{name}.tif", pixels, [name], transform=TRANSFORM))
    opened: Counter[str] = Counter()
    described = []
    matched = []
    rasters = rasterio.open
    bands = describe.describe_bands
    match = fit.match_bands

    def counted(path: str, *args: object, **keywords: object) -> object:
        opened[str(path)] += not args or args[0] == "r"
        return rasters(path, *args, **keywords)

    monkeypatch.setattr(rasterio, "open", counted)
    monkeypatch.setattr(
        describe,
        "describe_bands",
        lambda dataset, path, *more: described.append(path) or bands(dataset, path, *more),
    )
    monkeypatch.setattr(
        fit, "match_bands", lambda info, card, _: matched.append(card) or match(info, card, _)
    )
    monkeypatch.setattr(run, "list_models", lambda: [bundle])
    job = Job(
        tuple(paths),
        "auto" if model == "auto" else str(bundle.path),
        str(tmp_path / "map.tif"),
        str(tmp_path / "map.gpkg"),
        options=Options.of(device="cpu"),
    )
    pipeline.segment(job)
    assert described == paths
    # auto: as its pixels lie, which says whether the size is known, and as they are read
    assert len(matched) == (2 if model == "auto" else 1)
    assert {path: opened[path] for path in paths} == dict.fromkeys(paths, 2)


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (1, 77), (80, 1), (17, 31), (33, 65), (63, 300)]
)
def test_scenes_of_any_size(bundle: Bundle, tmp_path: Path, height: int, width: int) -> None:
    scene(tmp_path / "scene.tif", height, width)
    summary = geoseg.predict(
        tmp_path / "scene.tif", tmp_path / "map.tif", model=bundle.path, force=True
    )
    assert read(tmp_path / "map.tif").shape == (height, width)
    assert summary.pixels == height * width


def test_nodata_stays_nodata_and_changes_nothing_far_away(bundle: Bundle, tmp_path: Path) -> None:
    pixels = scene(tmp_path / "full.tif", 200, 400)
    scene(tmp_path / "holes.tif", 200, 400, nodata=0)
    with rasterio.open(tmp_path / "holes.tif", "r+") as raster:
        pixels[:, :, :150] = 0
        pixels[:, 20:30, 300:310] = 0
        raster.write(pixels)
    for name in ("full", "holes"):
        geoseg.predict(
            tmp_path / f"{name}.tif", tmp_path / f"{name}_map.tif", model=bundle.path, device="cpu"
        )
    full, holes = read(tmp_path / "full_map.tif"), read(tmp_path / "holes_map.tif")
    np.testing.assert_array_equal(holes == NODATA, (pixels == 0).all(axis=0))
    assert (full[:, 310:] == holes[:, 310:]).mean() > 0.5
    tile = bundle.card.tile
    np.testing.assert_array_equal(full[100:, 310 + 2 * tile :], holes[100:, 310 + 2 * tile :])


def test_polygons_of_an_area_equal_the_raster(bundle: Bundle, tmp_path: Path) -> None:
    scene(tmp_path / "scene.tif", 200, 260)
    area = "POLYGON ((400030.5 4999990, 400200 4999900, 400100 4999820, 400030.5 4999990))"
    geoseg.predict(tmp_path / "scene.tif", tmp_path / "whole.tif", model=bundle.path)
    summary = geoseg.predict(
        tmp_path / "scene.tif",
        tmp_path / "map.gpkg",
        raster=tmp_path / "part.tif",
        model=bundle.path,
        aoi=area,
    ).summary
    with rasterio.open(tmp_path / "part.tif") as raster:
        part, left, top = (
            raster.read(1),
            raster.transform.c - 400_000,
            5_000_000 - raster.transform.f,
        )
    whole = read(tmp_path / "whole.tif")[
        int(top) : int(top) + part.shape[0], int(left) : int(left) + part.shape[1]
    ]
    inside = part != NODATA
    assert 0.3 < inside.mean() < 0.7
    np.testing.assert_array_equal(part[inside], whole[inside])
    polygons = pyogrio.read_dataframe(tmp_path / "map.gpkg", layer="map")
    assert len(polygons) == summary.polygons > 0
    assert polygons.is_valid.all()
    assert polygons.area.sum() == pytest.approx(inside.sum())
    assert set(tmp_path.iterdir()) >= {tmp_path / "map.gpkg", tmp_path / "part.tif"}
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*"))


def test_events_tell_the_whole_story(bundle: Bundle, tmp_path: Path) -> None:
    scene(tmp_path / "scene.tif", 100, 100)
    events: list[Event] = []
    found = geoseg.predict(
        tmp_path / "scene.tif", tmp_path / "map.tif", model=bundle.path, report=events.append
    )
    assert events[-1] == Finished(found.summary)
    assert any(isinstance(event, Noted) for event in events)
    done = [event for event in events if isinstance(event, Progress) and event.stage == "segment"]
    assert (done[0].done, done[-1].done, done[-1].total) == (0, 10_000, 10_000)
    assert done[-1].device.startswith(("cpu", "cuda"))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"tile": 100}, "multiple of 32"),
        ({"overlap_policy": "mean"}, "blend or crop"),
        ({"device": "tpu"}, "--device tpu"),
        ({"colour": 1}, "unknown option"),
    ],
)
def test_wrong_options_are_refused(
    bundle: Bundle, tmp_path: Path, options: dict[str, object], text: str
) -> None:
    scene(tmp_path / "scene.tif", 300, 300)
    with pytest.raises(InputError, match=text):
        geoseg.predict(tmp_path / "scene.tif", tmp_path / "map.tif", model=bundle.path, **options)
    assert not (tmp_path / "map.tif").exists()


def test_an_existing_output_is_kept_unless_told(bundle: Bundle, tmp_path: Path) -> None:
    scene(tmp_path / "scene.tif", 64, 64)
    (tmp_path / "map.tif").write_text("precious")
    with pytest.raises(OutputError, match="--overwrite"):
        geoseg.predict(tmp_path / "scene.tif", tmp_path / "map.tif", model=bundle.path)
    assert (tmp_path / "map.tif").read_text() == "precious"
    geoseg.predict(tmp_path / "scene.tif", tmp_path / "map.tif", model=bundle.path, overwrite=True)
    assert read(tmp_path / "map.tif").shape == (64, 64)


def test_regions_of_a_scene_give_the_bytes_of_the_whole(bundle: Bundle, tmp_path: Path) -> None:
    scene(tmp_path / "scene.tif", 200, 330)
    path, area = (
        str(tmp_path / "scene.tif"),
        "POLYGON ((400030 4999990, 400300 4999900, 400100 4999820, 400030 4999990))",
    )
    for options, name in (
        (Options.of(device="cpu"), "whole"),
        (Options.of(device="cpu", aoi=area), "area"),
    ):
        pipeline.segment(
            Job((path,), str(bundle.path), str(tmp_path / f"{name}.tif"), options=options)
        )
        with rasterio.open(tmp_path / f"{name}.tif") as raster:
            top, left = round(5_000_000 - raster.transform.f), round(raster.transform.c - 400_000)
            expected = raster.read(1)
        found = np.full((200, 330), NODATA, np.uint8)
        for region in Window(0, 0, 200, 330).blocks(110, 170):
            window = (region.top, region.left, region.bottom, region.right)
            out = tmp_path / f"{name}_{region.top}_{region.left}.tif"
            pipeline.segment(
                Job((path,), str(bundle.path), str(out), options=options, region=window)
            )
            with rasterio.open(out) as raster:
                row, column = (
                    round(5_000_000 - raster.transform.f),
                    round(raster.transform.c - 400_000),
                )
                found[row : row + raster.height, column : column + raster.width] = raster.read(1)
        np.testing.assert_array_equal(
            found[top:, left:][: expected.shape[0], : expected.shape[1]], expected
        )


@pytest.mark.parametrize("region", [(0, 0, 65, 64), (0, 0, 0, 64), (0, 0, 64)])
def test_a_region_outside_of_the_scene_is_refused(
    bundle: Bundle, tmp_path: Path, region: tuple[int, ...]
) -> None:
    scene(tmp_path / "scene.tif", 64, 64)
    with pytest.raises(InputError, match="region"):
        pipeline.segment(
            Job(
                (str(tmp_path / "scene.tif"),),
                str(bundle.path),
                str(tmp_path / "m.tif"),
                region=region,
            )
        )


def test_a_constant_area_is_a_warning_of_the_summary_wherever_it_lies(
    tmp_path: Path, bundle: Bundle
) -> None:
    """Of a scene of 900 x 900 pixels nine windows are looked at before the run; this area lies
    between them.
    """
    scene = colours(900, 900)
    scene[:, 262:318, 262:318] = 0
    place = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
    path = write(tmp_path / "a.tif", scene, transform=place, photometric="RGB")
    aoi = (
        "POLYGON ((500200 4999800, 500400 4999800, 500400 4999600, 500200 4999600, 500200 4999800))"
    )
    found = geoseg.predict(
        path, tmp_path / "a_map.tif", model=bundle.path, device="cpu", engine="torch", aoi=aoi
    )
    assert any(
        "is 0 in all bands without being marked as nodata" in text for text in found.warnings
    )
    declared = write(tmp_path / "b.tif", scene, transform=place, photometric="RGB", nodata=0)
    found = geoseg.predict(
        declared, tmp_path / "b_map.tif", model=bundle.path, device="cpu", engine="torch", aoi=aoi
    )
    assert found.warnings == ()


def test_a_map_of_one_class_that_the_model_hardly_knows_is_warned_of() -> None:
    seen = {label.name: {"pixels": 1000} for label in S2.labels}
    card = replace(S2, scores={"held_out": {"classes": seen | {"snow and ice": {"pixels": 3}}}})
    shares = dict.fromkeys(seen, 0.0)
    assert "snow and ice" in improbable(shares | {"snow and ice": 0.97, "water": 0.03}, card)
    assert improbable(shares | {"snow and ice": 0.6, "water": 0.4}, card) == ""
    assert improbable(shares | {"water": 1.0}, card) == ""
    assert improbable(shares | {"water": 1.0}, S2) == ""  # nothing was measured
