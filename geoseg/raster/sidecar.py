"""The .aux.xml beside a class raster: GDAL keeps category names and attribute tables there."""

from __future__ import annotations

from xml.sax.saxutils import escape

from ..card import ModelCard
from ..style import category_names

# name, type (0 whole number, 2 text), usage: https://gdal.org/en/stable/api/raster_c_api.html GDALRATFieldUsage
_FIELDS = (("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8))


def category_xml(card: ModelCard) -> str:
    """Return the PAM file that names the classes: as categories, and as an attribute table with colours."""
    categories = "".join(f"   <Category>{escape(name)}</Category>\n" for name in category_names(card))
    fields = "".join(
        f'   <FieldDefn index="{i}"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>\n'
        for i, (name, kind, usage) in enumerate(_FIELDS)
    )
    rows = "".join(
        f'   <Row index="{i}">' + "".join(f"<F>{escape(str(cell))}</F>" for cell in row) + "</Row>\n"
        for i, row in enumerate((label.value, label.name, *label.rgb) for label in card.labels)
    )
    return (
        '<PAMDataset>\n <PAMRasterBand band="1">\n'
        f"  <CategoryNames>\n{categories}  </CategoryNames>\n"
        f'  <GDALRasterAttributeTable tableType="thematic">\n{fields}{rows}  </GDALRasterAttributeTable>\n'
        " </PAMRasterBand>\n</PAMDataset>\n"
    )
