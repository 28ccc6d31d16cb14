"""Sentinel-2 products written for tests: metadata as in the products, and small JPEG 2000 files."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import rasterio
from rasterio.features import shapes
from rasters import UTM33, reflectances, write

SIZES = dict.fromkeys(("B02", "B03", "B04", "B08"), 10)
SIZES |= dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12"), 20)
SIZES |= dict.fromkeys(("B01", "B09", "B10"), 60)
TILE = "T33TUL_20230416T100031"
GRANULE = "{level}_T33TUL_A031900_20230416T100031"
SIDE = 480  # metres are ten times this
LOSSLESS = {"driver": "JP2OpenJPEG", "QUALITY": "100", "REVERSIBLE": "YES", "YCBCR420": "NO"}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<n1:Level-{number}_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-{number}.xsd">
<n1:General_Info><Product_Info><PROCESSING_LEVEL>Level-{number}</PROCESSING_LEVEL>
<PRODUCT_TYPE>S2MSI{kind}</PRODUCT_TYPE><PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>
<Product_Organisation><Granule_List>{granules}</Granule_List></Product_Organisation></Product_Info>
<Product_Image_Characteristics>
<Special_Values><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
<SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX></Special_Values>
<Special_Values><SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>
<SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX></Special_Values>
<{quantum} unit="none">10000</{quantum}>{offsets}
</Product_Image_Characteristics></n1:General_Info></n1:Level-{number}_User_Product>"""


def pixels(name: str, shift: int = 0, side: int = SIDE) -> np.ndarray:
    """Return the digital numbers of a band [1, row, column], a black corner without data."""
    fine = side * 10 // SIZES[name]
    found = reflectances(1, fine, fine, seed=list(SIZES).index(name)) + shift
    corner = fine // 8
    found[:, :corner, :corner] = 0
    return found.astype(np.uint16)


def write_band(path: Path, name: str, shift: int = 0, side: int = SIDE) -> str:
    """Write a band as lossless JPEG 2000."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metres = SIZES[name]
    place = (metres, 0.0, UTM33[2], 0.0, -metres, UTM33[5])
    return write(path, pixels(name, shift, side), transform=place, **LOSSLESS)


def metadata(
    level: str, baseline: str, images: dict[str, Sequence[str]], add: str | None, tag: str = "FILE"
) -> str:
    """Return a product's XML; `images` are the texts of each granule."""
    offset = "RADIO_ADD_OFFSET" if level == "L1C" else "BOA_ADD_OFFSET"
    return XML.format(
        number=level[1:],
        kind=level[1:],
        baseline=baseline,
        granules="".join(
            f'<Granule granuleIdentifier="{name}">'
            + "".join(f"<IMAGE_{tag}>{text}</IMAGE_{tag}>" for text in texts)
            + "</Granule>"
            for name, texts in images.items()
        ),
        quantum="QUANTIFICATION_VALUE" if level == "L1C" else "BOA_QUANTIFICATION_VALUE",
        offsets="".join(f'<{offset} band_id="{i}">{add}</{offset}>' for i in range(13) if add),
    )


def write_safe(
    folder: Path, level: str = "L1C", baseline: str = "05.09", add: str | None = "-1000"
) -> Path:
    """Write a SAFE folder of one granule; return it."""
    code = baseline.replace(".", "")
    safe = folder / f"S2A_MSI{level}_20230416T100031_N{code}_R122_{TILE[:6]}_20230416T120000.SAFE"
    granule = GRANULE.format(level=level)
    images = []
    for name, metres in SIZES.items():
        if level == "L2A" and name == "B10":
            continue
        end = f"R{metres}m/{TILE}_{name}_{metres}m" if level == "L2A" else f"{TILE}_{name}"
        images.append(f"GRANULE/{granule}/IMG_DATA/{end}")
        write_band(safe / f"{images[-1]}.jp2", name, -int(add or 0))
    beside = f"R10m/{TILE}_TCI_10m" if level == "L2A" else f"{TILE}_TCI"
    texts = [*images, f"GRANULE/{granule}/IMG_DATA/{beside}"]
    if level == "L2A":  # named, and there where a test writes it
        texts.append(f"GRANULE/{granule}/IMG_DATA/R20m/{TILE}_SCL_20m")
    xml = metadata(level, baseline, {f"S2A_OPER_MSI_{level}_TL_X": texts}, add)
    (safe / f"MTD_MSI{level}.xml").write_text(xml)
    (safe / "GRANULE" / granule / "MTD_TL.xml").write_text("<x/>")
    return safe


