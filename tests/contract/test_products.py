"""Every satellite product is read as it is downloaded: what it is, its pixels, its mask."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from deliveries import (
    PX3,
    SIZE,
    WRITERS,
    Written,
    pack_tar,
    pack_zip,
    write_maxar,
    write_neo,
)
from hypothesis import given
from hypothesis import strategies as st
from rasters import reflectances, write

from geoseg.batches.scenes import find_scenes
from geoseg.core.errors import InputError, OutputError
from geoseg.core.grid import Window
from geoseg.core.options import MASKS, Options
from geoseg.raster.input_files import check_outputs
from geoseg.scene.describe import SceneInfo, describe
from geoseg.scene.masks import MaskReader, check_mask
from geoseg.scene.products import PRODUCTS, files_read, is_delivery, open_delivery
from geoseg.scene.source import BandReader
from geoseg.training.config import DataConfig
from geoseg.training.sources import find_samples


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    """Each product, once."""
    return {name: write(tmp_path_factory.mktemp("product")) for name, write in WRITERS.items()}


@pytest.mark.parametrize("name", WRITERS)
class TestProduct:
    """What holds for every product."""

    def test_what_it_is(self, name: str, written: dict[str, Written]) -> None:
        product = written[name]
        for way in (product.path, *product.ways):
            assert is_delivery(str(way))
            self._is(describe((str(way),)), product)

    def _is(self, info: SceneInfo, product: Written) -> None:
        assert (info.product, info.sensor) == (product.product, product.sensor)
        assert info.bands == product.bands
        assert info.gsd == pytest.approx(product.gsd, rel=2e-3)
        assert all(product.product in note for note in info.notes)
        told = info.scaling and (info.scaling.scale, info.scaling.offset)
        if told is None and product.scaling:  # the same for all bands, each by itself
            (told,) = {(layer.scale, layer.offset) for layer in info.layers}
        assert told == (product.scaling and pytest.approx(product.scaling))

    def test_in_archives_it_is_the_same(
        self, name: str, written: dict[str, Written], tmp_path: Path
    ) -> None:
        product = written[name]
        packed = [pack_zip(product.path, tmp_path / "a.zip")]
        if "Landsat" in product.product:
            packed += [pack_tar(product.path, tmp_path / f"a{end}") for end in (".tar", ".tar.gz")]
        inner = product.path.name
        ways = [str(path) for path in packed] + [f"/vsizip/{packed[0]}/{inner}"]
        for way in ways:
            assert is_delivery(way)
            self._is(describe((way,)), product)
        with self._reader(str(product.path)) as here, self._reader(ways[0]) as there:
            window = here.grid.extent
            assert (here.read(window).data == there.read(window).data).all()

    def _reader(self, path: str) -> BandReader:
        info = describe((path,))
        return BandReader(info.layers, info.grid)

    def test_pixels_are_those_of_the_files(self, name: str, written: dict[str, Written]) -> None:
        info = describe((str(written[name].path),))
        for layer in info.layers:
            file = layer.path
            if file.lower().endswith((".til", ".xml")):  # of one tile here
                (file,) = map(str, written[name].path.glob("*_R1C1.TIF"))
            with BandReader([layer]) as reader, rasterio.open(file) as raster:
                assert reader.grid.transform == pytest.approx(raster.transform[:6])
                patch = reader.read(reader.grid.extent)
                assert (patch.data[0] == raster.read(layer.index)).all()

    def test_its_mask(self, name: str, written: dict[str, Written]) -> None:
        product = written[name]
        info = describe((str(product.path),))
        asked = [mask for mask in product.masks if mask != "nodata"]
        for mask in asked:
            with MaskReader(info.mask, [mask], info.grid) as reader:  # type: ignore[arg-type]
                found = reader.read(info.grid.extent)
            marks = product.masks[mask] | product.masks.get("nodata", False)
            times = info.grid.height // len(marks)
            assert (found == marks.repeat(times, 0).repeat(times, 1)).all()
        for mask in set(MASKS) - {"nodata", *asked}:
            with pytest.raises(InputError, match=f"does not tell {mask}"):
                check_mask(info.mask, info.product, Options.of(mask=[mask]))
        check_mask(info.mask, info.product, Options.of(mask=[*asked, "nodata"]))

    def test_any_window_of_a_mask_is_the_same(self, name: str, written: dict[str, Written]) -> None:
        info = describe((str(written[name].path),))
        if info.mask is None:
            return
        rows = st.tuples(*[st.integers(0, info.grid.height - 1)] * 2).map(sorted)
        columns = st.tuples(*[st.integers(0, info.grid.width - 1)] * 2).map(sorted)
        with MaskReader(info.mask, info.mask.names, info.grid) as reader:
            whole = reader.read(info.grid.extent)

            @given(rows, columns)
            def check(rows: list[int], columns: list[int]) -> None:
                window = Window(rows[0], columns[0], rows[1] + 1, columns[1] + 1)
                assert (reader.read(window) == whole[window.within(info.grid.extent)]).all()

            check()

    def test_damaged_metadata_are_refused(
        self, name: str, written: dict[str, Written], tmp_path: Path
    ) -> None:
        product = written[name]
        if not product.metadata:
            return
        copy = Path(shutil.copytree(product.path, tmp_path / product.path.name))
        for file in copy.glob(f"{Path(product.metadata).stem}.*"):
            whole = file.read_bytes()
            for part in (whole[: len(whole) // 2], b"", b"\xff\xfe\x00" * 50):
                file.write_bytes(part)
                with pytest.raises(InputError):
                    describe((str(file),))
            file.write_bytes(whole)

    def test_a_missing_raster_is_named(
        self, name: str, written: dict[str, Written], tmp_path: Path
    ) -> None:
        product = written[name]
        copy = Path(shutil.copytree(product.path, tmp_path / product.path.name))
        for layer in describe((str(copy),)).layers:
            Path(layer.path).unlink(missing_ok=True)
            for raster in copy.glob("*_R1C1.TIF"):
                raster.unlink()
        assert not any(describe_or_none(copy))

    def test_no_output_replaces_what_is_read_of_it(
        self, name: str, written: dict[str, Written]
    ) -> None:
        product = written[name]
        delivery = open_delivery(str(product.path))
        assert delivery
        read = {band.path for band in delivery.bands}
        read |= {delivery.mask.path} if delivery.mask else set()
        for way in (product.path, *product.ways):
            for path in read:
                with pytest.raises(OutputError, match="is an input as well"):
                    check_outputs([path], files_read([str(way)]), overwrite=True)

    def test_what_it_is_can_travel(self, name: str, written: dict[str, Written]) -> None:
        info = describe((str(written[name].path),))
        assert pickle.loads(pickle.dumps(info)) == info


def describe_or_none(path: Path) -> tuple[object, ...]:
    """The scene; nothing where it is refused."""
    try:
        return (describe((str(path),)),)
    except InputError:
        return ()


def test_all_products_are_tested() -> None:
    modules = {module.rpartition(".")[2] for module in PRODUCTS.values()}
    assert modules == {"sentinel2", "landsat", "hls", "planet", "maxar", "airbus"} == set(PRODUCTS)


def test_tiles_without_a_place_are_refused(tmp_path: Path) -> None:
    product = WRITERS["WorldView"](tmp_path)
    imd = product.path / product.metadata
    imd.write_text(imd.read_text().replace("ULX", "FORMER"))
    with pytest.raises(InputError, match="does not say where the product lies"):
        describe((str(product.path),))


@pytest.mark.parametrize("name", ["WorldView", "Pleiades"])
@pytest.mark.parametrize("lead", ["../", "inner/../../", "/", "file:", "/vsicurl/http://a/", ""])
def test_names_that_lead_out_of_a_product_are_refused(name: str, lead: str, tmp_path: Path) -> None:
    product = WRITERS[name](tmp_path)
    raster = next(product.path.glob("*_R1C1.TIF"))
    shutil.copy(raster, tmp_path)  # what a name that leads up would find
    (product.path / "inner").mkdir()
    metadata = next(product.path.glob("*.TIL" if name == "WorldView" else "DIM_*"))
    other = f"{lead}{raster.name}" if lead else f"{'a' * 2000}.TIF"
    text = metadata.read_text()
    assert raster.name in text
    metadata.write_text(text.replace(raster.name, other))
    with pytest.raises(InputError, match="a file of the product; do not trust this product"):
        describe((str(product.path),))


def test_words_of_metadata_that_are_none_are_refused(tmp_path: Path) -> None:
    product = WRITERS["Pleiades"](tmp_path)
    xml = product.path / product.metadata
    xml.write_text(xml.read_text().replace("<MISSION>", "<MISSION>all is well&#10;geoseg: "))
    with pytest.raises(InputError, match=r"MISSION is 'all is well\\ngeoseg: PHR'"):
        describe((str(product.path),))


def test_pleiades_neo_has_two_files_of_bands(tmp_path: Path) -> None:
    """As GDAL's driver has it: the bands of the second file stand behind those of the first."""
    xml = write_neo(tmp_path)
    info = describe((str(xml),))
    assert info.bands == ("red", "green", "blue", "nir", "rededge", "coastal")
    assert [layer.wavelength for layer in info.layers] == [655, 560, 485, 825, 725, 425]
    with BandReader(info.layers) as reader:
        found = reader.read(Window(0, 0, *SIZE)).data
    for kind, bands in (("RGB", found[:3]), ("NED", found[3:])):
        with rasterio.open(xml.parent / f"IMG_{kind}_R1C1.TIF") as raster:
            np.testing.assert_array_equal(bands, raster.read())


