"""Files of one band each are one scene, in folders and in patterns; what is not certain is
refused.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rasters import reflectances, write

from geoseg.batches.scenes import find_scenes
from geoseg.core.errors import InputError

FIRST, SECOND = "T32TQM_20220101T101010", "T32TQM_20220111T101010"


def put(folder: Path, *names: str, bands: int = 1) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write(folder / name, reflectances(bands, 8, 8))
    return folder


def found(*given: str | Path) -> dict[str, list[str]]:
    return {
        scene.label: [Path(path).name for path in scene.paths]
        for scene in find_scenes(map(str, given))
    }


@pytest.mark.parametrize("given", ["", "*.tif", "**/*.tif"])
def test_the_bands_of_a_product_are_one_scene(given: str, tmp_path: Path) -> None:
    put(
        tmp_path,
        *(f"{name}_{band}_10m.tif" for name in (FIRST, SECOND) for band in ("B02", "B03", "B04")),
    )
    put(tmp_path, f"{FIRST}_TCI_10m.tif", "other.tif", bands=3)
    (tmp_path / "other.tif.aux.xml").write_text("<PAMDataset/>")
    place = tmp_path / given if given else tmp_path
    assert found(place) == {
        FIRST: [f"{FIRST}_{band}_10m.tif" for band in ("B02", "B03", "B04")],
        SECOND: [f"{SECOND}_{band}_10m.tif" for band in ("B02", "B03", "B04")],
        "other": ["other.tif"],
    }


def test_bands_in_folders_of_their_size_are_one_scene(tmp_path: Path) -> None:
    put(
        tmp_path,
        f"R10m/{FIRST}_B02_10m.tif",
        f"R20m/{FIRST}_B02_20m.tif",
        f"R20m/{FIRST}_B05_20m.tif",
    )
    assert [len(paths) for paths in found(tmp_path / "*" / "*.tif").values()] == [3]


def test_landsats_bands_are_one_scene(tmp_path: Path) -> None:
    name = "LC08_L2SP_014034_20200101_20200101_02_T1"
    put(
        tmp_path,
        *(f"{name}_SR_B{i}.TIF" for i in range(2, 8)),
        f"{name}_QA_PIXEL.TIF",
        f"{name}_ST_QA.TIF",
    )
    assert [len(paths) for paths in found(tmp_path).values()] == [6]


def test_sheets_that_are_called_like_bands_stay_scenes(tmp_path: Path) -> None:
    put(tmp_path, "sheet_B1.tif", "sheet_B2.tif", bands=3)
    assert len(found(tmp_path)) == 2


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ("a_B02.tif", "a_B03.tif", "a_mask.tif"),
            r"a_mask.tif is called as the bands a_\* of one scene",
        ),
        (("a_B02.tif", "a_B2.tif"), r"a_B02.tif and .*a_B2.tif are the same band of one scene"),
    ],
)
def test_what_is_not_certain_is_refused(names: tuple[str, ...], told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        found(put(tmp_path, *names))


def test_one_band_beside_several_is_refused(tmp_path: Path) -> None:
    put(put(tmp_path, "a_B02.tif"), "a_B03.tif", bands=3)
    with pytest.raises(InputError, match=r"holds 1 band and .*a_B03.tif 3"):
        found(tmp_path)


def test_a_folder_without_rasters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no rasters"):
        found(tmp_path)
