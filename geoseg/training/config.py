"""What a training is told: frozen, checked dataclasses, one for each table of its TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.card import Band, Label, ModelCard, Scaling
from ..core.errors import InputError

# for classes without a colour: told apart by people with any colour vision (Okabe and Ito), then
# greys
COLOURS = (
    "#0072b2",
    "#009e73",
    "#e69f00",
    "#d55e00",
    "#56b4e9",
    "#cc79a7",
    "#f0e442",
    "#222222",
    "#888888",
    "#cccccc",
)
FILES = (".safetensors", ".pth", ".pt")  # of encoder weights
PRECISIONS = ("auto", "float32", "bfloat16")
OPTIMISERS = ("adamw", "soap")
# more than any machine has, or any training needs
MOST = {
    "crop": 1 << 16,
    "batch": 1 << 16,
    "accumulate": 1 << 16,
    "threads": 1024,
    "readers": 1024,
    "rate": 1000,
    "weight_decay": 1000,
}


@dataclass(frozen=True, slots=True)
class BandConfig:
    """One input band; without `mean` and `std` (in values) they are measured on the training
    data.
    """

    name: str
    common_name: str = ""
    wavelength: float | None = None
    mean: float | None = None
    std: float | None = None


@dataclass(frozen=True, slots=True)
class ClassConfig:
    """One class: its value in the maps, and which `sources` mean it in the labels.

    Sources are numbers, texts (a vector column's) or colours "#rrggbb" (of a mask); without
    any, they are the class's value and its name. `built` marks buildings, as on the card.
    """

    value: int
    name: str
    colour: str = ""
    sources: list[int | str] = field(default_factory=list)
    built: bool = False

    def label(self, index: int) -> Label:
        """Return the class as it stands on the card, as its `index`th."""
        return Label(
            self.value,
            self.name,
            (self.colour or COLOURS[index % len(COLOURS)]).lower(),
            self.built,
        )


@dataclass(frozen=True, slots=True)
class CardConfig:
    """What the model's card says before anything is measured; the names are those of ModelCard.

    What is left out is found: in the scenes, or in the model that the training starts from.
    """

    name: str = ""
    description: str = ""
    sensor: str = ""
    unit: str = ""
    dtypes: list[str] = field(default_factory=list)
    gsd: float = 0.0
    gsd_range: list[float] = field(default_factory=list)
    tile: int = 512
    overlap: int = 128
    scale: float | None = None
    offset: float | None = None
    licence: str = ""
    trained_on: str = ""
    credits: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The architecture, its hyperparameters, and where the encoder's weights come from.

    `pretrained` is a name of training.pretrained, a file (safetensors, or a state_dict of
    torch.save), or "" for random weights.
    """

    architecture: str = ""
    pretrained: str = ""
    hyperparameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Scenes with their labels, and what of them is held out.

    `samples` is a table (CSV: scene, label and perhaps place, level), or `scenes` and `labels` are
    files, folders or patterns, matched by their names. Labels have one band per class, 0 to 255,
    where they are `soft`, shares of a pixel that add up to all of it, or where they tell `several`
    classes at once, each by itself. `column` and `layer` say where vectors keep the class; `ignore`
    lists values that mean unlabelled, "*" all others. `legend` names label values that mean one of
    several classes (partial labels), {"trees|grass" = [4]}, beside the classes' own sources; of
    labels with bands, the values are numbers of bands, from 1. `bands` are the scenes' band
    numbers, where names do not tell. `validation` and `test` are patterns of places, or a share
    that is drawn; it is drawn in blocks of `block` pixels where places are too few, and nothing
    within `guard` pixels of what is held out is trained on. Without a `block`, both are fitted to
    the scene.
    """

    samples: str = ""
    scenes: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    soft: bool = False
    several: bool = False
    column: str = ""
    layer: str = ""
    ignore: list[int | str] = field(default_factory=list)
    legend: dict[str, list[int | str]] = field(default_factory=dict)
    bands: list[int] = field(default_factory=list)
    validation: list[str] | float = 0.2
    test: list[str] | float = field(default_factory=list)
    block: int = 0
    guard: int = 64

    def __post_init__(self) -> None:
        if bool(self.samples) == bool(self.scenes or self.labels):
            raise InputError(
                "[data] must name its scenes and labels once", "samples, or scenes and labels"
            )
        shares = [part for part in (self.validation, self.test) if isinstance(part, int | float)]
        if any(not 0 <= share < 1 for share in shares) or sum(shares) >= 1:
            raise InputError(
                f"data.validation and data.test are {shares}",
                "shares, 0 or more and below 1 together",
            )
        if self.soft and self.several:
            raise InputError(
                "data.soft and data.several are both true",
                "one: shares of a pixel, or classes at once",
            )
        if self.block < 0 or self.guard < 0:
            raise InputError(
                f"data.block = {self.block}, data.guard = {self.guard}", "pixels, 0 or more"
            )


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """One data set of several that are trained on together, which the samples' column `dataset`
    names.

    `legend` holds all of its label values, under what they mean, as in DataConfig; without one,
    those of all data hold. Crops are drawn from the data sets in proportion to their `weight`.
    `soft` and `ignore` are as in DataConfig, whose word holds where nothing is said.
    """

    legend: dict[str, list[int | str]] = field(default_factory=dict)
    weight: float = 1.0
    soft: bool | None = None
    ignore: list[int | str] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.weight < float("inf"):
            raise InputError(f"the weight of a data set is {self.weight}", "a number above 0")


@dataclass(frozen=True, slots=True)
class LossConfig:
    """The weights of the losses that are added up, and those of the classes.

    `binary` is the binary cross entropy of each class by itself; without cross entropy and focal
    loss, the model's scores are sigmoids. `gamma` belongs to `focal`. Soft labels' shares are
    raised to the power `sharpen` (and add up to 1 again): a cautious teacher's small differences
    then weigh more. `classes` are weights in the order of the classes, or "balanced": by the
    inverse root of how often each is labelled.
    """

    cross_entropy: float = 1.0
    dice: float = 0.0
    focal: float = 0.0
    binary: float = 0.0
    gamma: float = 2.0
    sharpen: float = 1.0
    classes: list[float] | str = ""

    def __post_init__(self) -> None:
        parts = (self.cross_entropy, self.dice, self.focal, self.binary)
        if min(parts) < 0 or not max(parts) > 0 or self.gamma < 0:
            raise InputError(
                f"the losses weigh {parts}, gamma {self.gamma}", "0 or more, and one above 0"
            )
        if not self.sharpen > 0:
            raise InputError(f"loss.sharpen = {self.sharpen}", "a number above 0")
        if isinstance(self.classes, str) and self.classes not in ("", "balanced"):
            raise InputError(
                f"loss.classes = {self.classes!r}", 'a weight for each class, or "balanced"'
            )
        if isinstance(self.classes, list) and not all(weight > 0 for weight in self.classes):
            raise InputError(f"loss.classes = {self.classes}", "weights above 0")

    @property
    def activation(self) -> str:
        """What turns logits into scores, as on the card."""
        return "sigmoid" if self.binary and not (self.cross_entropy or self.focal) else "softmax"


@dataclass(frozen=True, slots=True)
class RunConfig:
    """The training run itself: `crop` in pixels, `rate` the peak learning rate, `ema` the decay of
    the average.

    `batch` counts the crops of one step, over all GPUs and over the `accumulate` parts in which
    each computes its share. `balance` is the share of crops that are drawn by class, all classes
    alike; the others are drawn by area. `patience` ends the training when so many validations
    in a row bring nothing better, and the best is kept (0: never, and the last is kept).
    `validate_mpx` is how much of the held-out part is mapped each time, in millions of pixels.
    """

    crop: int = 256
    batch: int = 8
    accumulate: int = 1
    steps: int = 2000
    optimiser: str = "adamw"
    rate: float = 1e-3
    weight_decay: float = 1e-2
    warmup: int = 200
    ema: float = 0.998
    balance: float = 0.5
    seed: int = 1
    threads: int = 0  # 0: as many as PyTorch chooses
    readers: int = 2
    precision: str = "auto"  # bfloat16 where a GPU has it, else float32
    validate_every: int = 250
    validate_mpx: float = 64.0
    patience: int = 0

    def __post_init__(self) -> None:
        for name in (
            "crop",
            "batch",
            "accumulate",
            "steps",
            "validate_every",
            "readers",
            "rate",
            "validate_mpx",
        ):
            if not getattr(self, name) > 0:
                raise InputError(f"training.{name} = {getattr(self, name)}", "a number above 0")
        for name, most in MOST.items():
            if getattr(self, name) > most:
                raise InputError(f"training.{name} = {getattr(self, name)}", f"at most {most:,}")
        for name in ("warmup", "patience", "weight_decay", "threads", "seed"):
            if getattr(self, name) < 0:
                raise InputError(f"training.{name} = {getattr(self, name)}", "0 or more")
        if not (0 <= self.balance <= 1 and 0 <= self.ema < 1):
            raise InputError(
                f"training.balance = {self.balance}, training.ema = {self.ema}",
                "shares from 0 to 1",
            )
        for name, known in (("precision", PRECISIONS), ("optimiser", OPTIMISERS)):
            if getattr(self, name) not in known:
                raise InputError(f"training.{name} = {getattr(self, name)!r}", " or ".join(known))
        if self.batch % self.accumulate:
            raise InputError(
                f"training.batch = {self.batch}",
                f"a multiple of training.accumulate = {self.accumulate}",
            )


@dataclass(frozen=True, slots=True)
class Level:
    """Two processing levels of one sensor: number in `to` = number in `source` * gain + offset,
    by band.
    """

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
    largest factor by which a crop is enlarged or shrunk; `mix` the share of crops put together from
    four places; `blend` the share that is two crops laid over one another, with the labels of both;
    `noise` a standard deviation in values; `shadow` and `jpeg` the shares of crops with a shadow
    cast on a part, and with the traces of JPEG compression (of which `white` is the full range).
    """

    turn: bool = True
    gain: float = 0.0
    offset: float = 0.0
    haze: float = 0.0
    white: float = 1.0
    saturation: float = 0.0
    zoom: float = 1.0
    mix: float = 0.0
    blend: float = 0.0
    noise: float = 0.0
    shadow: float = 0.0
    jpeg: float = 0.0
    levels: Level | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.gain < 1 and 0 <= self.haze < 1):
            raise InputError(
                f"augment.gain = {self.gain}, augment.haze = {self.haze}",
                "shares, 0 or more and below 1",
            )
        for name in ("mix", "blend", "shadow", "jpeg"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"augment.{name} = {getattr(self, name)}", "a share from 0 to 1")
        if self.zoom < 1:
            raise InputError(f"augment.zoom = {self.zoom}", "a factor of 1 or more")


