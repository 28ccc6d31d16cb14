"""What a training is told: frozen, checked dataclasses, one for each table of its TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.card import Band, DepthField, Label, ModelCard, Scaling
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
MOST_ZOOM = 64  # beyond, a crop is one pixel, or a whole scene
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
    """One input band."""

    name: str
    """By which scenes and models are matched, such as "B04"; unlike any other band's."""
    common_name: str = ""
    """STAC's common name, such as "red"; "" is none, or that of the start's band of this name."""
    wavelength: float | None = None
    """Centre wavelength in micrometres; None is unknown. Haze falls with it."""
    mean: float | None = None
    """Mean in values (digital numbers after scale and offset); None is the start's, else measured
    on the training data.
    """
    std: float | None = None
    """Standard deviation in values; None is the start's, else measured on the training data."""


@dataclass(frozen=True, slots=True)
class ClassConfig:
    """One class: its value in the maps, and what means it in the labels."""

    value: int
    """Pixel value in class rasters, unlike any other class's; 255 is nodata."""
    name: str
    """In maps, reports and legends; unlike any other class's."""
    colour: str = ""
    """Such as "#0072b2"; "" is one of COLOURS, by the place of the class."""
    sources: list[int | str] = field(default_factory=list)
    """What means the class in the labels: numbers, texts (a vector column's) or colours
    "#rrggbb" (of a mask). Empty is the class's value and its name. Of labels with bands, the
    number of its band, from 1; where no class has any, bands go by the order of the classes.
    """
    built: bool = False
    """Whether it is buildings, as on the card: their outlines may get right angles."""

    def label(self, index: int) -> Label:
        """Return the class as it stands on the card.

        Parameters
        ----------
        index
            Its place among the classes, from 0, which chooses a colour where none is given.

        Returns
        -------
        Label
            Its value, name and colour in lower case.

        Raises
        ------
        ValueError
            If no card can hold it.
        """
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
    """Of the model; "" is that of the bundle's folder."""
    description: str = ""
    """One sentence; "" is made of the classes and the pixel size."""
    sensor: str = ""
    """Sensors, parted by commas; "" is what the scenes tell, else the start's, else "any"."""
    unit: str = ""
    """Of the values; "" is the start's, else "reflectance" where scenes tell a scaling and
    "digital number" where none does.
    """
    dtypes: list[str] = field(default_factory=list)
    """Of the scenes that the model takes, by numpy's names; empty is those of the scenes and of
    the start.
    """
    gsd: float = 0.0
    """Pixel size in metres; 0 is the scenes' median."""
    gsd_range: list[float] = field(default_factory=list)
    """Least and greatest pixel size in metres that the model is good for; empty is that of the
    scenes, widened by 1.6 times the zoom either way.
    """
    tile: int = 512
    """Side, in pixels, of the tiles that the map is made of; a multiple of the network's stride."""
    overlap: int = 128
    """Pixels that neighbouring tiles share: a quarter of the tile's side."""
    depth: float = 0.0
    """Of things: pixels from an object's border, as the network sees them, from which on all is
    equally deep inside; 0 is the start's, else 8.
    """
    scale: float | None = None
    """Value = digital number * scale + offset; None is the start's scaling, else what the first
    scene tells.
    """
    offset: float | None = None
    """In values; None is 0 beside a given scale, else found as the scale is."""
    licence: str = ""
    """SPDX identifier; "" is none: nothing is assumed."""
    trained_on: str = ""
    """On what, in words; "" counts the scenes."""
    credits: list[str] = field(default_factory=list)
    """Who is to be named for data and weights; empty is the start's."""
    limits: list[str] = field(default_factory=list)
    """What the model is not good for, a sentence each."""
    good_for: str = ""
    """For whom and for what it is good enough, in a sentence of plain words."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The network, and where the encoder's weights come from."""

    architecture: str = ""
    """A name of ARCHITECTURES; "" is the start's, else "unet"."""
    pretrained: str = ""
    """The encoder's first weights: a name of PRETRAINED, or a file (safetensors, or a state_dict
    of torch.save). "" is random, or for the usual encoder the weights that its package brings,
    where that is installed.
    """
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    """What the architecture's function takes by name, beside bands and classes."""


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Scenes with their labels, and what of them is held out.

    Either `samples` is given, or `scenes` and `labels`.
    """

    samples: str = ""
    """Table (CSV) with the columns scene, label and perhaps place, level, dataset and `groups`."""
    groups: list[str] = field(default_factory=list)
    """Further columns of it whose texts the card's scores are parted by, such as biome and season;
    by place, level and data set they are in any case.
    """
    scenes: list[str] = field(default_factory=list)
    """Files, folders or patterns with *, matched with the labels by their names."""
    labels: list[str] = field(default_factory=list)
    """As many, or one file for all scenes. Rasters, or vectors as file or file|layername=NAME."""
    things: list[str] = field(default_factory=list)
    """Names of the classes that are counted in objects: the model tells these apart. Of vector
    labels each feature is an object; beside rasters `objects` says which pixels are of one.
    """
    objects: list[str] = field(default_factory=list)
    """As `labels`, of things: rasters of whole numbers, one for each object and 0 for none; or
    vectors, of which each feature is an object. Empty are the labels themselves, which are
    vectors then.
    """
    soft: bool = False
    """Whether labels are rasters with a band per class, shares of a pixel from 0 to 255 that add
    up to all of it.
    """
    several: bool = False
    """Whether labels have a band per class, 0 to 255, each by itself: from 128 on the class is
    there.
    """
    column: str = ""
    """Column of vector labels that holds the class; "" is the first of the usual names that they
    have.
    """
    layer: str = ""
    """Layer of vector labels; "" is the only one."""
    ignore: list[int | str] = field(default_factory=list)
    """Label values that mean unlabelled; "*" is all that mean no class."""
    legend: dict[str, list[int | str]] = field(default_factory=dict)
    """Label values that mean one of several classes (partial labels), {"trees|grass" = [4]},
    beside the classes' own sources. Of labels with bands, the values are numbers of bands, from
    1.
    """
    bands: list[int] = field(default_factory=list)
    """The scenes' bands to train on, from 1; empty is all, or those of [[bands]] by their names. Of
    a product of reflectance, thermal and panchromatic bands are left out where none are named.
    """
    validation: list[str] | float = 0.2
    """Patterns of places held out to validate, or the share of the ground that is drawn, 0 or
    more and below 1.
    """
    test: list[str] | float = field(default_factory=list)
    """As `validation`, held out for the final scores; none by default, for few data are better
    trained on.
    """
    block: int = 0
    """Side, in pixels, of the blocks that are drawn where places are too few; 0 is fitted to the
    scene, some 40 of them.
    """
    guard: int = 64
    """Pixels around what is held out that are not trained on, for neighbours look alike; a
    quarter of a fitted block at the most.
    """

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
        if self.objects and (self.samples or not self.things):
            raise InputError(
                "data.objects with a table of samples"
                if self.samples
                else "data.objects without data.things",
                "beside data.scenes and data.labels, and with the names of classes in data.things",
                "in a table, a column `objects` names them" if self.samples else "",
            )
        if self.things and (self.soft or self.several):
            raise InputError(
                "data.things with soft labels, or with several classes at once",
                "labels that give each pixel of an object one class",
            )
        if self.block < 0 or self.guard < 0:
            raise InputError(
                f"data.block = {self.block}, data.guard = {self.guard}", "pixels, 0 or more"
            )


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """One data set of several that are trained on together, which the samples' column `dataset`
    names.
    """

    legend: dict[str, list[int | str]] = field(default_factory=dict)
    """All of its label values, under what they mean, as in DataConfig; empty is what all data
    hold.
    """
    weight: float = 1.0
    """Above 0: crops are drawn from the data sets in proportion to it, however large they are."""
    soft: bool | None = None
    """As in DataConfig; None is what is said there."""
    ignore: list[int | str] | None = None
    """As in DataConfig; None is what is said there."""
    zoom: list[float] = field(default_factory=list)
    """The least and the greatest factor by which its crops are enlarged (below 1: shrunk), so that
    data sets of different pixel sizes meet at one; empty is as augment.zoom says.
    """

    def __post_init__(self) -> None:
        if not 0 < self.weight < float("inf"):
            raise InputError(f"the weight of a data set is {self.weight}", "a number above 0")
        if self.zoom and not (
            len(self.zoom) == 2 and 1 / MOST_ZOOM <= self.zoom[0] <= self.zoom[1] <= MOST_ZOOM
        ):
            raise InputError(
                f"the zoom of a data set is {self.zoom}",
                f"the least and the greatest factor, from 1/{MOST_ZOOM} to {MOST_ZOOM}",
            )


@dataclass(frozen=True, slots=True)
class LossConfig:
    """The weights of the losses that are added up, each 0 or more, and those of the classes."""

    cross_entropy: float = 1.0
    """Of the cross entropy of softmax scores: every pixel is of one class."""
    dice: float = 0.0
    """Of the soft Dice loss: small classes count as much as large ones."""
    focal: float = 0.0
    """Of the focal loss: what the network is sure of counts less."""
    binary: float = 0.0
    """Of the binary cross entropy of each class by itself; without cross entropy and focal loss,
    the model's scores are sigmoids.
    """
    depth: float = 1.0
    """Of the depth of objects, where there are things: beside the sum of the others."""
    gamma: float = 2.0
    """How much less the focal loss counts what is sure, 0 or more; 2 as in its paper (Lin et al.
    2017).
    """
    sharpen: float = 1.0
    """Power that soft labels' shares are raised to (and add up to 1 again), above 0: a cautious
    teacher's small differences then weigh more.
    """
    classes: list[float] | str = ""
    """Weights above 0 in the order of the classes, "balanced" by the inverse root of how often
    each is labelled, or "" for 1 each.
    """
    even_sets: bool = False
    """Whether labels that mean one of several classes raise all of these alike, in cross entropy
    and focal loss. Otherwise the class that leads gains on the others of its set.
    """

    def __post_init__(self) -> None:
        parts = (self.cross_entropy, self.dice, self.focal, self.binary)
        if min(parts) < 0 or not max(parts) > 0 or self.gamma < 0:
            raise InputError(
                f"the losses weigh {parts}, gamma {self.gamma}", "0 or more, and one above 0"
            )
        if self.depth < 0:
            raise InputError(f"loss.depth = {self.depth}", "0 or more")
        if self.even_sets and not (self.cross_entropy or self.focal):
            raise InputError(
                "loss.even_sets says how cross entropy and focal loss treat sets of classes, but "
                "neither is used",
                "one of them, or even_sets = false",
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
        """What turns logits into scores, as on the card.

        Returns
        -------
        str
            "sigmoid" for classes that are told each by itself, else "softmax".
        """
        return "sigmoid" if self.binary and not (self.cross_entropy or self.focal) else "softmax"


@dataclass(frozen=True, slots=True)
class RunConfig:
    """The training run itself."""

    crop: int = 256
    """Side of the crops that are learned from, in pixels; a multiple of the network's stride."""
    batch: int = 8
    """Crops in one step, over all processes and micro-batches."""
    accumulate: int = 1
    """Micro-batches of which each process computes its share of a batch, one after the other:
    for little memory.
    """
    steps: int = 2000
    """Of the optimiser."""
    optimiser: str = "adamw"
    """One of "adamw", and "soap", which learns small networks in far fewer steps and needs a
    package.
    """
    rate: float = 1e-3
    """Peak learning rate, above 0."""
    weight_decay: float = 1e-2
    """Decoupled weight decay, 0 or more; PyTorch's default for AdamW."""
    warmup: int = 200
    """Steps over which the rate rises to its peak."""
    ema: float = 0.998
    """How much the running average of the weights keeps of itself at each step, below 1;
    0.998 looks back some 500 steps.
    """
    balance: float = 0.5
    """Share of crops that are drawn by class, all classes alike; the others are drawn by area."""
    seed: int = 1
    """Of everything drawn at random, 0 or more."""
    threads: int = 0
    """Of the processor, for the network; 0 is as many as PyTorch chooses."""
    readers: int = 2
    """Threads that draw crops ahead."""
    precision: str = "auto"
    """One of "float32", "bfloat16", and "auto": bfloat16 where a GPU has it, else float32."""
    validate_every: int = 250
    """Steps between validations, log lines and checkpoints."""
    validate_mpx: float = 64.0
    """About how many millions of pixels of the validation part are mapped each time; a smaller
    part is mapped whole.
    """
    patience: int = 0
    """End after so many validations in a row without a better one, and keep the best weights; 0
    is never, and the last are kept.
    """

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
    """Two processing levels of one sensor: number in `to` = number in `source` * gain + offset."""

    source: str
    """The one level, as the samples' column `level` names it."""
    to: str
    """The other level."""
    gain: list[float]
    """For each band."""
    offset: list[float]
    """For each band, in digital numbers."""


