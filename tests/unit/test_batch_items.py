"""Scenes from STAC items: which assets are taken, what items say of them, and what is refused."""

from __future__ import annotations

import cProfile
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pystac
import pytest
import rasterio
from batches import OPTIONS, do, make_home, planned, rasters, record, state, write_scene
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geoseg.batches.plan import (
    Recipe,
    Scene,
    Unit,
    cards_of,
    create_batch,
    open_batch,
    read_unit,
    settled,
    unit_line,
    weights_of,
)
from geoseg.batches.scenes import find_scenes, stac_item_events
from geoseg.batches.status import count_units
from geoseg.batches.work import Tally
from geoseg.core.card import read_card, write_card
from geoseg.core.errors import InputError
from geoseg.core.events import Noted, Warned
from geoseg.core.grid import Grid
from geoseg.core.machine import allowed_memory, default_memory
from geoseg.core.options import Options
from geoseg.core.spectra import Spectra
from geoseg.core.tiling import choose_tiling
from geoseg.prediction.stac_scene import scene_of_item
from geoseg.scene.item_metadata import (
    ItemMetadata,
    check_metadata,
    metadata_from_data,
    metadata_to_data,
    options_of,
)
from geoseg.scene.stac_assets import located

S2 = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")
KEYS = ("blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "swir16", "swir22")
SIZES = (10, 10, 10, 20, 20, 20, 10, 20, 20)
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
Item = dict[str, Any]


def make_item(assets: Item, name: str = "scene", **properties: Any) -> Item:
    shape = box(9, 45, 10, 46)
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "geometry": shape.__geo_interface__,
        "bbox": list(shape.bounds),
        "links": [],
        "assets": assets,
        "properties": {"datetime": "2024-05-01T10:00:00Z"} | properties,
    }


def by_key(folder: str = "S2A_0_L2A", **changes: Any) -> Item:
    """Assets whose keys and band names are common names, beside JPEG 2000 twins, a picture and a
    thumbnail.
    """
    scaling = {"nodata": 0, "data_type": "uint16", "scale": 0.0001, "offset": -0.1} | changes
    assets: Item = {}
    for key, code, size in zip(KEYS, S2, SIZES, strict=True):
        bands = {
            "eo:bands": [{"name": key, "common_name": key.rstrip("123")}],
            "raster:bands": [scaling | {"spatial_resolution": size}],
        }
        assets[f"{key}-jp2"] = {
            "href": f"s3://bucket/{code}.jp2",
            "type": "image/jp2",
            "roles": ["data"],
        } | bands
        assets[key] = {
            "href": f"https://x/{folder}/{code}.tif",
            "type": COG,
            "roles": ["data"],
        } | bands
    colours = [{"name": name, "common_name": name} for name in ("red", "green", "blue")]
    assets["visual"] = {
        "href": "https://x/TCI.tif",
        "type": COG,
        "roles": ["visual"],
        "eo:bands": colours,
    }
    assets["scl"] = {"href": "https://x/SCL.tif", "type": COG, "roles": ["data"]}
    assets["thumbnail"] = {
        "href": "https://x/preview.jpg",
        "type": "image/jpeg",
        "roles": ["thumbnail"],
    }
    return assets


def by_size() -> Item:
    """Assets of STAC 1.1, each band at all pixel sizes that a product has."""
    return {
        f"{code}_{side}m": {
            "href": f"T32_{code}_{side}m.jp2",
            "type": "image/jp2",
            "gsd": side,
            "bands": [{"name": code, "eo:common_name": "red" if code == "B04" else "other"}],
            "raster:scale": 0.0001,
            "raster:offset": -0.1,
        }
        for code, size in zip(S2, SIZES, strict=True)
        for side in (10, 20, 60)
        if side >= size
    } | {
        "TCI_10m": {
            "href": "T32_TCI_10m.jp2",
            "type": "image/jp2",
            "gsd": 10,
            "roles": ["visual"],
            "bands": [{"name": name} for name in ("B04", "B03", "B02")],
        }
    }


def read(
    item: Item, tmp_path: Path, model: str = "landcover-s2", options: Options | None = None
) -> Scene:
    (tmp_path / "item.json").write_text(json.dumps(item))
    (scene,) = find_scenes([str(tmp_path / "item.json")], model, options)
    return scene


