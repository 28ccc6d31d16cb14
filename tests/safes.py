"""Sentinel-2 products written for tests: metadata as in the products, and small JPEG 2000 files."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rasters import UTM33, reflectances, write

SIZES = dict.fromkeys(("B02", "B03", "B04", "B08"), 10)
SIZES |= dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12"), 20)
SIZES |= dict.fromkeys(("B01", "B09", "B10"), 60)
TILE = "T33TUL_20230416T100031"
GRANULE = "{level}_T33TUL_A031900_20230416T100031"
SIDE = 480  # metres are ten times this
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
    lossless = {"driver": "JP2OpenJPEG", "QUALITY": "100", "REVERSIBLE": "YES", "YCBCR420": "NO"}
    return write(path, pixels(name, shift, side), transform=place, **lossless)


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
    xml = metadata(level, baseline, {f"S2A_OPER_MSI_{level}_TL_X": texts}, add)
    (safe / f"MTD_MSI{level}.xml").write_text(xml)
    (safe / "GRANULE" / granule / "MTD_TL.xml").write_text("<x/>")
    return safe


def pack(safe: Path) -> Path:
    """Put a folder into a zip file beside it; return that."""
    path = safe.with_name(f"{safe.stem}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(safe.rglob("*")):
            archive.write(file, file.relative_to(safe.parent))
    return path
