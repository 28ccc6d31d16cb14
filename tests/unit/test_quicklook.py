"""`geoseg quicklook`: what is drawn, against the raster, PROJ's geodesics and fonts made here."""

from __future__ import annotations

import math
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from PIL import Image
from pyproj import CRS, Geod, Transformer
from rasterio import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasters import UTM33
from rasters import write as write_bands

from geoseg.api import vectorize
from geoseg.core.errors import InputError
from geoseg.core.events import Event, Warned
from geoseg.core.grid import Grid
from geoseg.prediction.quicklook import make_quicklook, read_sheet
from geoseg.report.map_sheet import Entry, Sheet, bar_of, draw, map_size, north_of

NAMES = '{"1": "water", "2": "<b>trees & \\n shrubs</b>", "3": "건물"}'
BORDER = (176, 176, 176)
INK = (26, 26, 26)
WGS84 = Geod(ellps="WGS84")


def grid_of(crs: str | None, transform: Affine, height: int = 300, width: int = 500) -> Grid:
    wkt = None if crs is None else CRS.from_user_input(crs).to_wkt()
    return Grid(height, width, tuple(transform)[:6], wkt)


GRIDS = {
    "utm": grid_of("EPSG:32633", Affine(*UTM33)),
    "turned": grid_of("EPSG:32633", Affine(*UTM33) @ Affine.rotation(37)),
    "degrees": grid_of("EPSG:4326", Affine(1e-3, 0, 24, 0, -1e-3, 62)),
    "mercator": grid_of("EPSG:3857", Affine(30, 0, 1e6, 0, -30, 8e6)),
    "arctic": grid_of("EPSG:3413", Affine(100, 0, 1.2e6, 0, -100, -1.1e6)),
    "antarctic": grid_of("EPSG:3031", Affine(100, 0, -1.3e6, 0, -100, 9e5)),
}