@pytest.mark.parametrize(
    ("ned", "names"),
    [
        ((4, 5, 6), ("nir", "rededge", "coastal")),  # counted over both files
        ((3, 2, 1), ("coastal", "rededge", "nir")),  # an index comes before the order of the list
        ((4, 2, 3), None),  # of no file: nothing tells which is which
        ((1, 1, 2), None),
    ],
)
def test_the_index_of_a_band_is_its_place(
    ned: tuple[int, ...], names: tuple[str, ...] | None, tmp_path: Path
) -> None:
    info = describe((str(write_neo(tmp_path, {"RGB": (1, 2, 3), "NED": ned})),))
    assert info.bands == (("red", "green", "blue", *names) if names else (None,) * 6)


def test_a_wide_range_is_panchromatic(tmp_path: Path) -> None:
    product = WRITERS["Pleiades"](tmp_path)
    xml = product.path / product.metadata
    text = xml.read_text().replace(
        "<MIN>0.59</MIN><MAX>0.71</MAX>", "<MIN>0.47</MIN><MAX>0.83</MAX>"
    )
    xml.write_text(text)
    assert describe((str(xml),)).bands == ("pan", "green", "blue", "nir")


@pytest.mark.parametrize(
    ("said", "listed", "names"),
    [
        ("RGB", "RGB", ("red", "green", "blue")),
        ("RGB", "BGR", (None,) * 3),
        ("BGRN", "BGRN", ("blue", "green", "red", "nir")),
    ],
)
def test_two_orders_of_bands_are_none(
    said: str, listed: str, names: tuple[str | None, ...], tmp_path: Path
) -> None:
    product = write_maxar(tmp_path, listed)
    imd = product.path / product.metadata
    imd.write_text(imd.read_text().replace('bandId = "Multi"', f'bandId = "{said}"'))
    info = describe((str(imd),))
    assert info.bands == names
    assert ("not certain" in info.notes[0]) == (names[0] is None)


