"""Polygons traced while the map is made: those of the finished rasters, and an end without
leavings.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import rasterio.features
import torch
from bundles import make_bundle
from hypothesis import given, settings
from hypothesis import strategies as st
from rasters import colours, write

import geoseg
from geoseg.core.errors import InputError
from geoseg.core.events import Event, Progress, Warned
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.prediction import pipeline

PLACE = (1.0, 0.0, 400_000.0, 0.0, -1.0, 5_000_000.0)
AREA = "POLYGON ((400020.5 4999990, 400090 4999950, 400030 4999900, 400020.5 4999990))"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.set_num_threads(1)
    return str(make_bundle(tmp_path_factory.mktemp("bundle")))


def scene(
    path: Path,
    height: int,
    width: int,
    seed: int = 0,
    nodata: bool = False,
    crs: str | None = "EPSG:32632",
) -> str:
    pixels = (
        colours(height // 4 + 1, width // 4 + 1, seed).repeat(4, 1).repeat(4, 2)[:, :height, :width]
    )
    if nodata:
        pixels[:, height // 3 : height // 2, width // 4 :] = 0
    keys = {"nodata": 0} if nodata else {}
    return write(path, pixels, ("red", "green", "blue"), PLACE, crs, **keys)


def load(path: Path) -> geopandas.GeoDataFrame:
    return geopandas.read_parquet(path) if path.suffix == ".parquet" else geopandas.read_file(path)


def leavings(folder: Path) -> list[str]:
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.name.startswith(".") or path.suffix == ".part"
    )


@settings(max_examples=6)
@given(
    st.integers(33, 200),
    st.integers(33, 200),
    st.integers(0, 1000),
    st.booleans(),
    st.sampled_from([None, AREA]),
    st.booleans(),
    st.sampled_from([4, 8]),
)
def test_polygons_of_strips_are_those_of_the_raster(
    bundle: str,
    tmp_path_factory: pytest.TempPathFactory,
    height: int,
    width: int,
    seed: int,
    nodata: bool,
    aoi: str | None,
    part: bool,
    connectivity: int,
) -> None:
    folder = tmp_path_factory.mktemp("run")
    path = scene(
        folder / "scene.tif",
        max(height, 101) if aoi else height,
        max(width, 101) if aoi else width,
        seed,
        nodata,
    )
    options = Options.of(
        device="cpu", aoi=aoi, connectivity=connectivity, force=True, zonal=("green",)
    )
    region = (7, 3, height - 4, width - 9) if part else None
    found = []
    for name, narrow in (("live", True), ("file", False)):
        with pytest.MonkeyPatch.context() as patch:
            if not narrow:
                patch.setattr(
                    "geoseg.vector.clean.cleaning.Tracing.streams", property(lambda _: False)
                )
                patch.setattr("geoseg.vector.clean.cleaning._steps", lambda *_: iter(()))
            job = Job(
                (path,),
                bundle,
                polygons=str(folder / f"{name}.parquet"),
                options=options,
                region=region,
            )
            summary = pipeline.segment(job)
        found.append(load(folder / f"{name}.parquet"))
        assert summary.polygons == len(found[-1])
    assert found[0].equals(found[1])
    assert found[0].crs == found[1].crs
    assert not leavings(folder)
    assert {path.suffix for path in folder.iterdir()} == {".tif", ".parquet", ".qml"}


def test_only_what_is_asked_for_is_written(
    bundle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, made = scene(tmp_path / "scene.tif", 90, 80), []
    from geoseg.prediction import outputs

    real = outputs.create_raster
    monkeypatch.setattr(
        outputs, "create_raster", lambda path, *a, **k: made.append(path) or real(path, *a, **k)
    )
    geoseg.predict(path, tmp_path / "map.gpkg", model=bundle)
    assert made == []
    geoseg.predict(path, tmp_path / "map.fgb", model=bundle, raster=tmp_path / "map.tif")
    assert made == [str(tmp_path / "map.tif")]
    assert "<pipe>" in (tmp_path / "map.qml").read_text()  # it serves both
    geoseg.predict(path, tmp_path / "clean.fgb", model=bundle, min_area=20)
    assert len(made) == 3
    assert all(Path(name).parent.name.startswith(".clean.fgb.") for name in made[1:])


def test_tracing_tells_first_that_there_is_no_crs_and_last_that_it_is_done(
    bundle: str, tmp_path: Path
) -> None:
    path, told = scene(tmp_path / "scene.tif", 300, 90, crs=None), list[Event]()
    geoseg.predict(path, tmp_path / "map.gpkg", model=bundle, force=True, report=told.append)
    kinds = [
        event.stage
        if isinstance(event, Progress)
        else "pixels"
        if isinstance(event, Warned) and "areas are in pixels" in event.text
        else ""
        for event in told
    ]
    told_of = [kind for kind in kinds if kind]
    assert "pixels" in told_of[: told_of.index("segment")]
    assert "pixels" not in told_of[told_of.index("segment") :]
    assert told_of.index("trace") == len(told_of) - 1
    last = told[len(kinds) - 1 - kinds[::-1].index("trace")]
    assert isinstance(last, Progress)
    assert last.done == last.total == 300 * 90


def test_an_interrupted_run_leaves_nothing(bundle: str, tmp_path: Path) -> None:
    path, out = scene(tmp_path / "scene.tif", 300, 90), tmp_path / "out"
    out.mkdir()

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.done > 9000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        geoseg.predict(path, out / "map.gpkg", model=bundle, raster=out / "map.tif", report=stop)
    assert list(out.iterdir()) == []


def test_what_cannot_be_written_ends_the_run_and_leaves_nothing(
    bundle: str, tmp_path: Path
) -> None:
    path, out = scene(tmp_path / "scene.tif", 300, 90, crs=None), tmp_path / "out"
    out.mkdir()
    with pytest.raises(InputError, match="no CRS"):
        geoseg.predict(path, out / "map.geojson", model=bundle, raster=out / "map.tif", force=True)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("options", [{}, {"majority": 3}])
def test_means_of_bands_of_the_scene(bundle: str, tmp_path: Path, options: dict[str, int]) -> None:
    path = scene(tmp_path / "scene.tif", 120, 110, nodata=True)
    with rasterio.open(path) as raster:
        pixels = raster.read()
    summary = geoseg.predict(
        path, tmp_path / "map.gpkg", model=bundle, zonal=("blue", 1), aoi=AREA, **options
    ).summary
    table = geopandas.read_file(tmp_path / "map.gpkg", layer="map")
    assert len(table) == summary.polygons > 0
    numbers = rasterio.features.rasterize(
        zip(table.geometry, table.index + 1, strict=True),
        (120, 110),
        transform=rasterio.Affine(*PLACE),
    ).ravel()
    for column, band in (("mean_blue", 2), ("mean_red", 0)):
        valid = pixels[band].ravel() != 0
        sums = np.bincount(numbers[valid], pixels[band].ravel()[valid], len(table) + 1)[1:]
        counts = np.bincount(numbers[valid], minlength=len(table) + 1)[1:]
        means = np.divide(sums, counts, out=np.full(len(table), np.nan), where=counts > 0)
        assert np.allclose(table[column], means, rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize(
    ("zonal", "text"), [(("nir",), "red, green, blue"), ((4,), "1 to 3"), ((1, "red"), "twice")]
)
def test_bands_that_the_scene_has_not_are_refused(
    bundle: str, tmp_path: Path, zonal: tuple[str | int, ...], text: str
) -> None:
    path = scene(tmp_path / "scene.tif", 70, 70)
    with pytest.raises(InputError, match=text):
        geoseg.predict(path, tmp_path / "map.gpkg", model=bundle, zonal=zonal)


def test_a_layer_for_each_class_holds_what_one_layer_does(bundle: str, tmp_path: Path) -> None:
    path = scene(tmp_path / "scene.tif", 150, 130)
    geoseg.predict(path, tmp_path / "one.gpkg", model=bundle)
    summary = geoseg.predict(path, tmp_path / "map.gpkg", model=bundle, layers="class").summary
    one = geopandas.read_file(tmp_path / "one.gpkg", layer="one")
    assert summary.polygons == len(one)
    names = list(dict.fromkeys(one.sort_values("class_id")["class"]))
    with sqlite3.connect(tmp_path / "map.gpkg") as database:
        styles = dict(
            database.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
        )
        tables = database.execute(
            "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"
        ).fetchall()
    database.close()
    assert [name for (name,) in tables] == names == list(styles)
    assert all(
        styles[name].count("<category ") == 1 and f'label="{name}"' in styles[name]
        for name in names
    )
    for name in names:
        layer = geopandas.read_file(tmp_path / "map.gpkg", layer=name)
        assert layer.equals(one[one["class"] == name].reset_index(drop=True))
    with pytest.raises(InputError, match=r"ends in \.gpkg"):
        geoseg.predict(path, tmp_path / "map.fgb", model=bundle, layers="class")
    with pytest.raises(InputError, match="one or class"):
        geoseg.predict(path, tmp_path / "no.gpkg", model=bundle, layers="two")
    assert not leavings(tmp_path)
