"""Sentinel-2 products as they are downloaded: which files, what the numbers mean, what is refused."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cards import S2
from commands import ROOT
from rasters import write
from safes import LOSSLESS, SIZES, metadata, pack, pixels, write_band, write_safe

from geoseg.batches.scenes import find_scenes
from geoseg.core.card import Scaling
from geoseg.core.errors import InputError
from geoseg.core.grid import Window
from geoseg.core.options import Options, Reading
from geoseg.raster import places
from geoseg.scene import sentinel2
from geoseg.scene.describe import describe
from geoseg.scene.mosaic import describe_for, mosaic_files
from geoseg.scene.products import is_delivery, open_delivery
from geoseg.scene.source import open_raster

REAL = ROOT.parent / "shared" / "data" / "products" / "sentinel2"
CLOUD_XML = """<n1:Level-{level}_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/x.xsd">
<TILE_ID>S2A_OPER_MSI_L{level}_TL_SGS__20181231T203637_A018414_T10SDG{baseline}</TILE_ID>
</n1:Level-{level}_Tile_ID>"""
OLD = "S2A_OPER_MSI_L1C_TL_EPA__20151123T091302_A002177_T33TUL_N02.04"
OTHER = "S2A_OPER_MSI_L1C_TL_EPA__20151123T091302_A002177_T33TUM_N02.04"


@pytest.fixture(scope="module")
def l1c(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_safe(tmp_path_factory.mktemp("l1c"))


@pytest.fixture(scope="module")
def l2a(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_safe(tmp_path_factory.mktemp("l2a"), "L2A")


@pytest.fixture
def copy(l1c: Path, tmp_path: Path) -> Path:
    """A product that a test may damage."""
    return Path(shutil.copytree(l1c, tmp_path / l1c.name))


@pytest.mark.parametrize("level", ["L1C", "L2A"])
def test_every_way_to_name_a_product(
    level: str, l1c: Path, l2a: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    safe = l1c if level == "L1C" else l2a
    granule = next((safe / "GRANULE").iterdir())
    packed = Path(shutil.move(pack(safe), tmp_path))
    inside = f"/vsizip/{packed}/{safe.name}"
    ways = [safe, safe / f"MTD_MSI{level}.xml", granule, granule / "MTD_TL.xml", packed]
    ways += [f"/vsizip/{packed}", inside, f"{inside}/MTD_MSI{level}.xml"]
    ways += [f"{inside}/GRANULE/{granule.name}", f"/vsizip/{{{packed}}}/{safe.name}"]
    for way in ways:
        info = describe((str(way),))
        assert info.product == f"Sentinel-2 {level} N0509"
        assert info.scaling == Scaling(1e-4, -0.1)
        assert list(info.bands) == [
            name for name in sentinel2._BANDS if (level, name) != ("L2A", "B10")
        ]
        assert info.gsd == pytest.approx(10, rel=1e-3)
    monkeypatch.chdir(safe.parent)
    assert describe((safe.name,)).product == f"Sentinel-2 {level} N0509"
    monkeypatch.chdir(safe)
    assert describe((".",)).product == f"Sentinel-2 {level} N0509"
    monkeypatch.chdir(granule)
    assert describe(("MTD_TL.xml",)).product == f"Sentinel-2 {level} N0509"


def test_bands_come_to_one_grid_with_the_right_values(l1c: Path) -> None:
    window = Window(0, 0, 480, 480)
    with open_raster((str(l1c),), S2, Options()) as source:
        assert source.scaling == Scaling(1e-4, -0.1)
        patch = source.read(window)
    names = S2.band_names
    fine = patch.data[names.index("B02")].astype(np.int64) - 1000
    expected = pixels("B02", 1000)[0].astype(np.int64) - 1000
    assert (fine == expected).all()
    coarse = patch.data[names.index("B11")]
    assert abs(float(coarse[100:].mean()) - float(pixels("B11", 1000)[0, 50:].mean())) < 5
    assert patch.valid is not None
    assert not patch.valid[:58, :58].any()
    assert patch.valid[62:, 62:].all()


@pytest.mark.skipif(not REAL.is_dir(), reason="needs ../shared/data/products")
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("name", ["S2A_MSIL1C_2021*.SAFE", "S2A_MSIL2A_2023*.SAFE"])
def test_names_and_numbers_are_those_of_gdal(name: str, tmp_path: Path) -> None:
    safe = Path(shutil.copytree(next(REAL.glob(name)), tmp_path / "x.SAFE"))
    xml = next(safe.glob("MTD_MSI*.xml"))
    for text in re.findall("<IMAGE_FILE>(.+?)<", xml.read_text()):
        if band := re.search(r"_(B\d[\dA])(?:_\d0m)?$", text):
            write_band(safe / f"{text}.jp2", band[1], side=48)
    info = describe((str(safe),))
    assert info.scaling
    found = {}
    with rasterio.open(xml) as product:
        tags = product.tags()
        for part in product.subdatasets:
            if ":TCI:" in part or ":PREVIEW:" in part:
                continue
            with rasterio.open(part) as bands:
                for own in map(bands.tags, bands.indexes):
                    number = own.get("BANDNAME", "")[1:]
                    if own.get("BANDNAME", "").startswith("B"):
                        found[f"B{int(number):02d}" if number.isdigit() else number] = own
    assert {"B8A" if band == "8A" else band for band in found} == set(info.bands)
    level = "L1C" if "L1C" in name else "L2A"
    assert float(tags[sentinel2._QUANTA[level][0]]) == 1 / info.scaling.scale
    assert float(tags["SPECIAL_VALUE_NODATA"]) == 0
    offsets = {float(own.get(sentinel2._OFFSETS[level], 0)) for own in found.values()}
    assert offsets == {info.scaling.offset / info.scaling.scale}


def test_folder_zip_file_and_bands_by_hand_give_the_same_pixels(l1c: Path, tmp_path: Path) -> None:
    packed = Path(shutil.move(pack(l1c), tmp_path))
    by_hand = tuple(str(path) for path in sorted(l1c.rglob("*_B*.jp2")))
    read = []
    for scene in ((str(l1c),), (str(packed),), by_hand):
        with open_raster(scene, S2, Options()) as source:
            assert source.scaling == Scaling(1e-4, -0.1)
            read.append(source.read(Window(40, 40, 300, 300)))
    for patch in read[1:]:
        assert (patch.data == read[0].data).all()
        assert patch.valid is not None
        assert read[0].valid is not None
        assert (patch.valid == read[0].valid).all()


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (">-1000<", ">-500<", Scaling(1e-4, -0.05)),
        (">10000<", ">20000<", Scaling(1 / 20000, -0.05)),
        (">05.09<", ">99.99<", Scaling(1e-4, -0.1)),
    ],
)
def test_what_the_metadata_say_counts(copy: Path, old: str, new: str, expected: Scaling) -> None:
    replace_in(copy / "MTD_MSIL1C.xml", old, new)
    assert describe((str(copy),)).scaling == expected


def test_before_the_offset_there_is_none(tmp_path: Path) -> None:
    # the date says nothing: products of 2023 may be processed by any baseline
    safe = write_safe(tmp_path, baseline="03.01", add=None)
    info = describe((str(safe),))
    assert info.scaling == Scaling(1e-4, 0.0)
    assert info.notes == (
        "Sentinel-2 L1C N0301: reflectance = (DN +0) / 10000, from the product's metadata",
    )


@pytest.mark.parametrize(("baseline", "add", "valid"), [("05.09", "-1000", 0), ("03.01", None, 1)])
def test_a_band_that_was_lost_is_no_dark_one_where_an_offset_says_so(
    baseline: str, add: str | None, valid: float, tmp_path: Path
) -> None:
    safe = write_safe(tmp_path, baseline=baseline, add=add)
    band = next(safe.rglob("*_B04.jp2"))
    with rasterio.open(band) as raster:
        found, place = raster.read(), raster.transform[:6]
    found[:, 200:204] = 0
    band.unlink()
    write(band, found, transform=place, **LOSSLESS)
    with open_raster((str(safe),), S2, Options()) as source:
        patch = source.read(source.grid.extent)
    assert patch.valid is not None
    assert patch.valid[200:204].mean() == valid
    assert patch.valid[204:].all()


def test_another_value_for_no_data(copy: Path) -> None:
    replace_in(copy / "MTD_MSIL1C.xml", "_INDEX>0<", "_INDEX>65534<")
    assert set(describe((str(copy),)).nodata) == {65534.0}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('band_id="3">-1000<', 'band_id="3">-900<', "names -1000, -900 as RADIO_ADD_OFFSET"),
        ("RADIO_ADD_OFFSET", "FORMER", "of baseline 05.09, names nothing as RADIO_ADD_OFFSET"),
        ("QUANTIFICATION_VALUE", "FORMER", "names nothing as QUANTIFICATION_VALUE"),
        (">10000<", ">0<", "names 0 as QUANTIFICATION_VALUE"),
        (">10000<", ">nan<", "QUANTIFICATION_VALUE is 'nan'"),
        (">05.09<", ">new<", "names the processing baseline 'new'"),
        ("Level-1C_User_Product", "Level-0_User_Product", "is a <Level-0_User_Product>"),
        ("</n1:General_Info>", "", "is no whole XML"),
        (">GRANULE/", ">../GRANULE/", "name an image '../GRANULE"),
        (">GRANULE/", ">/vsicurl/GRANULE/", "name an image '/vsicurl"),
        ("IMAGE_FILE", "FILE", "names no bands"),
    ],
)
def test_metadata_that_do_not_settle_it_are_refused(
    copy: Path, old: str, new: str, message: str
) -> None:
    replace_in(copy / "MTD_MSIL1C.xml", old, new)
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        describe((str(copy),))


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://localhost/x.dtd"> %p;]>',
    ],
)
def test_hostile_metadata_are_refused(copy: Path, doctype: str) -> None:
    replace_in(
        copy / "MTD_MSIL1C.xml",
        "<n1:Level-1C_User_Product ",
        f"{doctype}<n1:Level-1C_User_Product ",
    )
    with pytest.raises(InputError, match="declares a document type"):
        describe((str(copy),))


def test_metadata_without_end_are_refused(
    copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packed = pack(copy)
    monkeypatch.setattr(places, "LIMIT", 1 << 10)
    for path in (copy, packed):
        with pytest.raises(InputError, match="is larger than"):
            describe((str(path),))


def test_a_hundred_thousand_elements_inside_each_other_cost_nothing(copy: Path) -> None:
    (copy / "MTD_MSIL1C.xml").write_text("<a>" * 100_000 + "</a>" * 100_000)
    with pytest.raises(InputError, match="is a <a>"):
        describe((str(copy),))


def test_the_missing_file_is_named(copy: Path) -> None:
    band = next(copy.rglob("*_B11.jp2"))
    band.unlink()
    with pytest.raises(InputError, match=f"{band} is missing"):
        describe((str(copy),))
    packed = pack(copy)
    with pytest.raises(InputError, match=f"{packed}/.*_B11.jp2 is missing"):
        describe((str(packed),))
    (copy / "MTD_MSIL1C.xml").unlink()
    for path in (copy, pack(copy), next((copy / "GRANULE").iterdir())):
        with pytest.raises(InputError, match=r"MTD_MSIL1C.xml.* missing"):
            describe((str(path),))


def test_a_zip_file_that_is_cut_off(l1c: Path, tmp_path: Path) -> None:
    packed = Path(shutil.move(pack(l1c), tmp_path))
    packed.write_bytes(packed.read_bytes()[:-3000])
    with pytest.raises(InputError, match="is no whole zip file"):
        describe((str(packed),))


def test_a_band_that_is_cut_off(copy: Path) -> None:
    band = next(copy.rglob("*_B04.jp2"))
    band.write_bytes(band.read_bytes()[: band.stat().st_size // 2])
    with (
        pytest.raises(InputError, match=r"_B04\.jp2"),
        open_raster((str(copy),), S2, Options()) as source,
    ):
        source.read(Window(0, 0, 480, 480))


def test_several_products_in_one_zip_file(l1c: Path, l2a: Path, tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for safe in (l1c, l2a):
            for file in safe.rglob("*"):
                archive.write(file, file.relative_to(safe.parent))
    with pytest.raises(InputError, match=f"holds 2 products: {l1c.name}, {l2a.name}"):
        describe((str(path),))
    assert describe((f"/vsizip/{path}/{l2a.name}",)).product == "Sentinel-2 L2A N0509"


def write_old(folder: Path, *granules: str) -> Path:
    """A product of the naming before December 2016."""
    safe = folder / "S2A_OPER_PRD_MSIL1C_PDMC_20151123T091302_R122_V20151122T100031.SAFE"
    images = {name: [f"{name[:-7]}_{band}" for band in SIZES] for name in granules}
    for name, bands in images.items():
        for band in bands:
            write_band(safe / "GRANULE" / name / "IMG_DATA" / f"{band}.jp2", band[-3:])
        tile = name[:-7].replace("_MSI_", "_MTD_")
        (safe / "GRANULE" / name / f"{tile}.xml").write_text("<x/>")
    xml = metadata("L1C", "02.04", images, None, "ID")
    (safe / "S2A_OPER_MTD_SAFL1C_PDMC_20151123T091302_R122_V20151122T100031.xml").write_text(xml)
    return safe


def test_the_old_naming(tmp_path: Path) -> None:
    safe = write_old(tmp_path, OLD)
    assert describe((str(safe),)).product == "Sentinel-2 L1C N0204"
    assert describe((str(next(safe.glob("*.xml"))),)).scaling == Scaling(1e-4, 0.0)


def test_of_several_granules_one_is_to_be_named(tmp_path: Path) -> None:
    safe = write_old(tmp_path, OLD, OTHER)
    with pytest.raises(InputError, match=f"names 2 granules: {OLD}, {OTHER}"):
        describe((str(safe),))
    info = describe((str(safe / "GRANULE" / OTHER),))
    assert info.product == "Sentinel-2 L1C N0204"
    assert all(OTHER in layer.path for layer in info.layers)


def test_a_granule_is_chosen_by_its_name_or_its_tile(tmp_path: Path) -> None:
    safe = write_old(tmp_path, OLD, OTHER)
    named = describe((str(safe / "GRANULE" / OTHER),))
    tile = OTHER.rpartition("_T")[2][:5]
    packed = pack(safe)
    for granule in (OTHER, tile, f"T{tile}", tile.lower()):
        for way in (safe, next(safe.glob("*.xml")), safe / "GRANULE" / OTHER):
            info = describe_for((str(way),), Reading(granule=granule))
            assert [layer.path for layer in info.layers] == [layer.path for layer in named.layers]
        inside = describe_for((str(packed),), Reading(granule=granule))
        assert all(OTHER in layer.path for layer in inside.layers)
    for wrong in ("31UFU", "", OTHER[:-1]):
        with pytest.raises(InputError, match=f"holds the granules {OLD}, {OTHER}; expected"):
            describe_for((str(safe),), Reading(granule=wrong))
    with pytest.raises(InputError, match="holds no product of granules"):
        describe_for((str(tmp_path / "town.tif"),), Reading(granule=tile))
    with pytest.raises(InputError, match="--granule and --mosaic"):
        Reading(granule=tile, mosaic="first")


def test_the_granules_of_a_product_are_a_batch_or_a_mosaic(tmp_path: Path) -> None:
    safe = write_old(tmp_path, OLD, OTHER)
    folders = [str(safe / "GRANULE" / name) for name in (OLD, OTHER)]
    scenes = find_scenes([str(safe)])
    assert [scene.paths for scene in scenes] == [(folder,) for folder in folders]
    assert [scene.label for scene in scenes] == [OLD, OTHER]
    assert [scene.paths for scene in find_scenes([str(tmp_path)])] == [(path,) for path in folders]
    one = Options(reading=Reading(granule=OTHER))
    assert [scene.paths for scene in find_scenes([str(safe)], options=one)] == [(folders[1],)]
    assert mosaic_files((str(safe),)) == tuple(folders)
    (plain,) = find_scenes([write_safe(tmp_path / "new").as_posix()])
    assert plain.paths[0].endswith(".SAFE")


def write_cloud(folder: Path, level: str, baseline: str) -> Path:
    folder.mkdir()
    for name, metres in SIZES.items():
        if level == "1C" or name != "B10":
            write_band(folder / (f"R{metres}m" if level == "2A" else "") / f"{name}.jp2", name)
    (folder / "metadata.xml").write_text(CLOUD_XML.format(level=level, baseline=baseline))
    return folder


def test_the_cloud_layout(tmp_path: Path) -> None:
    early = write_cloud(tmp_path / "early", "1C", "_N02.07")
    info = describe((str(early),))
    assert (info.product, info.scaling) == ("Sentinel-2 L1C", None)
    assert describe((str(early / "metadata.xml"),)).bands == info.bands
    late = write_cloud(tmp_path / "late", "2A", "_N05.09")
    own = "S2A_OPER_MSI_L2A_TL_SGS__20181231T203637_A018414_T10SDG_N05.09"
    (late / "product_metadata.xml").write_text(metadata("L2A", "05.09", {own: []}, "-700"))
    assert describe((str(late),)).scaling == Scaling(1e-4, -0.07)
    for other in ({own.replace("T10SDG", "T10SEG"): []}, {}):  # of another product
        (late / "product_metadata.xml").write_text(metadata("L2A", "05.09", other, "-700"))
        with pytest.raises(InputError, match=r"is of the granule 'S2A_OPER.*own product"):
            describe((str(late),))
    (late / "product_metadata.xml").write_text(metadata("L1C", "05.09", {}, "-700"))
    with pytest.raises(InputError, match="of another level"):
        describe((str(late),))
    (late / "R20m" / "B8A.jp2").unlink()
    with pytest.raises(InputError, match=r"R20m/B8A.jp2 is missing"):
        describe((str(late),))


def test_a_granule_without_its_product_is_not_guessed_at(tmp_path: Path) -> None:
    # its name ends in a baseline, which is no word on the numbers
    granule = write_cloud(tmp_path / "early", "1C", "_N02.07")
    with pytest.raises(InputError, match=r"product_metadata.xml is missing.*--scale"):
        open_raster((str(granule),), S2, Options())
    told = Options.of(scale=1e-4, offset=0.0)
    with open_raster((str(granule),), S2, told) as source:
        assert source.scaling == Scaling(1e-4, 0.0)


def test_what_is_no_product(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<x/>")
    (tmp_path / "metadata.xml").write_text("<x/>")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.tif", "x")
    for name in ("", "x.xml", "metadata.xml", "x.zip", "missing.zip", "missing.SAFE", "x.tif"):
        assert open_delivery(str(tmp_path / name)) is None
        assert not is_delivery(str(tmp_path / name))
    assert open_delivery("/vsizip/missing.zip/x.SAFE") is None
    for name in ("https://example.org/x.SAFE", "/vsicurl/https://example.org/y.SAFE/"):
        with pytest.raises(InputError, match="not listed by its server"):
            open_delivery(name)


def test_a_folder_of_products_is_a_batch(l1c: Path, l2a: Path, tmp_path: Path) -> None:
    shutil.copytree(l1c, tmp_path / l1c.name)
    shutil.move(pack(l2a), tmp_path)
    named = [(l1c.stem, tmp_path / l1c.name), (l2a.stem, tmp_path / f"{l2a.stem}.zip")]
    expected = [(label, (str(path),)) for label, path in named]
    for given in (
        [str(tmp_path)],
        [f"{tmp_path}/*"],
        [f"{tmp_path}/**/*"],
        [str(p) for _, p in named],
    ):
        found = [(scene.label, scene.paths) for scene in find_scenes(given)]
        assert sorted(found) == expected
    (scene,) = find_scenes([f"{tmp_path}/*/MTD_MSIL1C.xml"])
    assert scene.label == l1c.stem


@pytest.mark.skipif(not REAL.is_dir(), reason="needs ../shared/data/products")
@pytest.mark.parametrize(
    ("name", "product", "offset", "count"),
    [
        ("S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE", "L1C N0209", 0.0, 13),
        ("S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE", "L1C N0301", 0.0, 13),
        ("S2A_MSIL2A_20190212T192651_N0212_R013_T07HFE_20201007T160857.SAFE", "L2A N0212", 0.0, 12),
        (
            "S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.SAFE",
            "L2A N0509",
            -0.1,
            12,
        ),
    ],
)
def test_metadata_of_real_products(
    name: str, product: str, offset: float, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"\.jp2 is missing"):
        open_delivery(str(REAL / name))
    has = places.Folder.has
    monkeypatch.setattr(
        places.Folder, "has", lambda self, path: path.endswith(".jp2") or has(self, path)
    )
    found = open_delivery(str(REAL / name))
    assert found
    assert found.product.label == f"Sentinel-2 {product}"
    assert found.product.scaling == Scaling(1e-4, offset)
    assert len(found.bands) == count
