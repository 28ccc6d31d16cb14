"""One set of class colours as a colour table, category names, QGIS styles (QML), SLD and a
layer_styles row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape, quoteattr

from .card import NODATA, Label

# of a raster of several classes at once: a JSON object with the name of the class of each band
SEVERAL_TAG = "geoseg_several_classes"
CLASSES_TAG = "geoseg_classes"  # of a class raster: a JSON object with the name of each value
COLUMN = "class_id"  # the polygons' column that the styles look at
MARK = "<!-- by geoseg, which replaces it with its map; a style saved in QGIS stays -->"
OUTLINE = "0,0,0,0"  # no outline: on small polygons it would hide the class's colour
STYLE_COLUMNS = (
    "f_table_catalog",
    "f_table_schema",
    "f_table_name",
    "f_geometry_column",
    "styleName",
    "styleQML",
    "styleSLD",
    "useAsDefault",
    "description",
    "owner",
)


class Legend(Protocol):
    """Names and colours of classes: a model card is one."""

    @property
    def name(self) -> str:
        """What the styles are called."""

    @property
    def labels(self) -> Sequence[Label]:
        """The classes."""


def colour_table(legend: Legend) -> dict[int, tuple[int, int, int, int]]:
    """Return the colours of the values of a class raster.

    Parameters
    ----------
    legend
        The classes.

    Returns
    -------
    dict[int, tuple[int, int, int, int]]
        By class value red, green, blue, alpha, 0 to 255; nodata is transparent.
    """
    return {label.value: (*label.rgb, 255) for label in legend.labels} | {NODATA: (0, 0, 0, 0)}


def category_names(legend: Legend) -> list[str]:
    """Return the class names as GDAL's categories.

    Parameters
    ----------
    legend
        At least one class, of values from 0 on.

    Returns
    -------
    list[str]
        The name of value v at index v, "" where no class is.
    """
    names = {label.value: label.name for label in legend.labels}
    return [names.get(value, "") for value in range(max(names) + 1)]


def qml(legend: Legend) -> str:
    """Return the QGIS style of a class raster and of its polygons at once.

    QGIS looks for the style of any file under the file's stem, so x.tif and x.fgb share x.qml: a
    raster takes the pipe of it, polygons the renderer.

    Parameters
    ----------
    legend
        The classes.

    Returns
    -------
    str
        QML, which QGIS from 3.22 on reads.
    """
    return _document(_pipe(legend) + _renderer(legend, COLUMN))


def qml_raster(legend: Legend) -> str:
    """Return the QGIS style of a class raster: paletted, with the real classes only.

    A value without an entry, such as nodata, is drawn transparent. QGIS makes 256 entries of a
    GeoTIFF's own colour table, so this must lie beside it.

    Parameters
    ----------
    legend
        The classes.

    Returns
    -------
    str
        QML.
    """
    return _document(_pipe(legend))


def qml_polygons(legend: Legend, column: str = COLUMN) -> str:
    """Return the QGIS style of polygons: one category per class, labelled with its name.

    Parameters
    ----------
    legend
        The classes.
    column
        Of the polygons, which holds the class value.

    Returns
    -------
    str
        QML.
    """
    return _document(_renderer(legend, column))


def may_replace(path: Path) -> bool:
    """Return whether a style may be written to a place.

    Parameters
    ----------
    path
        A .qml, which need not be there.

    Returns
    -------
    bool
        True where none is, or one of ours, but not one that was saved in QGIS.
    """
    try:
        with path.open("rb") as file:
            return MARK.encode() in file.read(1000)
    except FileNotFoundError:
        return True


def _document(parts: str) -> str:
    return f"""<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
{MARK}
<qgis version="3.22.0" styleCategories="Symbology">
{parts} <blendMode>0</blendMode>
</qgis>
"""


def _pipe(legend: Legend) -> str:
    entries = "\n".join(
        f'    <paletteEntry value="{label.value}" color="{label.colour}" alpha="255" '
        f"label={quoteattr(label.name)}/>"
        for label in legend.labels
    )
    return f""" <pipe>
  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
   <rasterTransparency/>
   <colorPalette>
{entries}
   </colorPalette>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <huesaturation colorizeOn="0" saturation="0" grayscaleMode="0"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