def classes_of(height: int = 60, width: int = 90, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, (height // 5, width // 5)).repeat(5, 0).repeat(5, 1).astype(np.uint8)


def write(path: Path, classes: np.ndarray, **profile: object) -> str:
    tags = {"geoseg_classes": NAMES}
    return write_bands(path, classes[None], nodata=0, tags=tags, **profile)  # type: ignore[arg-type]


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def map_box(page: np.ndarray) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of what the frame holds."""
    framed = (page == BORDER).all(2)
    rows = np.flatnonzero(framed.sum(1) > 0.2 * page.shape[1])
    columns = np.flatnonzero(framed.sum(0) > 0.2 * (rows[-1] - rows[0]))
    return rows[0] + 1, rows[-1], columns[0] + 1, columns[-1]


def longest_run(page: np.ndarray) -> int:
    """Of ink in one row."""
    most = 0
    for row in (page == INK).all(2):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        most = max([most, *(edges[1::2] - edges[::2])])
    return most


def blank(grid: Grid, **more: object) -> Sheet:
    return Sheet(np.full((8, 8, 4), 255, np.uint8), grid, "", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", GRIDS)
def test_the_scale_bar_is_round_on_the_ground(name: str) -> None:
    grid = GRIDS[name]
    page = opened(draw(blank(grid), 1000).png)
    _, _, left, right = map_box(page)
    length = longest_run(page) - 1  # both ends are drawn
    columns = np.linspace(0, grid.width, 400)
    x, y = zip(*(grid.xy(grid.height / 2, column) for column in columns), strict=True)
    geographic = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    metres = WGS84.line_length(*geographic.transform(x, y)) / (right - left) * length
    lead = metres / 10 ** math.floor(math.log10(metres) + 1e-2)
    assert min(abs(lead / step - 1) for step in (1, 2, 5)) < 1.5 / length


@pytest.mark.parametrize(
    ("most", "metres", "text"),
    [(4999, 2000, "2 km"), (5000, 5000, "5 km"), (999, 500, "500 m"), (0.07, 0.05, "5 cm")],
)
def test_the_bar_is_the_longest_that_fits(most: float, metres: float, text: str) -> None:
    assert bar_of(most) == (metres, text)


@pytest.mark.parametrize("name", GRIDS)
def test_the_arrow_points_north(name: str) -> None:
    grid = GRIDS[name]
    x, y = grid.xy(grid.height / 2, grid.width / 2)
    geographic = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = geographic.transform(x, y)
    north = WGS84.fwd(longitude, latitude, 0, 50)[:2]
    column, row = ~Affine(*grid.transform) @ geographic.transform(*north, direction="INVERSE")
    right, down = column - grid.width / 2, row - grid.height / 2
    found = north_of(grid)
    assert found is not None
    off = math.atan2(found[1], found[0]) - math.atan2(down, right)
    assert abs(math.remainder(off, 2 * math.pi)) < math.radians(0.1)
    assert math.hypot(*found) == pytest.approx(1)
    if name in ("turned", "arctic", "antarctic"):
        assert abs(found[0]) > 0.3  # these maps are not north up


@pytest.mark.parametrize("name", ["utm", "turned", "arctic", "antarctic"])
def test_the_arrow_is_drawn_that_way(name: str) -> None:
    grid = GRIDS[name]
    page = opened(draw(blank(grid), 1000).png).astype(int)
    centre = np.array([map_box(page)[1] + 20 + 17, 1000 - 20 - 20])  # a margin, and an em
    page[:, :940] = 255  # but not the N
    dark = np.argwhere(page.sum(2) < 3 * 100) - centre
    near = dark[np.hypot(*dark.T) < 25]
    down, right = near[np.hypot(*near.T).argmax()]  # the tip is farthest from its centre
    found = north_of(grid)
    assert found is not None
    off = math.atan2(found[1], found[0]) - math.atan2(down, right)
    assert abs(math.remainder(off, 2 * math.pi)) < math.radians(8)


def test_colours_are_those_of_the_classes(tmp_path: Path) -> None:
    classes = classes_of()
    path = write(tmp_path / "map.tif", classes)
    page = opened(make_quicklook(path, 700).png)
    top, bottom, left, right = map_box(page)
    shown = page[top:bottom, left:right]
    entries = {entry.name: entry.colour for entry in read_sheet(path, 700).legend}
    assert len(set(entries.values())) == 3
    table = np.full((4, 3), 255)
    for value, name in ((1, "water"), (2, "<b>trees & � shrubs</b>"), (3, "건물")):
        table[value] = list(bytes.fromhex(entries[name][1:]))
    rows = ((np.arange(bottom - top) + 0.5) * 60 / (bottom - top)).astype(int)
    columns = ((np.arange(right - left) + 0.5) * 90 / (right - left)).astype(int)
    assert np.array_equal(shown, table[classes[np.ix_(rows, columns)]])
    assert (bottom - top, right - left) == map_size(read_sheet(path, 700).grid, 700)


def told(entries: tuple[Entry, ...]) -> dict[str, tuple[float, float, str]]:
    """Share, area and its unit by name."""
    found = {}
    for entry in entries:
        match = re.fullmatch(r"<?([\d.]+)%, ([\d,.]+) (\S+)", entry.told)
        assert match, entry.told
        found[entry.name] = (float(match[1]), float(match[2].replace(",", "")), match[3])
    return found


def test_the_legend_has_the_areas_of_the_raster_in_one_unit(tmp_path: Path) -> None:
    classes = classes_of(400, 90)
    classes[:5, :5] = 3
    classes[classes == 3] = 2
    classes[:5, :10] = 3  # little of it
    # 40 degrees of latitude: a pixel at the top has half the area of one at the bottom
    step = 0.1
    path = write(
        tmp_path / "map.tif", classes, crs="EPSG:4326", transform=(step, 0, 10, 0, -step, 70)
    )
    areas = np.zeros(4)
    for row in range(400):
        north = 70 - step * row
        # the side along the parallel, not the geodesic's: in 50 parts
        x = np.concatenate([np.linspace(10, 10 + step, 51), np.linspace(10 + step, 10, 51)])
        y = np.repeat([north - step, north], 51)
        pixel = abs(WGS84.polygon_area_perimeter(x, y)[0])
        areas += pixel * np.bincount(classes[row], minlength=4)
    found = told(read_sheet(path).legend)
    assert list(found) == ["<b>trees & � shrubs</b>", "water", "건물"]
    assert {unit for _, _, unit in found.values()} == {"km²"}
    for value, name in ((1, "water"), (2, "<b>trees & � shrubs</b>"), (3, "건물")):
        share, area, _ = found[name]
        assert area == pytest.approx(areas[value] / 1e6, rel=1e-3)
        assert share == pytest.approx(areas[value] / areas[1:].sum() * 100, abs=0.06)


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".geojson", ".parquet"])
def test_polygons_have_the_legend_of_their_raster(tmp_path: Path, suffix: str) -> None:
    classes = classes_of()
    path = write(tmp_path / "map.tif", classes)
    out = tmp_path / f"polygons{suffix}"
    vectorize(path, out=str(out))
    raster, polygons = read_sheet(path, 700), read_sheet(str(out), 700)
    assert told(polygons.legend) == told(raster.legend)
    colours = [{entry.name: entry.colour for entry in each.legend} for each in (raster, polygons)]
    if suffix in (".gpkg", ".fgb"):  # others hold no style
        assert colours[0] == colours[1]
    if suffix == ".geojson":
        return  # in degrees
    assert polygons.grid.bounds() == pytest.approx(raster.grid.bounds())
    assert map_size(polygons.grid, 700) == pytest.approx(map_size(raster.grid, 700), abs=1)


def test_a_layer_for_each_class_is_one_map_and_two_maps_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "map.tif", classes_of())
    vectorize(path, out=str(tmp_path / "apart.gpkg"), layers="class")
    assert told(read_sheet(str(tmp_path / "apart.gpkg")).legend) == told(read_sheet(path).legend)
    other = write(tmp_path / "other.tif", classes_of(seed=1))
    two = str(tmp_path / "two.gpkg")
    vectorize(path, out=f"{two}|layername=one")
    vectorize(other, out=f"{two}|layername=other")
    with pytest.raises(InputError, match="several maps: one, other"):
        read_sheet(two)
    assert told(read_sheet(f"{two}|layername=other").legend) == told(read_sheet(other).legend)


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ({"class_id": [1, 1], "class": ["water", "trees"]}, "both water and trees"),
        ({"class_id": [1.5, 2.0]}, "class_id of double"),
        ({"class_id": pd.array([1, None], "Int64")}, "class_id of"),
    ],
)
def test_classes_that_are_not_certain_are_refused(
    tmp_path: Path, column: dict[str, Any], found: str
) -> None:
    path = tmp_path / "strange.parquet"
    boxes = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    geopandas.GeoDataFrame(column, geometry=boxes, crs="EPSG:32633").to_parquet(path)
    with pytest.raises(InputError, match=found):
        read_sheet(str(path))


def test_shapes_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "damaged.parquet"
    frame = geopandas.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:32633")
    frame.to_parquet(path)
    whole = pq.read_table(path)
    damaged = whole.set_column(0, "geometry", pa.array([b"\x01\x03no shape"]))
    pq.write_table(damaged.replace_schema_metadata(whole.schema.metadata), path)
    with pytest.raises(InputError, match="cannot be read"):
        read_sheet(str(path))


def test_a_map_without_a_crs_has_a_bar_in_pixels_and_no_north(tmp_path: Path) -> None:
    with pytest.warns(NotGeoreferencedWarning):
        path = write(tmp_path / "map.tif", classes_of(), crs=None, transform=None)
    sheet = read_sheet(path, 700)
    assert north_of(sheet.grid) is None
    assert all(re.fullmatch(r"[\d.]+%", entry.told) for entry in sheet.legend)
    page = opened(make_quicklook(path, 700).png)
    _, bottom, left, right = map_box(page)
    length = longest_run(page[bottom + 2 :]) - 1
    assert length * 90 / (right - left) == pytest.approx(20, abs=0.2)  # px of the map
    assert (page[bottom + 2 : bottom + 60, 600:].min(axis=2) > 200).all()


def test_forty_classes_each_have_their_colour_in_the_legend() -> None:
    colours = [f"#{i * 6:02x}{255 - i * 6:02x}{i * 3:02x}" for i in range(40)]
    legend = tuple(Entry(f"a class number {i}", colours[i], "2.5%") for i in range(40))
    for grid in (GRIDS["utm"], grid_of("EPSG:32633", Affine(*UTM33), 900, 200)):
        page = opened(draw(blank(grid, legend=legend), 900).png)
        places = []
        for colour in colours:
            here = np.argwhere((page == list(bytes.fromhex(colour[1:]))).all(2))
            assert len(here) > 50
            places.append(tuple(here.min(axis=0)))
        assert len(set(places)) == 40


def font_with(letters: str, path: Path) -> Path:
    """Write a font in which each of these letters is a square."""
    builders = pytest.importorskip("fontTools.fontBuilder")
    pens = pytest.importorskip("fontTools.pens.ttGlyphPen")
    names = {ord(letter): f"u{ord(letter):X}" for letter in letters}
    glyphs = {}
    for i, name in enumerate([".notdef", *names.values()]):
        pen = pens.TTGlyphPen(None)
        wide = 800 if i else 300
        pen.moveTo((100, 0))
        pen.lineTo((100, 700))
        pen.lineTo((wide, 700))
        pen.lineTo((wide, 0))
        pen.closePath()
        glyphs[name] = pen.glyph()
    font = builders.FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap(names)
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (900, 100)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    font.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    font.save(path)
    return path


def test_a_font_that_has_the_letters_is_used(tmp_path: Path) -> None:
    text = "건물 수역"
    font = font_with("".join(sorted({*text, *map(chr, range(32, 127))})), tmp_path / "squares.ttf")
    sheet = blank(GRIDS["utm"], legend=(Entry(text, "#aa0000"),))
    drawn = draw(sheet, 600, str(font))
    assert drawn.missing == ""
    assert drawn == draw(sheet, 600, str(font))  # the same bytes each time


def test_letters_that_no_font_has_are_told_once(tmp_path: Path) -> None:
    path = write(tmp_path / "map.tif", classes_of())
    events: list[Event] = []
    font = font_with("".join(map(chr, range(32, 127))), tmp_path / "squares.ttf")
    drawn = make_quicklook(path, 700, font=str(font), report=events.append)
    warned = [event.text for event in events if isinstance(event, Warned)]
    assert "건" in drawn.missing
    assert "a" not in drawn.missing
    assert len(warned) == 1
    assert "건" in warned[0]


def test_a_font_of_boxes_does_not_count() -> None:
    # such as matplotlib's LastResort, which has something for each number of Unicode
    private = "\U0010abcd"
    drawn = draw(blank(GRIDS["utm"], legend=(Entry(f"trees {private}", "#aa0000"),)), 600)
    assert drawn.missing == private


def test_what_is_no_font_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.ttf"
    wrong.write_text("no font")
    with pytest.raises(InputError, match=r"expected a \.ttf, \.ttc or \.otf"):
        draw(blank(GRIDS["utm"]), 600, str(wrong))


def test_markup_controls_and_lone_surrogates_are_drawn_as_text() -> None:
    entry = Entry("<script>alert(1)</script>\n\x1b[31m\u202e\ud800", "#aa0000", "5%")
    drawn = draw(blank(GRIDS["utm"], legend=(entry,), source=("a\nb" * 200,)), 600)
    plain = draw(
        blank(
            GRIDS["utm"],
            legend=(Entry("<script>alert(1)</script>  [31m  ", "#aa0000", "5%"),),
            source=("a b" * 200,),
        ),
        600,
    )
    assert drawn.png == plain.png


@pytest.mark.parametrize("name", ["missing.gpkg", "text.gpkg", "text.parquet", "text.tif"])
def test_what_is_no_map_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if "text" in name:
        path.write_text("no map")
    with pytest.raises(Exception, match=r"expected") as raised:
        make_quicklook(str(path))
    assert type(raised.value).__module__ == "geoseg.core.errors"