def write_scl(folder: Path, marks: Mapping[str, np.ndarray]) -> None:
    """Write a scene classification of 20 m; vegetation where nothing is marked."""
    values = {"nodata": 0, "shadows": 3, "clouds": 9, "snow": 11}
    found = np.full(next(iter(marks.values())).shape, 4, np.uint8)
    for name, where in marks.items():
        found[where] = values[name]
    place = (20.0, 0.0, UTM33[2], 0.0, -20.0, UTM33[5])
    write(folder / f"{TILE}_SCL_20m.jp2", found[None], transform=place, **LOSSLESS)


def write_mask_raster(folder: Path, marks: Mapping[str, np.ndarray]) -> None:
    """Write MSK_CLASSI: opaque clouds, cirrus, snow, of 60 m; every other cloud is cirrus."""
    folder.mkdir()
    found = np.zeros((3, *marks["clouds"].shape), np.uint8)
    found[0, ::2] = marks["clouds"][::2]
    found[1, 1::2] = marks["clouds"][1::2]
    found[2] = marks["snow"]
    place = (60.0, 0.0, UTM33[2], 0.0, -60.0, UTM33[5])
    write(folder / "MSK_CLASSI_B00.jp2", found, transform=place, **LOSSLESS)


GML = """<?xml version="1.0" encoding="UTF-8"?>
<eop:Mask xmlns:eop="http://www.opengis.net/eop/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" gml:id="S2A">
<gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG:8.7.1:32633"><gml:lowerCorner>0 0</gml:lowerCorner>
</gml:Envelope></gml:boundedBy><eop:maskMembers>{features}</eop:maskMembers></eop:Mask>"""
FEATURE = """<eop:MaskFeature gml:id="{kind}.{i}"><eop:maskType codeSpace="urn:gs2:S2PDGS:maskType">{kind}</eop:maskType>
<eop:extentOf><gml:Polygon gml:id="{kind}.{i}_Polygon">{rings}</gml:Polygon></eop:extentOf></eop:MaskFeature>"""


def write_mask_gml(folder: Path, marks: Mapping[str, np.ndarray]) -> None:
    """Write MSK_CLOUDS as polygons around the pixels of 60 m, with holes, by GDAL's polygonizer."""
    folder.mkdir()
    place = rasterio.Affine(60.0, 0.0, UTM33[2], 0.0, -60.0, UTM33[5])
    clouds = marks["clouds"].astype(np.uint8)
    features = ""
    for i, (shape, _) in enumerate(shapes(clouds, mask=clouds > 0, transform=place)):
        rings = ""
        for number, ring in enumerate(shape["coordinates"]):
            kind = "interior" if number else "exterior"
            text = " ".join(f"{x:.0f} {y:.0f}" for x, y in ring)
            rings += (
                f'<gml:{kind}><gml:LinearRing><gml:posList srsDimension="2">{text}</gml:posList>'
                f"</gml:LinearRing></gml:{kind}>"
            )
        features += FEATURE.format(kind=("OPAQUE", "CIRRUS")[i % 2], i=i, rings=rings)
    (folder / "MSK_CLOUDS_B00.gml").write_text(GML.format(features=features))


def pack(safe: Path) -> Path:
    """Put a folder into a zip file beside it; return that."""
    path = safe.with_name(f"{safe.stem}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(safe.rglob("*")):
            archive.write(file, file.relative_to(safe.parent))
    return path
