"""Raster layers as QGIS has them, as paths that the engine can open: files as they are, others
through a new file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsMapLayer, QgsProviderRegistry, QgsRasterLayer

from .text import tr

MEMORY = ("/vsimem/", "MEM:")  # in QGIS's own memory, where no other process sees it


@dataclass(frozen=True)
class Opened:
    """What the engine is given for a layer, and what was done for that: one line, or nothing."""

    path: str
    note: str = ""


def problem(layer: QgsMapLayer | None) -> str:
    """Return in words why the engine cannot use a raster layer; empty where it can."""
    if layer is None or not layer.isValid():
        return tr("The raster layer cannot be read.")
    if not isinstance(layer, QgsRasterLayer):
        return tr("“{layer}” is not a raster layer.").format(layer=layer.name())
    if layer.providerType() != "gdal":
        return tr(
            "“{layer}” comes from a service or database ({kind}), not from a file. Save it as a "
            "GeoTIFF first "
            "(right-click on the layer > Export > Save As), with its raw data."
        ).format(layer=layer.name(), kind=layer.providerType())
    return ""


def usable(layer: QgsRasterLayer, folder: Path) -> Opened:
    """Return a path for the engine. Where the layer is more than its file, a file in `folder` says
    so.

    A CRS that was set in QGIS and open options go into a virtual raster; pixels in memory are
    exported.
    """
    parts = QgsProviderRegistry.instance().decodeUri("gdal", layer.source())
    options = [str(option) for option in parts.get("openOptions") or []]
    path = layer.source().split("|")[0] if options else layer.source()
    if path.startswith(MEMORY):
        return _written(
            layer, path, options, folder, "GTiff", tr("“{layer}” is in memory: exported to {path}")
        )
    own, shown = layer.dataProvider().crs(), layer.crs()
    if shown.isValid() and own != shown:
        note = tr("The CRS of “{layer}” was set in QGIS to {crs}: passed on as {path}")
        return _written(layer, path, options, folder, "VRT", note)
    if options:
        return _written(
            layer,
            path,
            options,
            folder,
            "VRT",
            tr("“{layer}” has open options: passed on as {path}"),
        )
    return Opened(path)


def _written(
    layer: QgsRasterLayer, path: str, options: list[str], folder: Path, form: str, note: str
) -> Opened:
    from osgeo import gdal

    target = _free(folder, _stem(path, layer.name()), ".vrt" if form == "VRT" else ".tif")
    source = gdal.OpenEx(path, gdal.OF_RASTER, open_options=options)
    if source is None:
        raise OSError(tr("GDAL cannot open {path}.").format(path=path))
    wkt = layer.crs().toWkt() if layer.crs().isValid() else None
    written = gdal.Translate(str(target), source, format=form, outputSRS=wkt)
    if written is None:
        raise OSError(tr("{path} cannot be written.").format(path=target))
    written.FlushCache()
    return Opened(
        str(target), note.format(layer=layer.name(), crs=layer.crs().authid(), path=target)
    )


def _stem(path: str, name: str) -> str:
    """The file's name, by which the engine knows bands and products; the layer's where it has
    none.
    """
    stem = Path(path.replace('"', "").replace("\\", "/").rsplit(":", 1)[-1]).stem or name
    return (
        "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in stem)
        or "layer"
    )


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A name that is not taken: bands of one scene may have the same name in different folders."""
    folder.mkdir(parents=True, exist_ok=True)
    names = (folder / f"{stem}{f'_{i}' if i else ''}{suffix}" for i in range(10_000))
    return next(path for path in names if not path.exists())