@pytest.mark.parametrize("bands", [3, 4])
def test_a_planetscope_scene_of_three_bands(bands: int, tmp_path: Path) -> None:
    """Analytic without MS is red, green, blue, and clipped a fourth band is alpha."""
    path = tmp_path / "20170831_172754_101c_3B_Analytic.tif"
    write(path, reflectances(bands, *SIZE), transform=PX3)
    assert describe((str(path),)).bands == ("red", "green", "blue")


@pytest.mark.parametrize(("told", "clouds"), [("12.5", 12.5), ("-1", None), ("nan", None)])
def test_clouds_that_were_not_looked_for_are_not_told(
    told: str, clouds: float | None, tmp_path: Path
) -> None:
    product = WRITERS["Landsat L2"](tmp_path)
    mtl = product.path / product.metadata
    mtl.write_text(mtl.read_text().replace("CLOUD_COVER = 54.65", f"CLOUD_COVER = {told}"))
    assert describe((str(product.path),)).clouds == clouds


def test_no_product(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({}))
    (tmp_path / "DIM.txt").write_text("x")
    np.save(tmp_path / "x.npy", np.zeros(3))
    for path in ("", "x.json", "DIM.txt", "x.npy", "missing"):
        assert not is_delivery(str(tmp_path / path))
        assert open_delivery(str(tmp_path / path)) is None