@dataclass(frozen=True, slots=True)
class Config:
    """All that a training is told, and the folder that its relative paths start from."""

    folder: Path
    card: CardConfig
    bands: tuple[BandConfig, ...]
    classes: tuple[ClassConfig, ...]
    network: NetworkConfig
    data: DataConfig
    datasets: Mapping[str, DatasetConfig]
    training: RunConfig
    loss: LossConfig
    augment: AugmentConfig

    @property
    def scaling(self) -> Scaling:
        """From digital numbers to values."""
        return Scaling(1.0 if self.card.scale is None else self.card.scale, self.card.offset or 0.0)

    @property
    def encoder_weights(self) -> str:
        """The name of the encoder's weights, or the path of their file."""
        name = self.network.pretrained
        return str(self.folder / name) if name.endswith(FILES) else name

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes as they stand on the card."""
        return tuple(given.label(index) for index, given in enumerate(self.classes))

    def draft(self) -> ModelCard:
        """Return the card before the training: statistics not yet measured are stand-ins;
        ValueError if it is none.
        """
        c = self.card
        bands = tuple(
            Band(b.name, b.common_name, b.wavelength, b.mean or 0.0, b.std or 1.0, 0.0, 1.0)
            for b in self.bands
        )
        return ModelCard(
            name=c.name,
            description=c.description,
            architecture=self.network.architecture,
            hyperparameters=self.network.hyperparameters,
            sensor=c.sensor,
            bands=bands,
            unit=c.unit,
            scaling=self.scaling,
            dtypes=tuple(c.dtypes),
            labels=self.labels,
            gsd=c.gsd,
            gsd_range=(c.gsd_range[0], c.gsd_range[1]),
            tile=c.tile,
            overlap=c.overlap,
            licence=c.licence,
            trained_on=c.trained_on,
            credits=tuple(c.credits),
            limits=tuple(c.limits),
            activation=self.loss.activation,
        )