@dataclass(frozen=True, slots=True)
class AugmentConfig:
    """How far a crop is changed before the network sees it; 0 switches a change off (zoom: 1).

    All but turns are off by default, for only who knows the sensor can say what is likely.
    """

    turn: bool = True
    """Whether crops are turned and mirrored, all 8 ways alike."""
    gain: float = 0.0
    """Half range of the factor, below 1: half of it drawn for all bands together and half for
    each.
    """
    offset: float = 0.0
    """Half range of what is added, in values: half of it drawn for all bands together and half
    for each.
    """
    haze: float = 0.0
    """Largest share of `white` that is mixed in, below 1, most at short wavelengths."""
    white: float = 1.0
    """Value of a white surface, which haze tends to, and the full range of JPEG."""
    gamma: float = 1.0
    """Largest power, 1 or more, that values are raised to as shares of `white`, or its inverse: the
    tone curves of pictures differ.
    """
    saturation: float = 0.0
    """Largest share, 0 to 1, by which pixels move to or from their mean over bands."""
    zoom: float = 1.0
    """Largest factor by which a crop is enlarged or shrunk, 1 or more."""
    mix: float = 0.0
    """Share of crops put together from four places, 0 to 1."""
    blend: float = 0.0
    """Share of crops that are two laid over one another, with the labels of both, 0 to 1
    (mixup).
    """
    noise: float = 0.0
    """Standard deviation in values."""
    shadow: float = 0.0
    """Share of crops with a shadow cast on a part, 0 to 1."""
    jpeg: float = 0.0
    """Share of crops with the traces of JPEG compression, 0 to 1."""
    levels: Level | None = None
    """Two processing levels between which every second crop is turned; None is no such change."""

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
        if not 1 <= self.gamma <= 10:
            raise InputError(f"augment.gamma = {self.gamma}", "a power from 1 to 10")


