"""Whether this installation works: versions, devices, and every model on a small scene with a
known answer.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..core.card import ModelCard
from ..core.errors import GeosegError
from ..core.events import Event, Report, silent
from ..core.job import Job
from ..core.options import Options
from ..core.version import __version__, installed
from ..models import Bundle, list_models
from ..raster import synthetic
from .pipeline import segment
from .warm import GROUPS, is_warm, start_compiling

SIDE = 128  # pixels of a field
# share of a field that must be mapped as one of its answers: a damaged model gets a share by chance
LEAST = 0.75
PACKAGES = (
    "torch",
    "numpy",
    "numba",
    "pyogrio",
    "shapely",
    "pyproj",
    "segmentation-models-pytorch",
)
BROKEN = (GeosegError, ImportError, OSError, RuntimeError)  # what a damaged installation raises


@dataclass(frozen=True, slots=True)
class Field:
    """A surface that no land-cover model may take for another one."""

    name: str
    """What it is."""
    values: dict[str, float]
    """By band: reflectances under Sentinel-2's names of the bands, 8-bit numbers under the names
    of colours.
    """
    answers: frozenset[str]
    """The classes that it may be called."""
    needed: str = ""
    """A band without which a model cannot tell the surface; "" where there is none."""


FIELDS = (
    Field(
        "water",
        {
            "B02": 0.045,
            "B03": 0.040,
            "B04": 0.030,
            "B05": 0.026,
            "B06": 0.022,
            "B07": 0.022,
            "B08": 0.018,
            "B11": 0.012,
            "B12": 0.009,
            "red": 20,
            "green": 60,
            "blue": 75,
            "nir": 10,
        },
        frozenset({"water"}),
    ),
    Field(
        "trees",
        {
            "B02": 0.028,
            "B03": 0.045,
            "B04": 0.025,
            "B05": 0.075,
            "B06": 0.22,
            "B07": 0.28,
            "B08": 0.30,
            "B11": 0.15,
            "B12": 0.065,
        },
        frozenset({"trees"}),
        needed="B08",  # in visible light a plain dark field may be water as well
    ),
    Field(
        "dry ground",
        {
            "B02": 0.14,
            "B03": 0.19,
            "B04": 0.26,
            "B05": 0.29,
            "B06": 0.31,
            "B07": 0.33,
            "B08": 0.35,
            "B11": 0.42,
            "B12": 0.36,
            "red": 200,
            "green": 175,
            "blue": 140,
            "nir": 205,
        },
        frozenset({"bare", "shrub and scrub", "built", "crops", "land", "road", "building"}),
    ),
)


@dataclass(frozen=True, slots=True)
class Checkup:
    """One model's run over fields."""

    model: str
    """Its name."""
    sha256: str
    """The digest of its weights."""
    device: str
    """What computed, in words."""
    seconds: float
    """How long it took."""
    fields: dict[str, float]
    """The share of each field that is mapped as it should be, 0 to 1, by its name."""
    problem: str = ""
    """What is wrong; "" for nothing."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found out about an installation."""

    ok: bool
    """Whether nothing is wrong."""
    versions: dict[str, str]
    """Of geoseg, Python and the libraries, by name."""
    devices: tuple[str, ...]
    """A line for each."""
    models: tuple[Checkup, ...]
    """A checkup for each that ships."""
    problems: tuple[str, ...]
    """What is wrong, a line each."""


def diagnose(device: str = "auto", report: Report = silent) -> Diagnosis:
    """Look at the installation and run each model that ships.

    Parameters
    ----------
    device
        auto, cpu, cuda or cuda:1.
    report
        Takes the events of these runs.

    Returns
    -------
    Diagnosis
        What was found out.
    """
    problems: list[str] = []
    lacking = [group for group in GROUPS if not is_warm(group)]  # before the models run
    kernels = f"compiled by first runs, or by `geoseg warm`: {', '.join(lacking)}"
    kernels = kernels if lacking else "compiled"
    start_compiling([group for group in GROUPS if group != "trace"], ["trace"])
    bundles = list_models()
    if not bundles:
        problems.append("no model ships with this installation")
    checkups = tuple(checkup(bundle, device, report) for bundle in bundles)
    problems += [f"{found.model}: {found.problem}" for found in checkups if found.problem]
    versions = find_versions() | {"kernels": kernels}
    return Diagnosis(not problems, versions, tuple(_devices()), checkups, tuple(problems))