def problem(
    item: Item, tmp_path: Path, options: Options | None = None, model: str = "landcover-s2"
) -> str:
    scene = read(item, tmp_path, model, options)
    assert scene.paths == (scene.item_metadata.item,)
    return scene.item_metadata.problem


@pytest.mark.parametrize("model", ["landcover-s2", "auto"])
@pytest.mark.parametrize(
    ("assets", "hrefs"),
    [
        (by_key(), [f"https://x/S2A_0_L2A/{code}.tif" for code in S2]),
        (by_size(), [f"T32_{code}_{size}m.jp2" for code, size in zip(S2, SIZES, strict=True)]),
    ],
    ids=["common names", "pixel sizes"],
)
def test_the_assets_of_the_models_bands_are_taken(
    assets: Item, hrefs: list[str], model: str, tmp_path: Path
) -> None:
    scene = read(make_item(assets, platform="sentinel-2a"), tmp_path, model)
    assert list(scene.paths) == [href if "://" in href else str(tmp_path / href) for href in hrefs]
    assert (scene.item_metadata.bands, scene.item_metadata.counts) == (
        tuple(range(1, 10)),
        (1,) * 9,
    )
    assert scene.item_metadata.scaling == (0.0001, -0.1)
    assert (scene.item_metadata.when, scene.item_metadata.problem) == ("2024-05-01T10:00:00Z", "")


@given(st.permutations(list(by_key().items())))
def test_the_order_of_the_assets_does_not_matter(assets: list[tuple[str, Item]]) -> None:
    item = make_item(dict(assets), platform="sentinel-2b")
    scene = scene_of_item(item, "/x/items.json", 1, cards_of("landcover-s2"), Options())
    assert [path.rpartition("/")[2] for path in scene.paths] == [f"{code}.tif" for code in S2]


def test_one_asset_may_hold_several_bands(tmp_path: Path) -> None:
    names = [{"name": name} for name in ("NIR", "Blue", "Green", "Red")]
    scene = read(
        make_item({"image": {"href": "naip.tif", "eo:bands": names, "gsd": 1}}), tmp_path, "auto"
    )
    assert (scene.paths, scene.item_metadata.bands, scene.item_metadata.counts) == (
        (str(tmp_path / "naip.tif"),),
        (4, 3, 2, 1),
        (4,),
    )
    bare = read(
        make_item({"data": {"href": "a.tif"}, "info": {"href": "a.xml", "type": "text/xml"}}),
        tmp_path,
    )
    assert (bare.paths, bare.item_metadata.bands) == ((str(tmp_path / "a.tif"),), ())


def test_what_a_picture_shows_is_no_data(tmp_path: Path) -> None:
    assets = by_key()
    del assets["red"], assets["red-jp2"]
    assert "without B04" in problem(make_item(assets, platform="sentinel-2a"), tmp_path)
    picture = {key: assets[key] for key in ("visual", "scl")}
    assert read(make_item(picture), tmp_path, "landcover-rgb").paths == ("https://x/TCI.tif",)


def test_items_of_landsat_are_not_sentinels(tmp_path: Path) -> None:
    assets = {
        f"B{i}": {"href": f"LC08_SR_B{i}.TIF", "eo:bands": [{"name": f"OLI_B{i}"}]}
        for i in range(1, 8)
    }
    assert "the item is of Landsat 8/9" in problem(
        make_item(assets, platform="landsat-8"), tmp_path
    )


def two_reds(assets: Item, href: str, kind: str, centre: float = 0.665) -> None:
    """Add another band that is called red; the names of the files tell nothing."""
    for key, address, form, middle in (
        ("red", "https://x/one.tif", COG, 0.665),
        ("red2", href, kind, centre),
    ):
        bands = [{"name": "red", "common_name": "red", "center_wavelength": middle}]
        assets[key] = assets["red"] | {"href": address, "type": form, "eo:bands": bands}
    del assets["red-jp2"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.pop("rededge2") and a.pop("rededge2-jp2"), "without B06"),
        (lambda a: a["red"]["raster:bands"][0].update(offset=0), "different scales or offsets"),
        (lambda a: a["red"]["raster:bands"][0].update(scale=-1), "a scale of -1"),
        (
            lambda a: a["red"].update(href="https://x/B03.tif"),
            "is B04, its name says B03|are the same file",
        ),
        (lambda a: a["red"]["eo:bands"][0].update(common_name="blue"), "both red and blue"),
        (lambda a: a["red"].update(href="PG:dbname=x"), "a path, or http"),
        (lambda a: a["red"]["raster:bands"][0].update(nodata=-9999), "different nodata: -9999, 0"),
        (lambda a: a["red"]["raster:bands"][0].pop("nodata"), "different nodata: 0, nothing"),
        (lambda a: two_reds(a, "https://x/other.tif", COG), "are both B04"),
        (lambda a: two_reds(a, "https://x/other.jp2", "image/jp2", 0.705), "are both B04"),
        (lambda a: a.clear(), "no assets"),
    ],
)
def test_an_item_that_cannot_be_has_a_problem(change: Any, words: str, tmp_path: Path) -> None:
    assets = by_key()
    for key in ("green", "green-jp2") if "B03" in words else ():
        assets[key]["eo:bands"] = [{"name": "B03"}]
    if "B03" in words:
        assets["red"]["eo:bands"] = [{"name": "B04"}]
    change(assets)
    found = problem(make_item(assets, platform="sentinel-2a"), tmp_path)
    assert any(word in found for word in words.split("|")), found