@dataclass(frozen=True, slots=True)
class Config:
    """All that a training is told."""

    folder: Path
    """Where its relative paths start from."""
    card: CardConfig
    """Table [card]."""
    bands: tuple[BandConfig, ...]
    """Tables [[bands]] in the network's order; empty is found in the scenes."""
    classes: tuple[ClassConfig, ...]
    """Tables [[classes]] in the card's order; empty is those of the start."""
    network: NetworkConfig
    """Table [network]."""
    data: DataConfig
    """Table [data]."""
    datasets: Mapping[str, DatasetConfig]
    """Tables [datasets.NAME]; empty where all labels have one legend."""
    training: RunConfig
    """Table [training]."""
    loss: LossConfig
    """Table [loss]."""
    augment: AugmentConfig
    """Table [augment]."""

    @property
    def scaling(self) -> Scaling:
        """From digital numbers to values.

        Returns
        -------
        Scaling
            Value = digital number * scale + offset; 1 and 0 where nothing is known yet.
        """
        return Scaling(1.0 if self.card.scale is None else self.card.scale, self.card.offset or 0.0)

    @property
    def encoder_weights(self) -> str:
        """The encoder's first weights.

        Returns
        -------
        str
            A name of PRETRAINED, the path of a file, or "" for none.
        """
        name = self.network.pretrained
        return str(self.folder / name) if name.endswith(FILES) else name

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes as they stand on the card.

        Returns
        -------
        tuple of Label
            In the card's order.
        """
        labels = (given.label(index) for index, given in enumerate(self.classes))
        things = self.data.things
        return tuple(replace(label, is_thing=label.name in things) for label in labels)

    def draft(self) -> ModelCard:
        """Return the card before the training: statistics not yet measured are stand-ins (mean 0,
        std 1).

        Returns
        -------
        ModelCard
            Without stride, scores and temperature.

        Raises
        ------
        ValueError
            If the configuration makes no card.
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
            good_for=c.good_for,
            activation=self.loss.activation,
            depth=DepthField(c.depth) if self.data.things else None,
        )