def checkup(bundle: Bundle, device: str, report: Report = silent) -> Checkup:
    """Map a scene of plain fields with one model, and compare the map with what they are.

    Parameters
    ----------
    bundle
        The model on disk.
    device
        auto, cpu, cuda or cuda:1.
    report
        Takes the events of the run.

    Returns
    -------
    Checkup
        What was found out.
    """
    begun = time.monotonic()
    ran = [""]

    def listen(event: Event) -> None:
        ran[0] = getattr(event, "device", "") or ran[0]
        report(event)

    try:
        shares, problem = examine(bundle, device, listen)
    except BROKEN as error:
        shares = {}
        problem = f"{type(error).__name__}: {error}"
    seconds = time.monotonic() - begun
    return Checkup(bundle.card.name, bundle.sha256, ran[0], round(seconds, 2), shares, problem)


def examine(bundle: Bundle, device: str, report: Report) -> tuple[dict[str, float], str]:
    """Map the fields that a model should know.

    Parameters
    ----------
    bundle
        The model on disk.
    device
        auto, cpu, cuda or cuda:1.
    report
        Takes the events of the run.

    Returns
    -------
    tuple
        The share of each field that was mapped as it should be, by its name, and what is wrong.
    """
    shown = list(known_fields(bundle.card))
    if not shown:
        return {}, "no scene with a known answer has this model's bands"
    with TemporaryDirectory(prefix="geoseg-doctor-") as folder:
        scene = Path(folder) / "scene.tif"
        classes = Path(folder) / "classes.tif"
        _write(scene, shown, bundle.card)
        options = Options.of(device=device, bands=tuple(range(1, len(bundle.card.bands) + 1)))
        segment(
            Job(
                (str(scene),),
                str(bundle.path),
                str(classes),
                f"{folder}/polygons.gpkg",
                options=options,
            ),
            report,
        )
        mapped = synthetic.read_fields(classes, len(shown))
    names = {label.value: label.name for label in bundle.card.labels}
    rights = {
        field.name: [v for v, name in names.items() if name in field.answers] for field in shown
    }
    shares = {
        field.name: round(float(np.isin(labels, rights[field.name]).mean()), 3)
        for field, labels in zip(shown, mapped, strict=True)
    }
    wrong = [
        f"only {share:.0%} of a field of {name} is mapped as such"
        for name, share in shares.items()
        if share < LEAST
    ]
    return shares, "; ".join(wrong)


def known_fields(card: ModelCard) -> Iterator[Field]:
    """Find the fields that have a value for each of a model's bands, and one of its classes for an
    answer.

    Parameters
    ----------
    card
        What the model expects.

    Yields
    ------
    Field
        One that it should know.
    """
    classes = {label.name for label in card.labels}
    for field in FIELDS:
        known = all(name in field.values for name in card.band_names)
        if known and field.answers & classes and field.needed in ("", *card.band_names):
            yield field


def _write(path: Path, shown: list[Field], card: ModelCard) -> None:
    values = np.array([[field.values[band.name] for band in card.bands] for field in shown])
    values = synthetic.fields(values, SIDE)
    if card.dtypes[0] != "uint8":  # the values of colours are numbers of 8 bits already
        values = (values - card.scaling.offset) / card.scaling.scale
    numbers = np.rint(values) if np.dtype(card.dtypes[0]).kind in "iu" else values
    synthetic.write_scene(path, numbers.astype(card.dtypes[0]), card.band_names, card.gsd)


def find_versions() -> dict[str, str]:
    """List the versions of geoseg, Python and the libraries, and the system.

    Returns
    -------
    dict
        By name; "missing" for a package that is not installed.
    """
    packages = {name: installed(name) or "missing" for name in PACKAGES}
    return (
        {
            "geoseg": __version__,
            "Python": platform.python_version(),
            "executable": sys.executable,
            "system": platform.platform(),
        }
        | synthetic.versions()
        | packages
    )


def _devices() -> list[str]:
    try:
        from ..models.devices import list_devices

        return list_devices()
    except BROKEN as error:
        return [f"torch cannot be loaded: {error}"]
