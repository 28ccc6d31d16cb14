"""Sentinel-2 products: baseline 04.00 and later shift their digital numbers by 1000."""

from __future__ import annotations

from pathlib import Path

import pytest
from cards import S2
from rasters import reflectances, write

from geoseg.core.card import Scaling
from geoseg.core.options import Options
from geoseg.scene.describe import describe
from geoseg.scene.products import find_product
from geoseg.scene.source import open_raster

OLD = "S2A_MSIL1C_20190416T100031_N0207_R122_T33TUL_20190416T120000.SAFE"
NEW = "S2B_MSIL2A_20230416T100031_N0509_R122_T33TUL_20230416T120000.SAFE"
XML = """<?xml version="1.0"?><n1:Level-2A_User_Product><n1:General_Info>
<PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE><PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>
<BOA_QUANTIFICATION_VALUE unit="none">{quantum}</BOA_QUANTIFICATION_VALUE>{offsets}
</n1:General_Info></n1:Level-2A_User_Product>"""
OFFSETS = "".join(f'<BOA_ADD_OFFSET band_id="{i}">-1000</BOA_ADD_OFFSET>' for i in range(13))


def scaling(*paths: str, **tags: str) -> Scaling | None:
    product = find_product(paths, tags)
    return product and product.scaling


def test_baseline_in_the_products_name() -> None:
    assert scaling(f"/data/{OLD}/GRANULE/x/IMG_DATA/B02.jp2") == Scaling(1e-4, 0.0)
    assert scaling(f"/data/{NEW}/GRANULE/x/IMG_DATA/R10m/B02.jp2") == Scaling(1e-4, -0.1)


def test_files_of_two_products_say_nothing() -> None:
    assert scaling(f"/{OLD}/B02.jp2", f"/{NEW}/B03.jp2") is None
    assert scaling(f"/{OLD}/B02.jp2", "/other/B03.jp2") is None


@pytest.mark.parametrize(
    ("value", "offset"),
    [("04.00", -0.1), ("05.10", -0.1), ("03.01", 0.0), ("N0400", -0.1), ("02.07", 0.0)],
)
def test_baseline_in_a_tag(value: str, offset: float) -> None:
    assert scaling("a.tif", PROCESSING_BASELINE=value) == Scaling(1e-4, offset)


@pytest.mark.parametrize("value", ["", "latest", "99", "4.0.0"])
def test_a_tag_that_is_no_baseline_says_nothing(value: str) -> None:
    assert find_product(("a.tif",), {"PROCESSING_BASELINE": value}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (XML.format(baseline="05.09", quantum=10000, offsets=OFFSETS), Scaling(1e-4, -0.1)),
        (XML.format(baseline="02.13", quantum=10000, offsets=""), Scaling(1e-4, 0.0)),
        (XML.format(baseline="02.13", quantum=1000, offsets=""), Scaling(1e-3, 0.0)),
        (
            XML.format(baseline="05.09", quantum=0, offsets=OFFSETS),
            Scaling(1e-4, -0.1),
        ),  # no quantum: the baseline tells
        (
            XML.format(
                baseline="05.09", quantum=10000, offsets=OFFSETS.replace("-1000", "-500", 1)
            ),
            Scaling(1e-4, -0.1),
        ),
        ("not XML at all", None),
        ("<PROCESSING_BASELINE>&boom;</PROCESSING_BASELINE>", None),
        ("", None),
    ],
)
def test_baseline_in_metadata_above_the_files(
    tmp_path: Path, text: str, expected: Scaling | None
) -> None:
    folder = tmp_path / "product" / "GRANULE" / "L2A" / "IMG_DATA" / "R10m"
    folder.mkdir(parents=True)
    (tmp_path / "product" / "MTD_MSIL2A.xml").write_text(text)
    assert scaling(str(folder / "B02.jp2")) == expected


def test_a_hostile_file_is_read_as_text_only(tmp_path: Path) -> None:
    lines = ['<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">']
    lines += [f'<!ENTITY b{i} "{f"&b{i - 1};" * 10 if i else "&a;" * 10}">' for i in range(12)]
    (tmp_path / "MTD_MSIL1C.xml").write_text("\n".join([*lines, "]><x>&b11;</x>"]) + "<" * 100_000)
    assert scaling(str(tmp_path / "B02.jp2")) is None


def test_the_offset_reaches_the_source(tmp_path: Path) -> None:
    folder = tmp_path / NEW
    folder.mkdir()
    path = write(folder / "scene.tif", reflectances(9, 40, 40) + 1000, S2.band_names)
    info = describe((path,))
    assert info.product == "Sentinel-2 L2A N0509"
    with open_raster((path,), S2, Options()) as source:
        assert source.scaling == Scaling(1e-4, -0.1)
        assert any("from the product (Sentinel-2 L2A N0509)" in note for note in source.notes)
    with open_raster((path,), S2, Options.of(offset=0.0)) as source:
        assert source.scaling == Scaling(1e-4, 0.0)