def test_the_users_word_settles_what_items_contradict(tmp_path: Path) -> None:
    item = make_item(by_key(), **{"earthsearch:boa_offset_applied": True})
    assert "applied already" in problem(item, tmp_path)
    assert (
        read(item, tmp_path, options=Options.of(scale=0.0001, offset=0.0)).item_metadata.scaling
        == ()
    )
    told = read(item, tmp_path, options=Options.of(offset=0.0)).item_metadata
    assert options_of(Options.of(offset=0.0), told).reading.offset == 0.0
    assert options_of(Options.of(offset=0.0), told).reading.scale == 0.0001
    other = by_key()
    other["red"]["raster:bands"][0]["nodata"] = -9999
    known = read(make_item(other, platform="sentinel-2a"), tmp_path, options=Options.of(nodata=0))
    assert not known.item_metadata.problem
    plain = make_item(by_key(), **{"earthsearch:boa_offset_applied": False})
    assert options_of(Options(), read(plain, tmp_path).item_metadata).reading.offset == -0.1


def test_the_baseline_tells_the_offset_where_the_assets_do_not(tmp_path: Path) -> None:
    assets = by_key()
    for asset in assets.values():
        asset.pop("raster:bands", None)
    assert read(
        make_item(assets, **{"s2:processing_baseline": "05.09"}), tmp_path
    ).item_metadata.scaling == (0.0001, -0.1)
    assert read(
        make_item(assets, **{"s2:processing_baseline": "02.14"}), tmp_path
    ).item_metadata.scaling == (0.0001, 0.0)
    assert read(make_item(assets), tmp_path).item_metadata.scaling == ()


def test_geoparquet_of_items_names_the_same_scenes(tmp_path: Path) -> None:
    items = [
        make_item(by_key(f"f{i}"), f"s{i}", platform="sentinel-2a", **{"eo:cloud_cover": i})
        for i in range(3)
    ]
    items.append(make_item({"data": {"href": "x/only.tif"}}, "other"))
    (tmp_path / "items.json").write_text(
        json.dumps({"type": "FeatureCollection", "features": items})
    )
    rows = [
        {**item["properties"], **{key: item[key] for key in ("id", "assets", "type", "links")}}
        for item in items
    ]
    for row in rows:
        row["datetime"] = np.datetime64(row["datetime"].rstrip("Z"), "us").astype(object)
    table = pa.Table.from_pylist(rows)
    table = table.append_column("geometry", pa.array([box(9, 45, 10, 46).wkb] * 4, pa.binary()))
    pq.write_table(table, tmp_path / "items.parquet")
    one, other = (
        find_scenes([str(tmp_path / f"items.{end}")], "landcover-s2") for end in ("json", "parquet")
    )

    def plain(scenes: list[Scene]) -> list[Scene]:
        return [
            replace(scene, item_metadata=replace(scene.item_metadata, item="")) for scene in scenes
        ]

    assert plain(one) == plain(other)
    assert len(one) == 4
    geopandas.GeoDataFrame({"id": ["a"]}, geometry=[box(0, 0, 1, 1)], crs=4326).to_parquet(
        tmp_path / "no.parquet"
    )
    with pytest.raises(InputError, match="id and assets"):
        find_scenes([str(tmp_path / "no.parquet")])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        '{"type": "Collection"}',
        "NaN",
        '{"type": "FeatureCollection", "features": []}',
    ],
)
def test_files_that_hold_no_items_are_refused(text: str, tmp_path: Path) -> None:
    for name in ("x.json", "x.parquet"):
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError):
            find_scenes([str(tmp_path / name)])


HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(S2 + KEYS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    "id",
                    "assets",
                    "properties",
                    "href",
                    "eo:bands",
                    "bands",
                    "raster:bands",
                    "name",
                    "roles",
                    "common_name",
                    "scale",
                    "offset",
                    "nodata",
                    "type",
                    "gsd",
                    "datetime",
                    "links",
                    "rel",
                    "red",
                )
            ),
            inner,
        )
    ),
    max_leaves=25,
)


@given(
    st.dictionaries(st.sampled_from(("id", "assets", "properties", "links", "collection")), HOSTILE)
)
def test_any_item_gives_a_scene_or_its_problem(item: Item) -> None:
    scene = scene_of_item(item, "/x/items.json", 3, cards_of("landcover-rgb"), Options())
    assert scene.paths
    assert scene.label
    unit = Unit("x", scene.paths, item_metadata=scene.item_metadata)
    assert read_unit(unit_line(unit)) == unit
    assert metadata_from_data(metadata_to_data(scene.item_metadata)) == scene.item_metadata


def test_hrefs_mean_what_pystac_takes_them_for(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "item.json"
    item = pystac.Item.from_dict(make_item({"a": {"href": "x"}}))
    item.set_self_href(str(file))
    for href in ("./a.tif", "../b/a.tif", "a.tif", "/data/a.tif", "https://x/y/a.tif?sig=1"):
        wanted = pystac.Asset(href)
        wanted.set_owner(item)
        found = located(href, str(file))
        assert (
            found if "://" in found else str(Path(found).resolve())
        ) == wanted.get_absolute_href()
    assert located("s3://bucket/a/B04.tif", str(file)) == "/vsis3/bucket/a/B04.tif"
    assert located("/vsicurl/https://x/a.tif", str(file)) == "/vsicurl/https://x/a.tif"
    assert located("file:///data/a.tif", str(file)) == "/data/a.tif"


@pytest.mark.parametrize(
    "href",
    [
        "",
        " ",
        "<VRTDataset/>",
        "PG:dbname=x",
        "/vsistdin/",
        "WMS:http://x",
        "vrt://a.tif",
        "ftp://x/a.tif",
        "a\nb.tif",
        "GPKG:a.gpkg:t",
        "/vsizip//vsicurl/x",
    ],
)
def test_hrefs_that_are_no_files_are_refused(href: str) -> None:
    with pytest.raises(InputError):
        located(href, "/x/items.json")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("items"))


def split(path: Path, folder: Path) -> Item:
    """Write each band of a scene to a file of its own, none of which tells its name; return the
    assets, last first.
    """
    folder.mkdir()
    assets: Item = {}
    with rasterio.open(path) as scene:
        profile = scene.profile | {"count": 1}
        for i, name in reversed(list(enumerate(scene.descriptions, 1))):
            with rasterio.open(folder / f"file{i}.tif", "w", **profile) as band:
                band.write(scene.read(i), 1)
            assets[f"asset{i}"] = {"href": f"{folder.name}/file{i}.tif", "bands": [{"name": name}]}
    return assets


def test_a_batch_of_items_maps_them_and_a_missing_asset_fails_alone(
    home: Path, tmp_path: Path
) -> None:
    items = [
        make_item(split(home / f"scenes/scene{i}.tif", tmp_path / f"s{i}"), f"scene{i}")
        for i in range(3)
    ]
    removed = items[1]["assets"].pop("asset2")

    def write() -> str:
        (tmp_path / "items.json").write_text(
            json.dumps({"type": "FeatureCollection", "features": items})
        )
        return str(tmp_path / "items.json")

    batch = planned(home, tmp_path / "out", write())
    assert do(batch) == Tally(done=2, failed=1)
    assert "without green" in record(tmp_path / "out", "failed", "scene1")["reason"]
    assert do(planned(home, tmp_path / "out", write()), "again") == Tally(failed=1)
    items[1]["assets"]["asset2"] = removed
    assert do(planned(home, tmp_path / "out", write()), "mended") == Tally(done=1)
    assert state(tmp_path / "out")["failed"] == set()
    assert count_units(batch) == 3
    for name, data in rasters(tmp_path / "out").items():
        with (
            rasterio.MemoryFile(data) as file,
            file.open() as mine,
            rasterio.open(home / "maps" / name) as theirs,
        ):
            assert np.array_equal(mine.read(), theirs.read())
    items[0]["assets"]["asset1"]["nodata"] = items[0]["assets"]["asset2"]["nodata"] = 7
    items[0]["assets"]["asset3"]["nodata"] = 7
    with pytest.raises(InputError, match="has changed"):
        planned(home, tmp_path / "out", write())


