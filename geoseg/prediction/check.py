"""What a scene is and which models fit it: the one answer that command, Python and QGIS give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from ..core.card import ModelCard
from ..core.errors import InputError, ModelError
from ..core.options import Options
from ..core.tiling import choose_tiling
from ..raster.band_info import BandInfo
from ..raster.footprint import crs_code, footprint
from ..raster.georeference import ground_sides, ground_size
from ..raster.handles import OpenFiles
from ..scene.describe import SceneInfo
from ..scene.fit import Examination, Finding, examine
from ..scene.item_metadata import options_of
from ..scene.mosaic import describe_for
from ..scene.source import look_at, open_source
from ..scene.values import SPREADS, Coverage, spread_windows
from ..scene.wavelengths import centre, common_name
from .choose import choose, scene_line
from .masked import open_masked
from .stac_scene import item_note, names_item, read_scene

_LEVEL = re.compile(r"(?<![A-Z0-9])(?:L1C|L2A|L1TP|L1GT|L1GS|L2SP|L2SR|ARD|Level \d)(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class ModelFit:
    """Whether a model would map a scene."""

    card: ModelCard
    """What the model expects."""
    findings: tuple[Finding, ...]
    """What was held against it: sensor, bands, data type, scaling, pixel size, and the values
    where nothing else keeps it from the scene."""
    notes: tuple[str, ...] = ()
    """What a run would tell of how it reads the scene, a line each."""
    warnings: tuple[str, ...] = ()
    """What a run would warn of, a line each."""

    @property
    def model(self) -> str:
        """The model's name."""
        return self.card.name

    @property
    def error(self) -> InputError | None:
        """The first that keeps it from the scene: found, expected, what to do; None where it
        fits.
        """
        return next((found.error for found in self.findings if found.error), None)

    @property
    def fits(self) -> bool:
        """Whether it fits."""
        return self.error is None

    @property
    def why_not(self) -> str:
        """The first that keeps it from the scene, in words; empty where it fits."""
        return "" if self.error is None else str(self.error)

    def to_dict(self) -> dict[str, Any]:
        """Return it for programs.

        Returns
        -------
        dict
            As JSON takes it; each finding says `fits`, what was `found`, what was `expected`, and
            what to `do`.
        """
        return {
            "model": self.model,
            "fits": self.fits,
            "why_not": self.why_not,
            "findings": [_finding(found) for found in self.findings],
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class SceneCheck:
    """What a scene is, and which models fit it."""

    scene: SceneInfo
    """Its bands, size, pixel size in metres, product and scaling, as its headers tell."""
    text: str
    """The same in a few words."""
    models: tuple[ModelFit, ...]
    """Each model that was asked for; those that ship with geoseg by default."""
    coverage: Coverage | None = None
    """How much of it holds data, in a few windows; None where its numbers cannot be read."""
    masked: float | None = None
    """The share that the product's own mask leaves out of the map, in the same windows, 0 to 1;
    None where nothing is asked of it."""
    chosen: str | None = None
    """The model that `auto` takes; None where it takes none, or was not asked for."""
    reason: str = ""
    """Why this one."""
    error: InputError | None = None
    """What a run would be refused for; None where at least one model fits."""

    @property
    def fitting(self) -> tuple[str, ...]:
        """The names of the models that fit."""
        return tuple(found.model for found in self.models if found.fits)

    @property
    def level(self) -> str | None:
        """The product's level, such as L2A; None where it is not known."""
        found = _LEVEL.search(self.scene.product or "")
        return found[0] if found else None

    @property
    def clouds(self) -> float | None:
        """Per cent of the product under clouds, as its metadata say; None where they do not."""
        return self.scene.clouds

    def to_dict(self) -> dict[str, Any]:
        """Return all of it for programs: what `geoseg check --json` prints.

        Returns
        -------
        dict
            As JSON takes it: `scene` (shares from 0 to 1, sizes in metres, wavelengths in
            nanometres), `models`, `fitting`, and `auto`, the model that is taken and why.
        """
        return {
            "scene": self._scene(),
            "models": [found.to_dict() for found in self.models],
            "fitting": list(self.fitting),
            "auto": {"model": self.chosen, "reason": self.reason} if self.chosen else None,
        }

    def _scene(self) -> dict[str, Any]:
        info = self.scene
        placed = footprint(info.grid)
        seen = self.coverage
        return {
            "files": list(info.paths),
            "text": self.text,
            "product": info.product,
            "level": self.level,
            "sensor": info.sensor,
            "dtype": info.dtype,
            "height": info.grid.height,
            "width": info.grid.width,
            "pixel_size": ground_sides(info.grid),
            "crs": crs_code(info.grid.crs) or info.grid.crs,
            "footprint": placed[0] if placed else None,
            "bbox": placed[1] if placed else None,
            "clouds": self.clouds,
            "scaling": info.scaling
            and {"scale": info.scaling.scale, "offset": info.scaling.offset},
            "bands": [_band(info, i, layer) for i, layer in enumerate(info.layers, 1)],
            "valid": seen and seen.valid,
            "undeclared_zeros": seen and seen.zeros,
            "constants": [
                {"value": value, "share": share} for value, share in seen.constants.items()
            ]
            if seen
            else [],
            "notes": list(info.notes),
            "mask": info.mask
            and {
                "is": info.mask.label,
                "file": info.mask.path,
                "tells": list(info.mask.names),
                "masked": self.masked,
            },
        }


def check_scene(
    scene: tuple[str, ...], cards: Sequence[ModelCard], options: Options, auto: bool
) -> SceneCheck:
    """Say what a scene is, and hold it against models; a scene that none fits is no error.

    Parameters
    ----------
    scene
        The paths of its files.
    cards
        What the models expect.
    options
        The user's word on how the scene is read.
    auto
        Whether to say which of the models a run takes that names none.

    Returns
    -------
    SceneCheck
        The scene, and for each model what fits and what does not, as a run would find it.

    Raises
    ------
    InputError
        If the scene is none, or cannot be read, or an option, such as a mask, is none of this
        scene's.
    """
    notes: tuple[str, ...] = ()
    if names_item(scene):
        item = read_scene(scene[0], cards, options)
        scene = item.paths
        options = options_of(options, item.item_metadata)
        notes = (item_note(item),)
    info = describe_for(scene, options.reading)
    info = replace(info, notes=(*notes, *info.notes))
    masked = _masked(info, options)
    found = [(card, examine(info, card, options)) for card in cards]
    with OpenFiles() as files:
        opened = [_open(card, examined, options, files) for card, examined in found]
    seen = next((coverage for _, coverage in opened if coverage), None) or _coverage(info)
    models = tuple(fit for fit, _ in opened)
    chosen, reason, error = _chosen(info, models, options) if auto else (None, "", models[0].error)
    if any(fit.fits for fit in models):
        error = None
    return SceneCheck(info, scene_line(info), models, seen, masked, chosen, reason, error)


def _masked(info: SceneInfo, options: Options) -> float | None:
    """Look at how much of a scene the product's mask leaves out."""
    with open_masked(info, info.grid, options) as masked:
        if masked is None:
            return None
        windows = spread_windows(info.grid.extent, *SPREADS[0])
        found = [masked.reader.read(window) for window in windows]
        return float(sum(part.sum() for part in found) / sum(part.size for part in found))


def _open(
    card: ModelCard, examined: Examination, options: Options, files: OpenFiles
) -> tuple[ModelFit, Coverage | None]:
    """Look at the values of a scene whose headers fit a model."""
    if examined.fit is None:
        return ModelFit(card, examined.findings), None
    tile = choose_tiling(examined.fit.grid, card, options).tile
    try:
        with open_source(examined.fit, card, options, tile, files=files) as source:
            values = Finding("values", "nothing in them speaks against it")
            notes = source.notes
            return ModelFit(card, (*examined.findings, values), notes, source.warnings), (
                source.coverage
            )
    except ModelError as error:
        return ModelFit(card, (*examined.findings, Finding("values", "", error))), None


def _coverage(info: SceneInfo) -> Coverage | None:
    complex_numbers = any(layer.dtype.startswith("complex") for layer in info.layers)
    return None if complex_numbers else look_at(info)


def _chosen(
    info: SceneInfo, models: Sequence[ModelFit], options: Options
) -> tuple[str | None, str, InputError | None]:
    """The model that a run takes which names none, why, and what then keeps it from the scene."""
    try:
        choice = choose(info, [fit.card for fit in models], options)
    except ModelError as error:
        return None, "", error
    own = next(fit for fit in models if fit.model == choice.card.name)
    return choice.card.name, choice.reason, own.error


def _finding(found: Finding) -> dict[str, Any]:
    error = found.error
    return {
        "aspect": found.aspect,
        "fits": error is None,
        "found": found.text if error is None else error.found,
        "expected": "" if error is None else error.expected,
        "do": "" if error is None else error.do,
    }


def _number(value: float | None) -> float | str | None:
    """A number as JSON takes it, which has no NaN."""
    return value if value is None or isfinite(value) else str(value)


def _band(info: SceneInfo, number: int, layer: BandInfo) -> dict[str, Any]:
    return {
        "number": number,
        "file": layer.path,
        "name": layer.name,
        "common_name": common_name(layer.name),
        "wavelength": layer.wavelength or centre(info.sensor, layer.name),
        "description": layer.description,
        "colour": layer.colour,
        "dtype": layer.dtype,
        "nodata": _number(layer.nodata),
        "scale": layer.scale,
        "offset": layer.offset,
        "pixel_size": ground_size(layer.grid),
    }