"""


def _renderer(legend: Legend, column: str) -> str:
    categories = "\n".join(
        f'   <category value="{label.value}" symbol="{index}" label={quoteattr(label.name)} '
        'render="true"/>'
        for index, label in enumerate(legend.labels)
    )
    symbols = "\n".join(_symbol(index, label) for index, label in enumerate(legend.labels))
    kind = f'type="categorizedSymbol" attr="{column}"'
    return f""" <renderer-v2 {kind} symbollevels="0" forceraster="0" enableorderby="0">
  <categories>
{categories}
  </categories>
  <symbols>
{symbols}
  </symbols>
 </renderer-v2>
 <featureBlendMode>0</featureBlendMode>
 <layerGeometryType>2</layerGeometryType>
"""


def _symbol(index: int, label: Label) -> str:
    red, green, blue = label.rgb
    properties = {
        "color": f"{red},{green},{blue},255",
        "style": "solid",
        "outline_color": OUTLINE,
        "outline_style": "no",
        "outline_width": "0",
    }
    # QGIS before 3.22 reads <prop>, later ones <Option>: both are written
    options = "\n".join(
        f'      <Option type="QString" name="{k}" value="{v}"/>' for k, v in properties.items()
    )
    props = "\n".join(f'     <prop k="{k}" v="{v}"/>' for k, v in properties.items())
    return f"""   <symbol type="fill" name="{index}" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0">
     <Option type="Map">
{options}
     </Option>
{props}
    </layer>
   </symbol>"""


def sld_polygons(legend: Legend, layer: str, column: str = COLUMN) -> str:
    """Return the style of polygons as SLD 1.0 (OGC 02-070), for everything that is not QGIS.

    Parameters
    ----------
    legend
        The classes.
    layer
        The layer's name.
    column
        Of the polygons, which holds the class value.

    Returns
    -------
    str
        XML.
    """
    rules = "\n".join(_rule(label, column) for label in legend.labels)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
 <NamedLayer>
  <Name>{escape(layer)}</Name>
  <UserStyle>
   <FeatureTypeStyle>
{rules}
   </FeatureTypeStyle>
  </UserStyle>
 </NamedLayer>
</StyledLayerDescriptor>
"""


def _rule(label: Label, column: str) -> str:
    name = escape(label.name)
    return f"""    <Rule>
     <Name>{name}</Name>
     <Title>{name}</Title>
     <ogc:Filter>
      <ogc:PropertyIsEqualTo>
       <ogc:PropertyName>{column}</ogc:PropertyName>
       <ogc:Literal>{label.value}</ogc:Literal>
      </ogc:PropertyIsEqualTo>
     </ogc:Filter>
     <PolygonSymbolizer>
      <Fill>
       <CssParameter name="fill">{label.colour}</CssParameter>
      </Fill>
     </PolygonSymbolizer>
    </Rule>"""


def layer_style(legend: Legend, layer: str, geometry: str = "geom") -> tuple[str, ...]:
    """Return the row of `layer_styles` that makes QGIS draw a layer of a GeoPackage so.

    Parameters
    ----------
    legend
        The classes.
    layer
        The layer's name.
    geometry
        The name of its column of geometries.

    Returns
    -------
    tuple[str, ...]
        In the order of STYLE_COLUMNS.
    """
    description = f"Classes of {legend.name}"
    return (
        "",
        "",
        layer,
        geometry,
        legend.name,
        qml_polygons(legend),
        sld_polygons(legend, layer),
        "1",
        description,
        "",
    )