def test_an_item_must_not_contradict_its_files(home: Path, tmp_path: Path) -> None:
    bands = [{"name": name, "nodata": 0} for name in ("red", "green", "blue")]
    good = write_scene(tmp_path / "good.tif", 40, 50)
    with rasterio.open(good, "r+") as raster:
        raster.write(np.zeros((3, 10, 50), np.uint8), window=rasterio.windows.Window(0, 0, 50, 10))
    items = [make_item({"a": {"href": "good.tif", "bands": bands}}, "nodata")]
    items.append(make_item({"a": {"href": "good.tif", "bands": bands[:2] + bands[:0]}}, "two"))
    other = write_scene(tmp_path / "scaled.tif", 40, 50)
    with rasterio.open(other, "r+") as raster:
        raster.scales = (0.5, 0.5, 0.5)
    said = [band | {"raster:scale": 0.25} for band in bands]
    items.append(make_item({"a": {"href": "scaled.tif", "bands": said}}, "scaled"))
    items.append(
        make_item({"a": {"href": "counts.tif", "bands": [*bands, {"name": "nir"}]}}, "counts")
    )
    write_scene(tmp_path / "counts.tif", 40, 50)
    (tmp_path / "items.json").write_text(
        json.dumps({"type": "FeatureCollection", "features": items})
    )
    batch = planned(home, tmp_path / "out", str(tmp_path / "items.json"))
    assert do(batch) == Tally(done=1, failed=3)
    with rasterio.open(tmp_path / "out/nodata.tif") as raster:
        pixels = raster.read(1)
    assert (pixels[:10] == 255).all()
    assert (pixels[10:] != 255).any()
    reasons = {
        name: record(tmp_path / "out", "failed", name)["reason"]
        for name in ("two", "scaled", "counts")
    }
    assert "without blue" in reasons["two"]
    assert "x 0.5 +0" in reasons["scaled"]
    assert "has 3 bands, its item says 4" in reasons["counts"]


def test_a_scene_that_cannot_be_cut_fails_alone(home: Path, tmp_path: Path) -> None:
    good, bad = (
        write_scene(tmp_path / "good.tif", 230, 110),
        write_scene(tmp_path / "bad.tif", 230, 110, seed=3),
    )
    whole = bad.read_bytes()
    bad.write_bytes(whole[:100])
    batch = planned(home, tmp_path / "out", str(good), str(bad), regions=100)
    units = count_units(batch)
    tally = do(batch)
    assert (tally.done, tally.failed) == (units - 1, 1)
    bad.write_bytes(whole)
    assert do(planned(home, tmp_path / "out", str(bad), regions=100), "later").failed == 0
    assert (tmp_path / "out/bad.tif").exists()