SCENES = (("150710", "150711"), ("2023106", "2023107"), ("P001", "P002"), ("230416", "230417"))


def test_two_scenes_in_one_folder_are_none(tmp_path: Path) -> None:
    for name in ("Landsat L2", "HLS S30", "PlanetScope radiance", "WorldView", "Pleiades"):
        folder = tmp_path / name
        product = WRITERS[name](folder / "one")
        both = Path(shutil.copytree(product.path, folder / "both"))
        for file in list(both.iterdir()):
            for old, new in SCENES:
                if old in file.name:
                    shutil.copy(file, file.with_name(file.name.replace(old, new)))
        assert not is_delivery(str(both))
        with pytest.raises(InputError, match="holds 2 products"):
            open_delivery(str(both))


def test_products_of_one_folder_are_a_batch(tmp_path: Path) -> None:
    both = tmp_path / "both"
    both.mkdir()
    for name, stem in (
        ("Landsat L1", "LC08"),
        ("Landsat 5 L1", "LT05"),
        ("PlanetScope radiance", "2"),
    ):
        product = WRITERS[name](tmp_path / stem)
        for file in product.path.iterdir():
            shutil.copy(file, both)
    write(both / "town.tif", reflectances(3, 20, 20))
    (packed,) = [pack_zip(WRITERS["HLS S30"](tmp_path / "hls").path, both / "hls.zip")]
    for text in (str(both), f"{both}/*"):
        found = [scene.paths for scene in find_scenes([text])]
        assert len(found) == 5
        assert (str(packed),) in found
        assert (str(both / "town.tif"),) in found
        infos = [describe(paths).product for paths in found]
        assert {"Landsat 8 Collection 2 L1TP", "Landsat 5 Collection 2 L1TP"} <= set(infos)
        assert {"PlanetScope radiance", "HLS S30"} <= set(infos)


def test_a_raster_beside_the_files_of_a_product_is_a_scene_as_well(tmp_path: Path) -> None:
    product = WRITERS["Landsat L2"](tmp_path)
    town = write(product.path / "town.tif", reflectances(3, 20, 20))
    found = [scene.paths for scene in find_scenes([str(product.path)])]
    assert len(found) == 2
    assert (town,) in found
    Path(town).unlink()
    assert [scene.paths for scene in find_scenes([str(product.path)])] == [(str(product.path),)]


def test_a_folder_of_products_is_a_training_set(tmp_path: Path) -> None:
    scenes = tmp_path / "scenes"
    products = [WRITERS["Landsat L2"](scenes), WRITERS["HLS S30"](scenes)]
    labels = tmp_path / "labels"
    labels.mkdir()
    for product in products:
        write(labels / f"{product.path.name}.tif", np.ones((1, 4, 4), np.uint8))
    data = DataConfig(scenes=[str(scenes)], labels=[str(labels)])
    found = find_samples(data, tmp_path)
    assert sorted(sample.files for sample in found) == sorted(
        (str(product.path),) for product in products
    )
    one = DataConfig(scenes=[str(products[0].path)], labels=[str(labels / "x.tif")])
    (labels / "x.tif").touch()
    (sample,) = find_samples(one, tmp_path)
    assert sample.files == (str(products[0].path),)
