"""Styles: the same classes and colours in every form, and all of them well-formed."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from geoseg.core.card import Band, Label, ModelCard, Scaling
from geoseg.core.style import (
    STYLE_COLUMNS,
    category_names,
    colour_table,
    layer_style,
    may_replace,
    qml,
    qml_polygons,
    qml_raster,
)

LABELS = (
    Label(0, "water", "#419bdf"),
    Label(1, 'trees & "shrubs" <5 m', "#397d49"),
    Label(7, "bare", "#a59b8f"),
)


@pytest.fixture
def card() -> ModelCard:
    band = Band("B04", "red", 0.665, 0.1, 0.1, 0.0, 0.4)
    return ModelCard(
        "toy",
        "a toy",
        "unet",
        {},
        "any",
        (band,),
        "1",
        Scaling(),
        ("uint8",),
        LABELS,
        10,
        (5, 20),
        64,
        16,
    )


def test_the_colour_table_has_the_classes_and_a_transparent_nodata(card: ModelCard) -> None:
    assert colour_table(card) == {
        0: (65, 155, 223, 255),
        1: (57, 125, 73, 255),
        7: (165, 155, 143, 255),
        255: (0, 0, 0, 0),
    }


def test_category_names_stand_at_their_values(card: ModelCard) -> None:
    assert category_names(card) == ["water", 'trees & "shrubs" <5 m', "", "", "", "", "", "bare"]


def test_the_raster_style_lists_the_real_classes_only(card: ModelCard) -> None:
    entries = ElementTree.fromstring(qml_raster(card)).findall(".//paletteEntry")
    assert [(int(e.get("value", "")), e.get("label"), e.get("color")) for e in entries] == [
        (label.value, label.name, label.colour) for label in LABELS
    ]


def test_the_polygon_style_gives_each_class_its_symbol(card: ModelCard) -> None:
    root = ElementTree.fromstring(qml_polygons(card))
    symbols = {s.get("name"): s.find(".//prop[@k='color']") for s in root.findall(".//symbol")}
    for category, label in zip(root.findall(".//category"), LABELS, strict=True):
        assert (category.get("value"), category.get("label")) == (str(label.value), label.name)
        symbol = symbols[category.get("symbol")]
        assert symbol is not None
        assert symbol.get("v") == ",".join(map(str, (*label.rgb, 255)))


def test_one_style_serves_a_raster_and_polygons_of_the_same_stem(card: ModelCard) -> None:
    root, parts = ElementTree.fromstring(qml(card)), (qml_raster(card), qml_polygons(card))
    wanted = [
        child
        for text in parts
        for child in ElementTree.fromstring(text)
        if child.tag != "blendMode"
    ]
    found = [child for child in root if child.tag != "blendMode"]
    assert [ElementTree.tostring(child) for child in found] == [
        ElementTree.tostring(child) for child in wanted
    ]


def test_the_layer_style_fits_its_columns_and_its_sld_is_well_formed(card: ModelCard) -> None:
    row = dict(zip(STYLE_COLUMNS, layer_style(card, "land <cover>"), strict=True))
    assert row["f_table_name"] == "land <cover>"
    names = ElementTree.fromstring(row["styleSLD"].encode()).findall(".//{*}Rule/{*}Title")
    assert [name.text for name in names] == [label.name for label in LABELS]


def test_only_our_own_style_is_replaced(card: ModelCard, tmp_path: Path) -> None:
    path = tmp_path / "map.qml"
    assert may_replace(path)
    for ours in (qml(card), qml_raster(card), qml_polygons(card)):
        path.write_text(ours, encoding="utf-8")
        assert may_replace(path)
    path.write_text(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.40.6\"/>\n",
        "utf-8",
    )
    assert not may_replace(path)
