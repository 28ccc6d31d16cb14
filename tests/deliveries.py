"""Satellite products written for tests: metadata as their producers write them, small rasters."""

from __future__ import annotations

import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rasters import UTM33, reflectances, write
from safes import SIDE, write_mask_gml, write_mask_raster, write_safe, write_scl

PX30 = (30.0, 0.0, 500_010.0, 0.0, -30.0, 5_000_010.0)
PX3 = (3.0, 0.0, 500_001.0, 0.0, -3.0, 5_000_001.0)
SIZE = (96, 112)  # rows, columns of products that are not Sentinel-2's
Marks = Mapping[str, np.ndarray]  # bool [row, column] by the name of a mask, on the mask's grid


@dataclass(frozen=True)
class Written:
    """A product that was written, and what is to be found in it."""

    path: Path
    """Its folder."""
    ways: tuple[Path, ...]
    """Other paths that name it."""
    product: str
    sensor: str
    bands: tuple[str | None, ...]
    scaling: tuple[float, float] | None
    gsd: float
    masks: Marks = field(default_factory=dict)
    """Where each mask is, on the grid of the mask."""
    metadata: str = ""
    """The file that is read first, in the folder; "" where there is none."""


def random_marks(shape: tuple[int, int], *names: str) -> dict[str, np.ndarray]:
    """Draw blobs for each name, which do not overlap."""
    rng = np.random.default_rng(len(names))
    which = rng.integers(0, 2 * len(names), (shape[0] // 5 + 1, shape[1] // 5 + 1))
    which = which.repeat(5, 0).repeat(5, 1)[: shape[0], : shape[1]]
    return {name: which == i for i, name in enumerate(names)}


def dn(seed: int, shape: tuple[int, int] = SIZE) -> np.ndarray:
    return reflectances(1, *shape, seed=seed)


# Landsat

L8 = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")
LANDSAT_NAMES = ("coastal", "blue", "green", "red", "nir08", "swir16", "swir22")


def mtl(groups: Mapping[str, Mapping[str, object]], root: str = "LANDSAT_METADATA_FILE") -> str:
    """Write groups as ODL."""
    lines = [f"GROUP = {root}"]
    for name, group in groups.items():
        lines.append(f"  GROUP = {name}")
        lines += [
            f'    {key} = "{value}"' if isinstance(value, str) else f"    {key} = {value}"
            for key, value in group.items()
        ]
        lines.append(f"  END_GROUP = {name}")
    return "\n".join([*lines, f"END_GROUP = {root}", "END", ""])


def mtl_json(groups: Mapping[str, Mapping[str, object]]) -> str:
    texts = {name: {k: str(v) for k, v in group.items()} for name, group in groups.items()}
    return json.dumps({"LANDSAT_METADATA_FILE": texts})


def mtl_xml(groups: Mapping[str, Mapping[str, object]]) -> str:
    inner = "".join(
        f"<{name}>{''.join(f'<{k}>{v}</{k}>' for k, v in group.items())}</{name}>"
        for name, group in groups.items()
    )
    return f"<?xml version='1.0'?><LANDSAT_METADATA_FILE>{inner}</LANDSAT_METADATA_FILE>"


def landsat_groups(
    stem: str, level: str, files: Mapping[str, str], gains: Mapping[str, tuple[float, float]]
) -> dict[str, dict[str, object]]:
    """Return the groups of an MTL file; `files` and `gains` by FILE_NAME_BAND_ and number."""
    group = "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS"
    rescaling = group if level.startswith("L2") else "LEVEL1_RADIOMETRIC_RESCALING"
    groups: dict[str, dict[str, object]] = {
        "PRODUCT_CONTENTS": {
            "LANDSAT_PRODUCT_ID": stem,
            "PROCESSING_LEVEL": level,
            "COLLECTION_NUMBER": 2,
            **{f"FILE_NAME_BAND_{number}": file for number, file in files.items()},
            "FILE_NAME_QUALITY_L1_PIXEL": f"{stem}_QA_PIXEL.TIF",
        },
        "IMAGE_ATTRIBUTES": {
            "SPACECRAFT_ID": f"LANDSAT_{int(stem[2:4])}",
            "SENSOR_ID": "OLI_TIRS" if stem[1] == "C" else "TM",
            "CLOUD_COVER": 54.65,
            "SUN_ELEVATION": 30.0,
        },
        rescaling: {
            key: value
            for number, (gain, add) in gains.items()
            for key, value in (
                (f"REFLECTANCE_MULT_BAND_{number}", gain),
                (f"REFLECTANCE_ADD_BAND_{number}", add),
            )
        },
    }
    if level.startswith("L2"):  # as in the files: what was made of comes behind, and is not it
        groups["LEVEL2_SURFACE_TEMPERATURE_PARAMETERS"] = {
            "TEMPERATURE_MULT_BAND_ST_B10": 0.00341802,
            "TEMPERATURE_ADD_BAND_ST_B10": 149.0,
        }
        groups["LEVEL1_PROCESSING_RECORD"] = {"PROCESSING_LEVEL": "L1TP"}
        groups["LEVEL1_RADIOMETRIC_RESCALING"] = {
            "REFLECTANCE_MULT_BAND_1": 2e-5,
            "REFLECTANCE_ADD_BAND_1": -0.1,
        }
    return groups


def write_qa(path: Path, marks: Marks) -> None:
    """QA_PIXEL: bits 0 fill, 3 cloud, 4 shadow, 5 snow; 6 and 7 say clear and water."""
    shape = next(iter(marks.values())).shape
    bits = {"nodata": 0, "clouds": 3, "shadows": 4, "snow": 5}
    found = np.full(shape, 1 << 6, np.uint16)
    for name, where in marks.items():
        found[where] = (1 << bits[name]) | 1 << 7
    write(path, found[None], transform=PX30)


def write_landsat(folder: Path, level: str = "L2SP", form: str = "txt", craft: int = 8) -> Written:
    """Write a Landsat product of Collection 2, of one form of metadata, or of all ("")."""
    stem = f"L{'C' if craft >= 8 else 'T'}0{craft}_{level}_191028_20150710_20200908_02_T1"
    place = folder / stem
    place.mkdir(parents=True)
    second = level.startswith("L2")
    numbers = [band[1:] for band in L8] if craft >= 8 else ["1", "2", "3", "4", "5", "7"]
    begin = "SR_" if second else ""
    files = {number: f"{stem}_{begin}B{number}.TIF" for number in numbers}
    for number, file in files.items():
        pixels = dn(int(number)) + 9000
        pixels[:, :7, :7] = 0
        write(place / file, pixels, transform=PX30, nodata=0)
    if second:
        files["ST_B10"] = f"{stem}_ST_B10.TIF"
        write(place / files["ST_B10"], dn(10) + 40000, transform=PX30, nodata=0)
    elif craft >= 8:
        files["8"] = f"{stem}_B8.TIF"
        half = tuple(v / 2 if v in (30.0, -30.0) else v for v in PX30)
        write(place / files["8"], dn(8, (SIZE[0] * 2, SIZE[1] * 2)), transform=half, nodata=0)
        files["10"] = f"{stem}_B10.TIF"
        write(place / files["10"], dn(10), transform=PX30, nodata=0)
    gain = (2.75e-5, -0.2) if second else (2e-5, -0.1)
    reflective = [number for number in files if number not in ("ST_B10", "10")]
    gains = dict.fromkeys(reflective, gain)
    if craft < 8:
        gains = {number: (2e-5 + 1e-6 * int(number), -0.15) for number in reflective}
    groups = landsat_groups(stem, level, files, gains)
    for name, make in (("txt", mtl), ("json", mtl_json), ("xml", mtl_xml)):
        if form in (name, ""):
            (place / f"{stem}_MTL.{name}").write_text(make(groups))
    marks = random_marks(SIZE, "clouds", "shadows", "snow", "nodata")
    write_qa(place / f"{stem}_QA_PIXEL.TIF", marks)
    names = LANDSAT_NAMES if craft >= 8 else tuple(n for n in LANDSAT_NAMES if n != "coastal")
    scaling = gain if second else (gain[0] / 0.5, gain[1] / 0.5)  # the sine of 30 degrees
    last = ("lwir11",) if second else ("pan", "lwir11")
    sensor = "Landsat 8/9" if craft >= 8 else "Landsat 4-7"
    return Written(
        place,
        tuple(place.glob("*_MTL.*")),
        f"Landsat {craft} Collection 2 {level}",
        sensor,
        (*names, *last) if craft >= 8 else names,
        scaling if craft >= 8 else None,
        30.0,
        marks,
        f"{stem}_MTL.{form}" if form else "",  # of three forms any one serves
    )


# HLS


def write_hls(folder: Path, kind: str = "S30") -> Written:
    granule = f"HLS.{kind}.T33TUL.2023106T100031.v2.0"
    place = folder / granule
    place.mkdir(parents=True)
    sentinel = kind == "S30"
    codes = ("B02", "B03", "B04", "B8A", "B11") if sentinel else ("B02", "B03", "B04", "B05", "B06")
    for i, code in enumerate(codes):
        pixels = dn(i).astype(np.int16)
        pixels[:, :9, :9] = -9999
        path = place / f"{granule}.{code}.tif"
        write(path, pixels, transform=PX30, nodata=-9999)
    marks = random_marks(SIZE, "clouds", "shadows", "snow", "nodata")
    values = {"clouds": 2, "shadows": 8, "snow": 16, "nodata": 255}
    fmask = np.full(SIZE, 64, np.uint8)
    for name, where in marks.items():
        fmask[where] = values[name]
    write(place / f"{granule}.Fmask.tif", fmask[None], transform=PX30, nodata=255)
    names = codes if sentinel else ("blue", "green", "red", "nir08", "swir16")
    sensor = "Sentinel-2" if sentinel else "Landsat 8/9"
    return Written(place, (), f"HLS {kind}", sensor, names, (1e-4, 0.0), 30.0, marks)


# PlanetScope

EIGHT = ("coastal", "blue", "green05", "green", "yellow", "red", "rededge", "nir")
PLANET_XML = """<?xml version="1.0" encoding="UTF-8"?>
<ps:EarthObservation xmlns:ps="http://schemas.planet.com/ps/v1/x" xmlns:eop="http://earth.esa.int/eop"
 xmlns:opt="http://earth.esa.int/opt" xmlns:gml="http://www.opengis.net/gml">
<eop:EarthObservationEquipment><eop:instrument><eop:Instrument><eop:shortName>{instrument}</eop:shortName>
</eop:Instrument></eop:instrument></eop:EarthObservationEquipment>
<opt:cloudCoverPercentage unitCode="percentage">12.0</opt:cloudCoverPercentage>{bands}</ps:EarthObservation>"""


def write_planet(folder: Path, bands: int = 4, surface: bool = False) -> Written:
    scene = "20230416_100031_12_2455"
    place = folder / scene
    place.mkdir(parents=True)
    end = "_8b" if bands == 8 else ""
    image = place / f"{scene}_3B_AnalyticMS{'_SR' if surface else ''}{end}.tif"
    pixels = reflectances(bands, *SIZE)
    pixels[:, :6, :6] = 0
    write(image, pixels, transform=PX3, nodata=0)
    told = "".join(
        f"<ps:bandSpecificMetadata><ps:bandNumber>{i}</ps:bandNumber>"
        "<ps:radiometricScaleFactor>0.01</ps:radiometricScaleFactor>"
        f"<ps:reflectanceCoefficient>{2e-5 + i * 1e-6:.17g}</ps:reflectanceCoefficient>"
        "</ps:bandSpecificMetadata>"
        for i in range(1, bands + 1)
    )
    xml = place / f"{scene}_3B_AnalyticMS{end}_metadata.xml"
    xml.write_text(PLANET_XML.format(instrument="PSB.SD" if bands == 8 else "PS2", bands=told))
    marks = random_marks(SIZE, "clouds", "shadows", "snow", "nodata")
    udm = np.zeros((8, *SIZE), np.uint8)
    for name, band in (("clouds", 6), ("shadows", 3), ("snow", 2), ("nodata", 8)):
        udm[band - 1] = marks[name]
    write(place / f"{scene}_3B_udm2.tif", udm, transform=PX3)
    names = EIGHT if bands == 8 else ("blue", "green", "red", "nir")
    kind = "surface reflectance" if surface else "radiance"
    scaling = (1e-4, 0.0) if surface else None
    ways = (image, xml)
    label = f"PlanetScope {kind}"
    return Written(place, ways, label, "PlanetScope", names, scaling, 3.0, marks, xml.name)


# Maxar

IMD = """version = "28.3";
generationTime = 2023-04-16T12:00:00.000000Z;
productOrderId = "010000000000_01_P001";
imageDescriptor = "ORStandard2A";
bandId = "Multi";
panSharpenAlgorithm = "None";
numRows = {rows};
numColumns = {columns};
bitsPerPixel = 16;
productLevel = "LV2A";
{bands}BEGIN_GROUP = MAP_PROJECTED_PRODUCT
	ULX = {x};
	ULY = {y};
	colSpacing = 3.0;
	rowSpacing = 3.0;
END_GROUP = MAP_PROJECTED_PRODUCT
BEGIN_GROUP = IMAGE_1
\tsatId = "WV02";
\tmode = "FullSwath";
\tcloudCover = 0.010;
END_GROUP = IMAGE_1
END;
"""
TIL = """bandId = "Multi";
numTiles = 1;
tileSizeX = {columns};
tileSizeY = {rows};
tileUnits = "Pixels";
tileOverlap = 0;
BEGIN_GROUP = TILE_1
\tfilename = "{name}";
\tULColOffset = 0;
\tULRowOffset = 0;
\tURColOffset = {right};
\tURRowOffset = 0;
\tLRColOffset = {right};
\tLRRowOffset = {bottom};
\tLLColOffset = 0;
\tLLRowOffset = {bottom};
END_GROUP = TILE_1
END;
"""


def write_maxar(folder: Path, codes: str = "BGRN") -> Written:
    place = folder / "050000000000_01_P001_MUL"
    place.mkdir(parents=True)
    stem = "23APR16100031-M2AS-050000000000_01_P001"
    rows, columns = SIZE
    write(place / f"{stem}_R1C1.TIF", reflectances(len(codes), *SIZE), transform=PX3)
    text = TIL.format(
        name=f"{stem}_R1C1.TIF", rows=rows, columns=columns, right=columns - 1, bottom=rows - 1
    )
    (place / f"{stem}.TIL").write_text(text)
    bands = "".join(
        f"BEGIN_GROUP = BAND_{code}\n\tabsCalFactor = 1.0e-02;\nEND_GROUP = BAND_{code}\n"
        for code in codes
    )
    (place / f"{stem}.IMD").write_text(
        IMD.format(rows=rows, columns=columns, bands=bands, x=PX3[2] + 1.5, y=PX3[5] - 1.5)
    )
    names = {"B": "blue", "G": "green", "R": "red", "N": "nir", "C": "coastal", "Y": "yellow"}
    ways = (place / f"{stem}.TIL", place / f"{stem}.IMD")
    found = tuple(names[code] for code in codes)
    return Written(
        place, ways, "WorldView 2 LV2A", "WorldView", found, None, 3.0, {}, f"{stem}.IMD"
    )


# Airbus

DIM = """<?xml version="1.0" encoding="UTF-8"?>
<Dimap_Document><Metadata_Identification><METADATA_FORMAT version="2.15">DIMAP</METADATA_FORMAT>
</Metadata_Identification><Dataset_Identification><DATASET_NAME>X</DATASET_NAME></Dataset_Identification>
<Dataset_Sources><Source_Identification><Strip_Source><MISSION>{mission}</MISSION>
<MISSION_INDEX>{index}</MISSION_INDEX></Strip_Source></Source_Identification></Dataset_Sources>
<Processing_Information><Product_Settings><Radiometric_Settings>
<RADIOMETRIC_PROCESSING>REFLECTANCE</RADIOMETRIC_PROCESSING></Radiometric_Settings></Product_Settings>
</Processing_Information>
<Raster_Data><Data_Access><DATA_FILE_ORGANISATION>BAND_COMPOSITE</DATA_FILE_ORGANISATION>
<DATA_FILE_FORMAT>image/tiff</DATA_FILE_FORMAT><DATA_FILE_TILES>false</DATA_FILE_TILES>
<Data_Files><Data_File tile_R="1" tile_C="1"><DATA_FILE_PATH href="{image}"/></Data_File>
<Raster_Display><Raster_Index_List>{bands}</Raster_Index_List></Raster_Display></Data_Files></Data_Access>
<Raster_Display><Band_Display_Order><RED_CHANNEL>B2</RED_CHANNEL><GREEN_CHANNEL>B1</GREEN_CHANNEL>
<BLUE_CHANNEL>B0</BLUE_CHANNEL></Band_Display_Order><Special_Value><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
<SPECIAL_VALUE_COUNT>0</SPECIAL_VALUE_COUNT></Special_Value></Raster_Display>
<Raster_Dimensions><NROWS>{rows}</NROWS><NCOLS>{columns}</NCOLS><NBANDS>{count}</NBANDS>
<Tile_Set><NTILES>1</NTILES><Regular_Tiling><NTILES_SIZE nrows="{rows}" ncols="{columns}"/>
<NTILES_COUNT ntiles_R="1" ntiles_C="1"/></Regular_Tiling></Tile_Set></Raster_Dimensions>
<Raster_Encoding><NBITS>16</NBITS><SIGN>UNSIGNED</SIGN></Raster_Encoding></Raster_Data>
<Radiometric_Data><Radiometric_Calibration><Instrument_Calibration><Band_Measurement_List>{ranges}{gains}
</Band_Measurement_List></Instrument_Calibration></Radiometric_Calibration></Radiometric_Data></Dimap_Document>"""
RANGES = {"B2": (0.59, 0.71), "B1": (0.5, 0.6), "B0": (0.43, 0.55), "B3": (0.74, 0.94)}


def write_airbus(folder: Path, order: tuple[str, ...] = ("B2", "B1", "B0", "B3")) -> Written:
    place = folder / "IMG_PHR1A_MS_001"
    place.mkdir(parents=True)
    stem = "PHR1A_MS_202304161000312_ORT_X"
    image = f"IMG_{stem}_R1C1.TIF"
    rows, columns = SIZE
    write(place / image, reflectances(4, *SIZE), transform=PX3)
    bands = "".join(
        f"<Raster_Index><BAND_ID>{name}</BAND_ID><BAND_INDEX>{i}</BAND_INDEX></Raster_Index>"
        for i, name in enumerate(order, 1)
    )
    ranges = "".join(
        f"<Band_Spectral_Range><BAND_ID>{name}</BAND_ID><MEASURE_UNIT>micrometers</MEASURE_UNIT>"
        f"<MIN>{low}</MIN><MAX>{high}</MAX></Band_Spectral_Range>"
        for name, (low, high) in RANGES.items()
    )
    gains = "".join(
        f"<Band_Reflectance><BAND_ID>{name}</BAND_ID><GAIN>10000</GAIN><BIAS>0</BIAS></Band_Reflectance>"
        for name in RANGES
    )
    xml = place / f"DIM_{stem}.XML"
    xml.write_text(
        DIM.format(
            mission="PHR",
            index="1A",
            image=image,
            bands=bands,
            rows=rows,
            columns=columns,
            count=4,
            ranges=ranges,
            gains=gains,
        )
    )
    names = {"B2": "red", "B1": "green", "B0": "blue", "B3": "nir"}
    found = tuple(names[name] for name in order) if order else (None,) * 4
    scaling = (1e-4, 0.0) if order else None
    return Written(place, (xml,), "Pleiades 1A", "Pleiades", found, scaling, 3.0, {}, xml.name)


NEO = {  # of Pleiades Neo, in the order of its two files, with their ranges in nanometres
    "RGB": {"R": (620, 690), "G": (530, 590), "B": (450, 520)},
    "NED": {"NIR": (770, 880), "RE": (700, 750), "DB": (400, 450)},
}


def write_neo(folder: Path, indices: Mapping[str, tuple[int, ...]] | None = None) -> Path:
    """Write a product of two files of three bands, as Pleiades Neo's full spectrum; return it."""
    indices = indices or {"RGB": (1, 2, 3), "NED": (1, 2, 3)}
    rows, columns = SIZE
    place = folder / "IMG_01_PNEO4_MS-FS"
    place.mkdir(parents=True)
    files = ""
    for offset, (kind, ranges) in enumerate(NEO.items()):
        image = f"IMG_{kind}_R1C1.TIF"
        write(place / image, np.concatenate([dn(3 * offset + i) for i in range(3)]), transform=PX3)
        entries = "".join(
            f"<Raster_Index><BAND_ID>{name}</BAND_ID><BAND_INDEX>{index}</BAND_INDEX></Raster_Index>"
            for name, index in zip(ranges, indices[kind], strict=True)
        )
        files += (
            f'<Data_Files><Data_File tile_R="1" tile_C="1"><DATA_FILE_PATH href="{image}"/>'
            f"</Data_File><Raster_Display><Raster_Index_List>{entries}</Raster_Index_List>"
            "</Raster_Display></Data_Files>"
        )
    ranges = "".join(
        f"<Band_Spectral_Range><BAND_ID>{name}</BAND_ID><MEASURE_UNIT>nanometer</MEASURE_UNIT>"
        f"<FWHM><MIN>{low}</MIN><MAX>{high}</MAX></FWHM><GAIN>0</GAIN></Band_Spectral_Range>"
        f"<Band_Radiance><BAND_ID>{name}</BAND_ID><FWHM></FWHM></Band_Radiance>"
        for kind in NEO.values()
        for name, (low, high) in kind.items()
    )
    text = DIM.format(
        mission="PNEO",
        index="4",
        image="x",
        bands="",
        rows=rows,
        columns=columns,
        count=6,
        ranges=ranges,
        gains="",
    )
    text = re.sub("<Data_Files>.*</Data_Files>", files, text, flags=re.DOTALL)
    settings = "<Product_Settings><SPECTRAL_PROCESSING>MS-FS</SPECTRAL_PROCESSING>"
    xml = place / "DIM_PNEO4_MS-FS_ORT.XML"
    xml.write_text(text.replace("<Product_Settings>", settings).replace("REFLECTANCE", "BASIC"))
    return xml


# Sentinel-2

S2_NAMES = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11")
S2_NAMES += ("B12",)


def write_s2(folder: Path, level: str = "L1C", baseline: str = "05.09") -> Written:
    """Write a SAFE folder with its mask."""
    late = baseline >= "04.00"
    safe = write_safe(folder, level, baseline, "-1000" if late else None)
    granule = next((safe / "GRANULE").iterdir())
    if level == "L2A":
        marks = random_marks((SIDE // 2, SIDE // 2), "clouds", "shadows", "snow", "nodata")
        write_scl(granule / "IMG_DATA" / "R20m", marks)
    elif late:
        marks = random_marks((SIDE // 6, SIDE // 6), "clouds", "snow")
        write_mask_raster(granule / "QI_DATA", marks)
    else:
        marks = random_marks((SIDE // 6, SIDE // 6), "clouds")
        write_mask_gml(granule / "QI_DATA", marks)
    names = tuple(name for name in S2_NAMES if (level, name) != ("L2A", "B10"))
    code = baseline.replace(".", "")
    xml = f"MTD_MSI{level}.xml"
    ways = (safe / xml, granule, granule / "MTD_TL.xml")
    scaling = (1e-4, -0.1 if late else 0.0)
    label = f"Sentinel-2 {level} N{code}"
    return Written(safe, ways, label, "Sentinel-2", names, scaling, 10.0, marks, xml)


WRITERS: dict[str, Callable[[Path], Written]] = {
    "Sentinel-2 L1C": write_s2,
    "Sentinel-2 L1C, clouds as polygons": lambda folder: write_s2(folder, "L1C", "03.01"),
    "Sentinel-2 L2A": lambda folder: write_s2(folder, "L2A"),
    "Landsat L2": write_landsat,
    "Landsat L2, JSON": lambda folder: write_landsat(folder, form="json"),
    "Landsat L2, XML": lambda folder: write_landsat(folder, form="xml"),
    "Landsat L1": lambda folder: write_landsat(folder, "L1TP", ""),
    "Landsat 5 L1": lambda folder: write_landsat(folder, "L1TP", craft=5),
    "HLS S30": write_hls,
    "HLS L30": lambda folder: write_hls(folder, "L30"),
    "PlanetScope radiance": write_planet,
    "PlanetScope surface": lambda folder: write_planet(folder, 8, surface=True),
    "WorldView": write_maxar,
    "Pleiades": write_airbus,
}


def pack_zip(folder: Path, target: Path) -> Path:
    """Put a folder into a zip file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(folder.parent))
    return target


def pack_tar(folder: Path, target: Path) -> Path:
    """Put the files of a folder at the top of a tar file, as Landsat's lie there."""
    with tarfile.open(target, "w:gz" if target.name.endswith("gz") else "w") as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.add(file, str(file.relative_to(folder)))
    return target


__all__ = ["UTM33", "WRITERS", "Written", "pack_tar", "pack_zip"]
