"""The training's configuration: a TOML file as frozen, checked dataclasses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from ..card import Band, Label, ModelCard, Scaling
from ..errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BandConfig:
    """One input band; without `mean` and `std` (in values) they are measured on the training data."""

    name: str
    common_name: str
    wavelength: float | None = None
    mean: float | None = None
    std: float | None = None


@dataclass(frozen=True, slots=True)
class CardConfig:
    """What the model's card says before anything is measured; the names are those of ModelCard."""

    name: str
    description: str
    sensor: str
    unit: str
    dtypes: list[str]
    gsd: float
    gsd_range: list[float]
    tile: int = 512
    overlap: int = 128
    scale: float = 1.0
    offset: float = 0.0
    licence: str = "MIT"
    trained_on: str = ""
    credits: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The architecture, its hyperparameters, and where the encoder's weights come from ("" = random)."""

    architecture: str
    pretrained: str = ""
    hyperparameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataConfig:
    """A table of samples (scene, label, place, level) and which places are held out, as file-name patterns."""

    samples: str
    labels: str = "classes"  # class values (255 = unlabelled), or "soft": one band per class, 0 to 255
    validation: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.labels not in ("classes", "soft"):
            raise InputError(f"data.labels = {self.labels!r}", "classes or soft")


@dataclass(frozen=True, slots=True)
class RunConfig:
    """The training run itself: `crop` in pixels, `rate` the peak learning rate, `ema` the decay of the average.

    `balance` is the share of crops that are drawn by class, all classes alike; the others are
    drawn by area. `dice` is the weight of the Dice loss beside cross entropy.
    """

    crop: int = 256
    batch: int = 8
    steps: int = 2000
    rate: float = 1e-3
    weight_decay: float = 1e-2
    warmup: int = 200
    ema: float = 0.998
    dice: float = 0.0
    balance: float = 0.5
    seed: int = 1
    threads: int = 0  # 0: as many as PyTorch chooses
    validate_every: int = 250

    def __post_init__(self) -> None:
        for name in ("crop", "batch", "steps", "validate_every"):
            if getattr(self, name) < 1:
                raise InputError(f"training.{name} = {getattr(self, name)}", "a number above 0")


@dataclass(frozen=True, slots=True)
class Level:
    """Two processing levels of one sensor: number in `to` = number in `source` * gain + offset, by band."""

    source: str
    to: str
    gain: list[float]
    offset: list[float]


@dataclass(frozen=True, slots=True)
class AugmentConfig:
    """How far a crop is changed before the network sees it; 0 switches a change off.

    `gain` and `offset` are half ranges, relative and in values, half of it drawn for all bands
    together and half for each; `haze` is the largest share of white (the value `white`) that is
    mixed in, most at short wavelengths; `saturation` mixes with the mean over bands; `zoom` is the
    largest factor by which a crop is enlarged or shrunk; `mix` the share of crops put together
    from four places; `noise` a standard deviation in values.
    """

    turn: bool = True
    gain: float = 0.0
    offset: float = 0.0
    haze: float = 0.0
    white: float = 1.0
    saturation: float = 0.0
    zoom: float = 1.0
    mix: float = 0.0
    noise: float = 0.0
    levels: Level | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.gain < 1 and 0 <= self.haze < 1):
            raise InputError(f"augment.gain = {self.gain}, augment.haze = {self.haze}", "shares, 0 or more and below 1")
        if self.zoom < 1:
            raise InputError(f"augment.zoom = {self.zoom}", "a factor of 1 or more")


@dataclass(frozen=True, slots=True)
class Config:
    """All that a training needs, and the folder that its relative paths start from."""

    folder: Path
    card: CardConfig
    bands: tuple[BandConfig, ...]
    classes: tuple[Label, ...]
    network: NetworkConfig
    data: DataConfig
    training: RunConfig
    augment: AugmentConfig

    @property
    def scaling(self) -> Scaling:
        """From digital numbers to values."""
        return Scaling(self.card.scale, self.card.offset)

    def draft(self) -> ModelCard:
        """Return the card before the training: statistics not yet measured are stand-ins."""
        c = self.card
        bands = tuple(
            Band(b.name, b.common_name, b.wavelength, b.mean or 0.0, b.std or 1.0, 0.0, 1.0) for b in self.bands
        )
        return ModelCard(
            name=c.name, description=c.description, architecture=self.network.architecture,
            hyperparameters=self.network.hyperparameters, sensor=c.sensor, bands=bands, unit=c.unit,
            scaling=self.scaling, dtypes=tuple(c.dtypes), labels=self.classes, gsd=c.gsd,
            gsd_range=(c.gsd_range[0], c.gsd_range[1]), tile=c.tile, overlap=c.overlap, licence=c.licence,
            trained_on=c.trained_on, credits=tuple(c.credits), limits=tuple(c.limits),
        )  # fmt: skip


def read_config(path: Path) -> Config:
    """Read a training's TOML file; InputError names what is unknown, missing or wrong in it."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the configuration {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not TOML: {error}") from error
    return parse(tables, path.resolve().parent)


def parse(tables: Mapping[str, Any], folder: Path) -> Config:
    """Return the configuration that the tables of a TOML file give."""
    known = {f.name for f in fields(Config)} - {"folder"}
    _refuse(set(tables) - known, "the configuration", known)
    config = _build(tables, folder)
    try:
        config.draft()
    except ValueError as error:
        raise InputError(f"the configuration makes no model: {error}") from error
    levels = config.augment.levels
    if levels and not len(levels.gain) == len(levels.offset) == len(config.bands):
        raise InputError(f"[augment.levels] has {len(levels.gain)} and {len(levels.offset)} numbers",
                         f"one gain and one offset for each of {len(config.bands)} bands")  # fmt: skip
    return config


def _build(tables: Mapping[str, Any], folder: Path) -> Config:
    augment = dict(tables.get("augment", {}))
    if "levels" in augment:
        augment["levels"] = _make(Level, augment["levels"], "augment.levels")
    return Config(
        folder=folder,
        card=_make(CardConfig, tables.get("card", {}), "card"),
        bands=tuple(_make(BandConfig, band, "bands") for band in tables.get("bands", [])),
        classes=tuple(_make(Label, label, "classes") for label in tables.get("classes", [])),
        network=_make(NetworkConfig, tables.get("network", {}), "network"),
        data=_make(DataConfig, tables.get("data", {}), "data"),
        training=_make(RunConfig, tables.get("training", {}), "training"),
        augment=_make(AugmentConfig, augment, "augment"),
    )


def _make(kind: type[T], table: Mapping[str, Any], where: str) -> T:
    """Return the dataclass that one table fills; unknown and missing keys are named."""
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    _refuse(set(table) - set(known), f"[{where}]", set(known))
    needed = {n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING}
    if missing := needed - set(table):
        raise InputError(f"[{where}] lacks {', '.join(sorted(missing))}")
    try:
        return kind(**table)
    except (TypeError, ValueError) as error:
        raise InputError(f"[{where}]: {error}") from error


def _refuse(unknown: set[str], where: str, known: set[str]) -> None:
    if unknown:
        raise InputError(f"{where} holds unknown {', '.join(sorted(unknown))}", f"only {', '.join(sorted(known))}")
