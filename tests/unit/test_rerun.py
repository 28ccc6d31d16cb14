"""What an output says of how it was made, and that it can be made again from that alone."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from rasters import write
from stac_schemas import core

import geoseg
from geoseg.cli import run
from geoseg.core import checksum
from geoseg.core.card import read_card, write_card
from geoseg.core.checksum import SAMPLED, digest_file, digest_files
from geoseg.core.errors import InputError, OutputError
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.core.provenance import TAG, Input, Provenance, UsedModel, differences, read_provenance
from geoseg.models import Bundle, find_model
from geoseg.prediction.pipeline import segment
from geoseg.vector.provenance import find_provenance

NAMES = ("red", "green", "blue")
VECTORS = (".gpkg", ".fgb", ".parquet", ".geojson", ".pmtiles")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return find_model(str(make_bundle(tmp_path_factory.mktemp("model"))))


def make_scene(path: Path, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 200, (3, 7, 9)).repeat(16, 1).repeat(16, 2)
    pixels = (coarse + rng.integers(0, 40, coarse.shape)).astype(np.uint8)
    transform = rasterio.Affine(1.0, 0, 4e5, 0, -1.0, 5e6)
    write(path, pixels, NAMES, transform, photometric="RGB")
    return path


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return make_scene(tmp_path / "scene.tif")


def told_by(path: Path) -> Provenance:
    if path.suffix == ".tif":
        with rasterio.open(path) as raster:
            return read_provenance(raster.tags()[TAG], path.name)
    return read_provenance(find_provenance(path).text, path.name)


def test_every_format_says_how_it_was_made_and_is_made_again_to_the_same_bytes(
    bundle: Bundle, scene: Path, tmp_path: Path
) -> None:
    for number, suffix in enumerate((*VECTORS, ".tif")):
        out = tmp_path / f"map{suffix}"
        more = {"raster": tmp_path / "r.tif", "confidence": tmp_path / "c.tif"}
        given = more if number == 0 else {}
        geoseg.predict(scene, out, model=bundle.path, device="cpu", **given)
        told = told_by(out)
        assert told.command == "predict"
        assert told.scene == (str(scene),)
        (read,) = told.inputs
        assert (read.path, read.use) == (str(scene), "scene")
        assert read.size == scene.stat().st_size
        assert read.digest == digest_file(str(scene))
        (model,) = told.models
        assert (model.name, model.sha256) == (bundle.card.name, bundle.sha256)
        assert told.options["device"] == "cpu"
        assert told.computed["tile"] == 64
        assert told.versions["geoseg"] == geoseg.__version__
        assert {"gdal", "numpy", "python"} <= told.versions.keys()
        again = geoseg.rerun(out)
        assert again.equal, again.lines
    for name in ("r.tif", "c.tif"):  # each output by itself, of a run that wrote several
        assert geoseg.rerun(tmp_path / name).equal
    assert pq.read_schema(tmp_path / "map.parquet").metadata[TAG.encode()]
    assert json.loads((tmp_path / "map.geojson").read_text())[TAG]
    made = geoseg.rerun(tmp_path / "map.tif", tmp_path / "again.tif")
    assert made.equal
    assert (tmp_path / "again.tif").read_bytes() == (tmp_path / "map.tif").read_bytes()


def test_all_options_are_made_again(bundle: Bundle, scene: Path, tmp_path: Path) -> None:
    area = tmp_path / "area.geojson"
    ring = [[11.6, 45.1], [13.4, 45.1], [13.4, 45.16], [11.6, 45.16], [11.6, 45.1]]
    with rasterio.open(scene) as raster:
        left, bottom, right, top = rasterio.warp.transform_bounds(
            raster.crs, "EPSG:4326", *raster.bounds
        )
    middle = (left + right) / 2
    ring = [[left, bottom], [middle, bottom], [middle, top], [left, top], [left, bottom]]
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    merged = tmp_path / "classes.json"
    merged.write_text('{"both": ["class 0", "class 1"]}')
    out = tmp_path / "maps.gpkg"
    geoseg.predict(
        scene,
        f"{out}|layername=one",
        model=[bundle.path, bundle.path],
        weights=(2, 1),
        device="cpu",
        tta="flips",
        aoi=area,
        rename_classes=merged,
        zonal=("red",),
        min_area=9,
        smooth=1,
    )
    geoseg.predict(scene, f"{out}|layername=two", model=bundle.path, device="cpu")
    merged.unlink()  # what was merged is said in whole
    assert geoseg.rerun(f"{out}|layername=one").differences == ()
    assert geoseg.rerun(f"{out}|layername=two").differences == ()
    with pytest.raises(InputError, match="2 maps: one, two"):
        geoseg.rerun(out)
    ring[1][0] = ring[2][0] = left + (right - left) / 3
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    with pytest.raises(InputError, match=r"area\.geojson has changed"):
        geoseg.rerun(f"{out}|layername=one")
    # replacing a layer leaves nothing behind that was said of the former one
    geoseg.predict(scene, f"{out}|layername=two", model=bundle.path, device="cpu", overwrite=True)
    with closing(sqlite3.connect(out)) as database:
        (count,) = database.execute("SELECT count(*) FROM gpkg_metadata").fetchone()
        (known,) = database.execute(
            "SELECT count(*) FROM gpkg_extensions WHERE table_name LIKE 'gpkg_metadata%'"
        ).fetchone()
    assert (count, known) == (2, 2)


def test_under_another_name_it_is_the_same_map(bundle: Bundle, scene: Path, tmp_path: Path) -> None:
    for layers in ("one", "class"):
        out = tmp_path / f"{layers}.gpkg"
        geoseg.predict(scene, out, model=bundle.path, device="cpu", layers=layers)
        copy = tmp_path / f"copy of {layers}.gpkg"
        shutil.copyfile(out, copy)
        assert geoseg.rerun(copy).equal
        found = geoseg.rerun(copy, tmp_path / f"again {layers}.gpkg")
        assert found.differences == ()
    found = geoseg.rerun(tmp_path / "one.gpkg", f"{tmp_path / 'a.gpkg'}|layername=other")
    assert found.differences == ()


def test_regions_and_mosaics(bundle: Bundle, tmp_path: Path) -> None:
    folder = tmp_path / "tiles"
    folder.mkdir()
    for column in range(2):
        rng = np.random.default_rng(column)
        pixels = rng.integers(0, 250, (3, 80, 80)).astype(np.uint8)
        transform = rasterio.Affine(1.0, 0, 4e5 + 80 * column, 0, -1.0, 5e6)
        write(folder / f"{column}.tif", pixels, NAMES, transform, photometric="RGB")
    out = tmp_path / "map.fgb"
    geoseg.predict(folder, out, model=bundle.path, device="cpu", mosaic="first")
    make_scene(folder / "later.tif")  # what came into the folder since is no part of the map
    assert len(told_by(out).inputs) == 2
    assert geoseg.rerun(out).equal
    part = str(tmp_path / "part.tif")
    options = Options.of(device="cpu")
    segment(
        Job(
            (str(folder / "0.tif"),), str(bundle.path), part, options=options, region=(9, 3, 70, 80)
        )
    )
    assert geoseg.rerun(part).equal


def test_what_has_changed_is_named_and_nothing_is_made(
    bundle: Bundle, scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "map.tif"
    model = tmp_path / "model"
    shutil.copytree(bundle.path, model)
    geoseg.predict(scene, out, model=model, device="cpu")
    before = out.read_bytes()
    make_scene(scene, seed=1)
    assert run(["rerun", str(out)]) == 2
    assert "scene.tif has changed" in capsys.readouterr().err
    assert run(["rerun", str(out), "--force"]) == 1
    assert "differs in" in capsys.readouterr().out
    assert run(["rerun", str(out), "--force", "--json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert not facts["equal"]
    assert facts["differences"]
    make_scene(scene)
    weights = model / "model.safetensors"
    make_bundle(model, labels=5, encoder="resnet18")
    with pytest.raises(InputError, match="has weights of SHA-256"):
        geoseg.rerun(out)
    shutil.copyfile(bundle.weights, weights)
    shutil.copyfile(bundle.path / "card.json", model / "card.json")
    assert run(["rerun", str(out)]) == 0
    assert "equal, byte for byte" in capsys.readouterr().out
    assert run(["rerun", str(out), "--json"]) == 0
    told = {"output": str(out), "made": None, "equal": True, "differences": []}
    assert json.loads(capsys.readouterr().out) == told
    assert out.read_bytes() == before
    card = read_card(model / "card.json")
    red, *others = card.bands
    write_card(replace(card, bands=(replace(red, mean=99.0), *others)), model / "card.json")
    with pytest.raises(InputError, match="the card of the model"):
        geoseg.rerun(out)
    write_card(replace(card, description="other words"), model / "card.json")
    assert geoseg.rerun(out).equal
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    scene.rename(moved / scene.name)
    with pytest.raises(InputError, match="is not there"):
        geoseg.rerun(out)
    assert geoseg.rerun(out, inputs=moved).equal  # wherever it lies
    assert geoseg.rerun(out, inputs=moved / scene.name).equal


def test_polygons_of_a_class_raster_are_made_again(tmp_path: Path) -> None:
    values = np.random.default_rng(2).integers(0, 3, (1, 40, 50)).astype(np.uint8)
    raster = write(tmp_path / "c.tif", values, nodata=255)
    for suffix in (".gpkg", ".parquet"):
        out = tmp_path / f"map{suffix}"
        geoseg.vectorize(raster, out, classes=(0, 1), min_area=2, confidence=raster)
        told = told_by(out)
        assert [one.use for one in told.inputs] == ["classes", "confidence"]
        assert geoseg.rerun(out).equal
    write(tmp_path / "c.tif", values[:, ::-1], nodata=255)
    with pytest.raises(InputError, match=r"c\.tif has changed"):
        geoseg.rerun(tmp_path / "map.gpkg")


def test_an_item_tells_of_all_files_of_a_map(bundle: Bundle, scene: Path, tmp_path: Path) -> None:
    shape, classes, item = tmp_path / "map.shp", tmp_path / "map.tif", tmp_path / "map.json"
    with rasterio.open(scene, "r+") as raster:
        raster.update_tags(SENSING_TIME="2026-08-16T10:30:31.024Z")
    how = {"raster": classes, "model": bundle.path, "device": "cpu"}
    found = geoseg.predict(scene, shape, stac=item, **how)
    assert found.outputs == (str(shape), str(classes), str(item))
    told = json.loads(item.read_text())
    core().validate(told)
    assert told["properties"]["datetime"] == "2026-08-16T10:30:31Z"
    assert told["properties"]["proj:code"] == "EPSG:32633"
    assert told["properties"]["geoseg:provenance"]["models"][0]["sha256"] == bundle.sha256
    asset = told["assets"]["classes"]
    assert asset["href"] == "map.tif"
    assert asset["file:size"] == classes.stat().st_size
    digest = hashlib.sha256(classes.read_bytes()).hexdigest()
    assert asset["file:checksum"] == f"1220{digest}"
    assert geoseg.rerun(item).equal
    make_scene(scene, seed=2)
    with pytest.raises(InputError, match=r"scene\.tif has changed"):
        geoseg.rerun(item)
    shape.unlink()
    with pytest.raises(InputError, match="is not there"):
        geoseg.rerun(item)
    item.write_text("{}")
    with pytest.raises(InputError, match="is no STAC item"):
        geoseg.rerun(item)


def test_what_cannot_be_made_again_says_why(bundle: Bundle, tmp_path: Path, scene: Path) -> None:
    with rasterio.open(scene) as raster:
        pixels, place, crs = raster.read(), raster.transform, raster.crs
    out = tmp_path / "map.tif"
    how = {"transform": place, "crs": crs, "band_names": NAMES, "device": "cpu"}
    geoseg.predict(pixels, out, model=bundle.path, **how)
    assert str(tmp_path) not in told_by(out).inputs[0].path
    with pytest.raises(InputError, match="lay in memory"):
        geoseg.rerun(out)
    with pytest.raises(InputError, match="does not say how it was made"):
        geoseg.rerun(scene)
    shape = tmp_path / "map.shp"
    geoseg.predict(scene, shape, model=bundle.path, device="cpu")
    with pytest.raises(InputError, match="a shapefile has no place"):
        geoseg.rerun(shape)
    with pytest.raises(InputError, match="does not exist"):
        geoseg.rerun(tmp_path / "none.tif")


def test_what_a_file_says_writes_nowhere_and_replaces_nothing(
    bundle: Bundle, scene: Path, tmp_path: Path
) -> None:
    made = tmp_path / "map.gpkg"
    geoseg.predict(scene, made, model=bundle.path, device="cpu")
    other = tmp_path / "precious.gpkg"
    for name in (
        f"../{'../' * 9}{other.with_suffix('')}",
        str(other.with_suffix("")),
        "a|b\n",
        "..",
    ):
        out = tmp_path / "strange.gpkg"
        shutil.copyfile(made, out)
        with closing(sqlite3.connect(out)) as database, database:
            database.execute(
                "UPDATE gpkg_contents SET description = replace(description, 'map map,', ?)",
                (f"map {name},",),
            )
            database.execute(
                "UPDATE gpkg_metadata SET metadata = replace(metadata, ?, ?)",
                ("min_area", "overwrite&quot;:true,&quot;min_area"),
            )
        for there in (False, True):
            other.unlink(missing_ok=True)
            if there:
                other.write_bytes(b"precious")
            assert not geoseg.rerun(out).equal
            assert other.exists() == there
            assert not there or other.read_bytes() == b"precious"
    flat = tmp_path / "map.fgb"
    geoseg.predict(scene, flat, model=bundle.path, device="cpu")
    strange = tmp_path / "strange.fgb"
    told = {TAG: find_provenance(flat).text}
    name = f"{'../' * 9}{tmp_path}/new"
    pyogrio.write_dataframe(pyogrio.read_dataframe(flat), strange, name, layer_metadata=told)
    assert find_provenance(strange).name == name
    assert geoseg.rerun(strange).differences == ()
    assert not (tmp_path / "new.fgb").exists()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"models": []}, "by which model"),
        ({"scene": "scene.tif"}, "not a list"),
        ({"scene": ["a" * 5000]}, "is not there"),
        ({"region": [float("inf"), 0, 1, 1]}, "cannot be read"),
        ({"options": {"hack": 1}}, "hack"),
    ],
)
def test_what_a_file_says_of_how_it_was_made_may_be_nonsense(
    bundle: Bundle, scene: Path, tmp_path: Path, change: dict[str, object], text: str
) -> None:
    out = tmp_path / "map.tif"
    told = {
        "command": "predict",
        "scene": [str(scene)],
        "models": [{"given": str(bundle.path), "name": "m", "sha256": bundle.sha256}],
    }
    write(out, np.zeros((1, 8, 8), np.uint8), nodata=255)
    with rasterio.open(out, "r+") as raster:
        raster.update_tags(geoseg_output="classes", **{TAG: json.dumps(told | change)})
    with pytest.raises(InputError, match=text):
        geoseg.rerun(out)


def test_that_a_map_once_replaced_another_is_no_word_for_today(
    bundle: Bundle, scene: Path, tmp_path: Path
) -> None:
    out = tmp_path / "map.tif"
    geoseg.predict(scene, out, model=bundle.path, device="cpu")
    told = json.loads(told_by(out).text())
    told["options"]["overwrite"] = True
    with rasterio.open(out, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as raster:
        raster.update_tags(**{TAG: json.dumps(told)})
    before = out.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        geoseg.rerun(out, out)
    assert out.read_bytes() == before


@given(st.binary(min_size=1, max_size=300), st.integers(0, 299), st.booleans())
def test_a_digest_tells_files_apart(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, place: int, sampled: bool
) -> None:
    folder = tmp_path_factory.mktemp("digests")
    changed = bytearray(data)
    changed[place % len(data)] ^= 1
    (folder / "a").write_bytes(data)
    (folder / "b").write_bytes(bytes(changed))
    (folder / "c").write_bytes(data + b"x")
    (folder / "d").write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        if sampled:
            patch.setattr(checksum, "MOST", 1)
            patch.setattr(checksum, "PIECE", 1 << 5)
            patch.setattr(checksum, "PIECES", 2)
        found = [digest for _, digest in digest_files([str(folder / name) for name in "abcd"])]
        checksum._digest.cache_clear()  # the samples are of another size than a run's
    small = not sampled or len(data) <= 64
    assert found[0] == found[3]
    assert found[0] != found[2]
    assert found[0].startswith(SAMPLED) == (not small)
    if small or place % len(data) < 32 or place % len(data) >= len(data) - 32:
        assert found[0] != found[1]


def test_what_is_said_is_read_again_and_says_no_secrets() -> None:
    told = Provenance(
        "predict",
        ("https://user:pw@h.org/a.tif?token=S3CRET",),
        (Input("https://h.org/a.tif?token=S3CRET", "scene", 5, 'etag:"x"'),),
        (UsedModel("m", "m", "00", "MIT", ("somebody",)),),
        {"tile": None, "gsd": "native"},
        {"tile": 64},
        {"geoseg": "1"},
        (0, 0, 5, 5),
    )
    text = told.text()
    assert "S3CRET" not in text
    assert "pw@" not in text
    again = read_provenance(text, "x")
    assert again.text() == text
    assert differences(again, told) == []
    for broken in ("", "[]", "{", '{"command": 5}', '{"command": "x", "inputs": [{"path": []}]}'):
        with pytest.raises(InputError, match="cannot be read"):
            read_provenance(broken, "x")