def test_a_scene_unlike_what_is_known_is_warned_of_and_refused_alone_where_one_is_strict(
    tmp_path: Path,
) -> None:
    card = read_card(make_bundle(tmp_path / "model") / "card.json")
    known = Spectra((1.0,), ((-0.8,) * 3,), ((1.0, 0.0, 1.0, 0.0, 0.0, 1.0),), 4.5, 9.0, 0.1)
    write_card(replace(card, spectra=known), tmp_path / "model" / "card.json")
    good = write_scene(tmp_path / "good.tif")
    dark = write_scene(tmp_path / "dark.tif", seed=1)
    with rasterio.open(dark, "r+") as raster:
        raster.write(raster.read() // 16)
    scenes = str(good), str(dark)
    assert do(planned(tmp_path, tmp_path / "out", *scenes)) == Tally(done=2)
    said = {name: record(tmp_path / "out", "done", name)["summary"] for name in ("good", "dark")}
    assert not any("as if" in text for text in said["good"]["warnings"])
    assert any("as if its values were ten times too" in text for text in said["dark"]["warnings"])
    strict = planned(tmp_path, tmp_path / "strict", *scenes, options=OPTIONS.but(strict=True))
    assert do(strict) == Tally(done=1, failed=1)
    assert "as if its values were" in record(tmp_path / "strict", "failed", "dark")["reason"]


def test_all_workers_take_the_windows_of_the_plan(home: Path, tmp_path: Path) -> None:
    model = str(home / "model")
    recipe = Recipe(model, weights_of(model), ("tif",), options=OPTIONS.but(tile=None))
    first = create_batch(tmp_path, recipe).recipe.options
    assert first.compute.max_memory == default_memory()
    assert open_batch(tmp_path).recipe.options == first  # whatever this machine would choose
    other = replace(recipe, options=recipe.options.but(max_memory=first.compute.max_memory))
    assert create_batch(tmp_path, other).recipe.options == first
    with pytest.raises(InputError, match="--max-memory is 900000000"):
        create_batch(tmp_path, replace(recipe, options=recipe.options.but(max_memory="900MB")))
    shared = settled(recipe, 40).options.compute.max_memory
    assert shared == default_memory(40) <= min(default_memory(), allowed_memory() // 80)
    gpus = replace(recipe, options=recipe.options.but(device="cuda"))
    assert settled(gpus).options.tiles.max_tile in (1024, 2048)
    card = replace(cards_of(model)[0], fixed_tile=False)
    tiles = {
        size: choose_tiling(Grid(5000, 5000), card, Options.of(max_tile=size)).tile
        for size in (64, 256, 2048)
    }
    assert tiles[64] == 64
    assert tiles[64] < tiles[256] <= 256


def test_what_is_said_of_items(tmp_path: Path) -> None:
    features = [make_item(by_key(f"f{i}"), f"s{i}") for i in range(2)] + [make_item({}, "empty")]
    (tmp_path / "items.json").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    scenes = find_scenes([str(tmp_path / "*.json")], "landcover-s2")
    noted, warned = list(stac_item_events(scenes))
    assert isinstance(noted, Noted)
    assert isinstance(warned, Warned)
    assert "DN x 0.0001 -0.1, from 2 of 3" in noted.text
    assert "1 of 3" in warned.text
    assert list(stac_item_events([Scene(("a.tif",), "a", ItemMetadata())])) == []


@pytest.mark.parametrize("kind", ["assets", "bands"])
def test_many_bands_cost_in_proportion(kind: str, tmp_path: Path) -> None:
    """Four times the bands are about four times the calls, not sixteen."""

    def calls(count: int) -> int:
        bands = [{"name": f"B02 {i}", "eo:common_name": "red"} for i in range(count)]
        one: Item = {"all": {"href": "all.tif", "bands": bands}}
        each: Item = {
            f"B{i}": {"href": f"B{i}.tif", "bands": [band]} for i, band in enumerate(bands)
        }
        profile = cProfile.Profile()
        profile.runcall(problem, make_item(one if kind == "bands" else each), tmp_path)
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(1600) < 6 * calls(400)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"proj:code": "EPSG:32632", "proj:shape": [90, 110]}, ""),
        ({"proj:epsg": 32632, "proj:transform": [1, 0, 400_000, 0, -1, 5_000_000, 0, 0, 1]}, ""),
        ({"proj:epsg": None, "proj:shape": "90 x 110", "proj:transform": [1, None]}, ""),
        ({"proj:shape": [91, 110]}, "lies on 90 x 110 px, its item says 91 x 110 px"),
        ({"proj:code": "EPSG:32633"}, "lies on EPSG:32632, its item says EPSG:32633"),
        ({"proj:code": "EPSG:none"}, "the item says the CRS EPSG:none"),
        ({"proj:transform": [1, 0, 400_001, 0, -1, 5_000_000]}, "its item says .*400001"),
    ],
)
def test_a_file_lies_where_its_item_says(said: Item, told: str, tmp_path: Path) -> None:
    path = write_scene(tmp_path / "scene.tif")
    bands = [{"name": name} for name in ("red", "green", "blue")]
    item = make_item({"image": {"href": str(path), "bands": bands, **said}})
    (scene,) = [
        scene_of_item(item, str(tmp_path / "item.json"), 1, cards_of("landcover-rgb"), Options())
    ]
    known = metadata_from_data(json.loads(json.dumps(metadata_to_data(scene.item_metadata))))
    assert known == scene.item_metadata
    if not told:
        check_metadata(scene.paths, known, Options())
        return
    with pytest.raises(InputError, match=told):
        check_metadata(scene.paths, known, Options())
