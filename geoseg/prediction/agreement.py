"""How far two precisions of a network agree, on windows spread over the scene."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array, Bytes
from ..core.card import ModelCard, Scaling
from ..core.errors import InputError
from ..core.events import Event, Noted, Report, Warned, silent
from ..core.grid import Patch, Tiling, Window
from ..core.machine import may_have_gpu
from ..core.options import Options
from ..core.threads import crew_of, prefetch
from ..core.tiling import half_tile
from ..models import Bundle, own_engine
from ..models.engine import Engine, EngineError, Patches
from ..models.ensemble import Combined, averaging, members_of
from ..models.merging import merging
from ..models.protocol import Model, wait_for
from ..models.tta import TURNS, turning
from .infer import batch_on
from .thresholds import thresholds_of

# multiples of it, without their whole part, fill 0 to 1 evenly, however many there are
GOLDEN = 0.6180339887498949
PixelType = tuple[int, np.dtype[Any]]  # how many bands, and their type
NEAR = 0.01  # of the spread of numbers, by which those of two models may differ and agree
LOOKED_AT = 4  # times as many windows are read as are wanted, at most, where most are empty


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two models give a pixel the same class."""

    share: float
    """Of the valid pixels, 0 to 1."""
    pixels: int
    """Valid pixels that were compared."""
    windows: int
    """In so many windows."""
    least: float = 0.0
    """The share in the window where it is least: how far windows differ tells how much the share
    of all may be trusted, which pixels beside each other, right or wrong together, do not."""


def compare(
    model: Model,
    other: Model,
    patches: Patches,
    thresholds: Sequence[float] | None = None,
    numbers: bool = False,
    labels: int | None = None,
) -> Agreement:
    """Compare the classes of two models.

    Parameters
    ----------
    model, other
        The two.
    patches
        Pixels [band, row, column].
    thresholds
        From what score on each class is there; None where a pixel has that of the highest. A pixel
        agrees where all of its classes do.
    numbers
        Whether the models give numbers and no classes: a pixel agrees where these differ by less
        than NEAR of their spread in the window.
    labels
        How many planes are scores of classes; None is all that the models give.

    Returns
    -------
    Agreement
        A share of 0 where no pixel is valid.
    """
    counts = []
    for valid, scores in _scored((model, other), patches):
        if numbers:
            agree = _near(*scores)
        else:
            one, two = (_classes(model, each[:, :labels], thresholds) for each in scores)
            agree = (one == two).all(0)
        counts.append((int(agree[valid].sum()), int(valid.sum())))
    same, total = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    shares = [alike / pixels for alike, pixels in counts if pixels]
    return Agreement(same / total if total else 0.0, total, len(patches), min(shares, default=0.0))


def _scored(
    models: Sequence[Model], patches: Patches
) -> Iterator[tuple[npt.NDArray[np.bool_], list[Array]]]:
    """Yield where each patch is valid, and each model's scores of it; all models compute at the
    same time, as many patches ahead as they take.
    """
    under_way: deque[tuple[npt.NDArray[np.bool_], list[Callable[[], Array]]]] = deque()

    def finished() -> tuple[npt.NDArray[np.bool_], list[Array]]:
        valid, fetches = under_way.popleft()
        return valid, [fetches.pop(0)() for _ in models]

    try:
        for patch in patches:
            valid = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
            launched: list[Callable[[], Array]] = []
            under_way.append((valid, launched))
            launched.extend(model.launch(patch.data[None], valid[None]) for model in models)
            if len(under_way) > min(model.ahead for model in models):
                yield finished()
        while under_way:
            yield finished()
    finally:
        wait_for(fetch for _, fetches in under_way for fetch in fetches)


def _classes(model: Model, scores: Array, thresholds: Sequence[float] | None) -> Bytes:
    """The class of each pixel, or whether each class is there: [plane, row, column]."""
    if thresholds is None:
        return model.to_uint8(scores.argmax(1))
    kinds = [model.to_uint8(scores[0, i] >= share) for i, share in enumerate(thresholds)]
    return np.stack(kinds)


def _near(*both: Array) -> npt.NDArray[np.bool_]:
    """Tell where the numbers of two models hardly differ, [row, column]."""
    one, two = (each[0] if isinstance(each, np.ndarray) else each[0].cpu().numpy() for each in both)
    deviation = one.std((1, 2), keepdims=True)
    found: npt.NDArray[np.bool_] = (np.abs(one - two) <= NEAR * deviation).all(0)
    return found


def sample_windows(
    read: Callable[[Window], Patch],
    tiling: Tiling,
    side: int,
    count: int,
    threads: int = 1,
) -> list[Patch]:
    """Read windows that lie all over a scene, whatever part of it is mapped.

    What is decided on them is the same for all parts of the scene.

    Parameters
    ----------
    read
        Gives a window's pixels; called on several threads.
    tiling
        The tiles over the scene.
    side
        Pixels of a window's side.
    count
        How many are wanted.
    threads
        How many read.

    Returns
    -------
    list
        Up to so many patches that hold valid pixels, side by side at the closest.
    """
    windows = _spread_windows(tiling, side, LOOKED_AT * count)
    found: list[Patch] = []
    while wanted := list(islice(windows, count - len(found))):
        patches = prefetch(read, wanted, threads, threads)
        found += [patch for patch in patches if patch.valid is None or patch.valid.any()]
    return found


def _spread_windows(tiling: Tiling, side: int, count: int) -> Iterator[Window]:
    spread = Tiling(tiling.height, tiling.width, side, 0)
    tops = spread.tops
    lefts = spread.lefts
    for place in scattered(len(tops) * len(lefts), count):
        row, column = divmod(place, len(lefts))
        yield Window(tops[row], lefts[column], tops[row] + side, lefts[column] + side)


def scattered(total: int, count: int) -> list[int]:
    """Choose items that lie all over a row of them, however many are taken.

    Parameters
    ----------
    total
        How many there are.
    count
        How many are wanted.

    Returns
    -------
    list
        The places of up to so many, each once.
    """
    order = np.argsort(np.arange(total) * GOLDEN % 1, kind="stable")
    return [int(index) for index in order[:count]]


SIDE = 256  # pixels of the windows on which a reduced precision is compared with float32
CHECKED = 0.015  # the share of a scene's pixels that they hold together
FEWEST = 4  # windows, where the scene has as many: fewer would say little of a small scene
MOST = 12  # windows: those of a large one say the same as more would
CALIBRATED = 16  # further ones, from which int8 takes the ranges of the activations


LONG = 10_000_000  # pixels of a map, from which on somebody may want it sooner
# of fp32's computing, by bf16: measured with landcover-rgb (AMD EPYC, 2026-11-30); others were not
SAVED = {"openvino": "about half"}


def plan_check(tiling: Tiling, card: ModelCard) -> tuple[int, int]:
    """Choose the windows of a check: from the sizes of scene and network alone.

    Parameters
    ----------
    tiling
        The tiles over the scene.
    card
        What the model expects.

    Returns
    -------
    tuple
        Pixels of a window's side, and how many windows. What computes in float32 is the cost of the
        check, so windows are small: half of the network's own tile, as tiles of a small area are,
        or SIDE. Neither depends on the part of the scene that is mapped.
    """
    side = tiling.tile
    if not card.fixed_tile:
        least = max(half_tile(card), _up(SIDE, card.stride))
        side = min(_up(max(tiling.extent.shape), card.stride), card.tile, least)
    count = round(CHECKED * tiling.extent.area / side**2)
    return side, min(max(count, FEWEST), MOST)


def _up(pixels: int, stride: int) -> int:
    return -(-pixels // stride) * stride


@dataclass(frozen=True, slots=True)
class ComputeInfo:
    """What computes a map, and how precisely."""

    engine: str = ""
    """The name of the engine."""
    precision: str = "fp32"
    """One of PRECISIONS."""
    agreement: float | None = None
    """The share of checked pixels that get the class of fp32; None for fp32 itself."""
    tta: str = "none"
    """In how many ways each tile was seen: one of `options.TURNS`."""

    @property
    def tags(self) -> dict[str, str]:
        """What an output says about how it was computed."""
        share = {} if self.agreement is None else {"geoseg_agreement": f"{self.agreement:.6f}"}
        seen = {} if self.tta == "none" else {"geoseg_tta": self.tta}
        return {"geoseg_engine": self.engine, "geoseg_precision": self.precision, **share, **seen}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network in the precisions that a run may take, before it is known which one does."""

    engine: Engine
    """What computes it."""
    precision: str
    """In what it is to compute: one of PRECISIONS."""
    plain: Model
    """In fp32."""
    reduced: Model | None
    """In `precision`, if it is another one; None too where it takes pixels of the scene to load."""
    told: tuple[Event, ...]
    """What was found out."""

    @property
    def reference(self) -> Engine:
        """The engine of `plain`."""
        return self.engine.reference or self.engine

    @property
    def checked(self) -> bool:
        """Whether it is to be compared with `plain`."""
        return self.reference is not self.engine or self.precision != "fp32"


def load(bundle: Bundle, scaling: Scaling, options: Options) -> Loaded:
    """Load a model as the options ask for; nothing of it depends on the scene's pixels.

    Parameters
    ----------
    bundle
        The model on disk.
    scaling
        What makes its values of the scene's digital numbers.
    options
        Engine, device and precision.

    Returns
    -------
    Loaded
        Not compiled for any tile yet.

    Raises
    ------
    InputError
        If engine, device and precision do not go together. ModelError, if the model cannot be
        loaded.
    """
    told: list[Event] = []
    engine = find_engine(bundle, scaling, options, told.append)
    tta = options.compute.tta
    if tta != "none":
        ways = len(TURNS[tta])
        told.append(Noted(f"--tta {tta}: each tile goes through the network {ways} times"))
    precision = _precision(engine, options, told.append)
    plain = (engine.reference or engine).load("fp32", ())
    early = engine.reference is None and precision not in ("fp32", "int8")
    reduced = engine.load(precision, ()) if early else None
    return Loaded(engine, precision, plain, reduced, tuple(told))


def load_ahead(
    bundle: Bundle,
    scaling: Scaling,
    options: Options,
    tiling: Tiling,
    pixels: PixelType,
    most: int | None,
) -> Loaded | None:
    """Load a model, and make it ready for the tiles of the map and the windows of the check, while
    somebody else still looks at the scene's values.

    Parameters
    ----------
    bundle
        The model on disk.
    scaling
        What makes its values of the scene's digital numbers.
    options
        Engine, device and precision.
    tiling
        The tiles over the scene.
    pixels
        How many bands its pixels will have, and of which type.
    most
        How many batches may be computed side by side; None is as many as are fastest.

    Returns
    -------
    Loaded or None
        None where it would take long, or nothing is gained: a scene that is refused should not be
        waited for.

    Raises
    ------
    InputError
        If engine, device and precision do not go together. ModelError, if the model cannot be
        loaded.
    """
    compute = options.compute
    able = compute.engine in ("auto", "openvino") and find_spec("openvino")
    if not able or not on_cpu(compute.device):
        return None
    from ..models import openvino

    if not all(map(openvino.is_converted, members_of(bundle))):
        return None
    loaded = load(bundle, scaling, options)
    bands, dtype = pixels
    tile = (options.tiles.batch or batch_on(loaded.plain.device), bands, tiling.tile, tiling.tile)
    models = [loaded.plain, *([loaded.reduced] if loaded.reduced else [])]
    for model in models:
        if most:
            model.keep_to(most)
    if loaded.reduced:
        side, _ = plan_check(tiling, bundle.card)
        _prepare_check(loaded.plain, loaded.reduced, (1, bands, side, side), tile, dtype)
    if loaded.reduced or not loaded.checked:  # else it takes the scene's pixels to load
        models[-1].prepare(tile, dtype)
    return loaded


def choose_engine(
    bundle: Bundle,
    scaling: Scaling,
    options: Options,
    tiling: Tiling,
    read: Callable[[Window], Patch],
    mapped: int,
    report: Report,
    loaded: Loaded | None = None,
) -> tuple[Model, ComputeInfo]:
    """Load a model as the options ask for.

    Parameters
    ----------
    bundle
        The model on disk.
    scaling
        What makes its values of the scene's digital numbers.
    options
        Engine, device, precision, and how far this may be off.
    tiling
        The tiles over the scene.
    read
        Gives the pixels of a window of the scene; called on several threads.
    mapped
        How many pixels are mapped: of many it is told what fp32 costs. Nothing else depends on it.
    report
        Takes what was found.
    loaded
        As of `load_ahead`; None is loaded here.

    Returns
    -------
    tuple
        The model, and what it computes in: a reduced precision that differs too much on windows
        of the scene gives way to fp32.

    Raises
    ------
    InputError
        If engine, device and precision do not go together. ModelError, if the model cannot be
        loaded.
    """
    loaded = loaded or load(bundle, scaling, options)
    for event in loaded.told:
        report(event)
    engine, precision = loaded.engine, loaded.precision
    tta = options.compute.tta
    plain = loaded.plain, ComputeInfo(loaded.reference.name, tta=tta)
    if not loaded.checked:
        if engine.fast and options.compute.precision == "fp32" and mapped >= LONG:
            report(
                Noted(
                    f"this device computes in {engine.fast[0]} as well: --precision auto would "
                    f"save {SAVED.get(engine.name, 'some')} of the computing, once it has seen on "
                    "the scene that the classes stay"
                )
            )
        return plain
    side, count = plan_check(tiling, bundle.card)
    wanted = count + CALIBRATED * (precision == "int8")
    patches = sample_windows(read, tiling, side, wanted, options.compute.read_threads)
    if not patches:  # an empty scene: there is nothing to be fast with
        return plain
    reduced = loaded.reduced or engine.load(precision, patches[count:] or patches)
    shares = thresholds_of(options, bundle.card)
    numbers = bundle.card.maps_numbers
    labels = len(bundle.card.labels)
    batch = options.tiles.batch or batch_on(reduced.device)
    with _prepared(plain[0], reduced, patches[0], batch, tiling.tile):
        found = compare(plain[0], reduced, patches[:count], shares, numbers, labels)
    name = precision if engine is loaded.reference else engine.name
    line = (
        f"{name} gives the class of fp32 on {found.share:.3%} of {found.pixels:,} pixels"
        f" in {found.windows} windows (least in one: {found.least:.3%})"
    )
    if numbers:
        line = (
            f"{name} gives the numbers of fp32 on {found.share:.3%} of {found.pixels:,} pixels"
            f" in {found.windows} windows (least in one: {found.least:.3%})"
        )
    if found.share < options.compute.min_agreement:
        report(
            Warned(
                f"{line}, which is below --min-agreement "
                f"{options.compute.min_agreement}: fp32 computes "
                "the map"
            )
        )
        return plain
    report(Noted(line))
    return reduced, ComputeInfo(engine.name, precision, found.share, tta)


@contextmanager
def _prepared(plain: Model, reduced: Model, patch: Patch, batch: int, tile: int) -> Iterator[None]:
    """Have both models made ready for windows like one, side by side, before the block runs; and
    the reduced one for the map's tiles while it does, which is work for a core of its own.
    """
    dtype = patch.data.dtype
    bands = len(patch.data)
    tiles_of_map = batch, bands, tile, tile
    _prepare_check(plain, reduced, (1, bands, *patch.window.shape), tiles_of_map, dtype)
    with crew_of(1, "geoseg-prepare") as crew:
        tiles = crew.submit(reduced.prepare, tiles_of_map, dtype)
        yield
        tiles.result()


def _prepare_check(
    plain: Model,
    reduced: Model,
    window: tuple[int, ...],
    tile: tuple[int, ...],
    dtype: np.dtype[Any],
) -> None:
    """Make both ready for the windows of a check, side by side; where these are like the map's
    tiles, with all that a map needs.
    """
    brief = window != tile
    with crew_of(2, "geoseg-prepare") as crew:
        both = [crew.submit(model.prepare, window, dtype, brief) for model in (plain, reduced)]
        for ready in both:
            ready.result()


def load_fp32(bundle: Bundle, scaling: Scaling, options: Options) -> Model:
    """Load a model in float32, on the engine that computes a scene's map by default.

    Parameters
    ----------
    bundle
        The model on disk.
    scaling
        What makes its values of digital numbers.
    options
        Engine and device.

    Returns
    -------
    Model
        On its device.

    Raises
    ------
    ModelError
        If it cannot be loaded.
    """
    engine = find_engine(bundle, scaling, options, silent)
    return (engine.reference or engine).load("fp32", ())


def find_engine(bundle: Bundle, scaling: Scaling, options: Options, report: Report) -> Engine:
    """Find what computes a model: by default OpenVINO on processors, where it is installed and
    able.

    Parameters
    ----------
    bundle
        The model on disk.
    scaling
        What makes its values of digital numbers; several models have one each.
    options
        Engine, device and precision, and in how many ways each tile is seen.
    report
        Told where OpenVINO is not able.

    Returns
    -------
    Engine
        The choice never depends on a measured time: a machine always makes the same map.

    Raises
    ------
    InputError
        If engine and device do not go together. EngineError, if an engine that is asked for is
        not able.
    """
    if not isinstance(bundle, Combined):
        return turning(_find_engine(bundle, scaling, options, report), options.compute.tta)
    members = bundle.members
    scalings = [scaling] if len(members) == 1 else [one.scaling for one in members]
    engines = [
        _find_engine(one.bundle, own, options, report)
        for one, own in zip(members, scalings, strict=True)
    ]
    engine = averaging(engines, members) if len(engines) > 1 else engines[0]
    return merging(turning(engine, options.compute.tta), bundle.merged, bundle.card.activation)


def _find_engine(bundle: Bundle, scaling: Scaling, options: Options, report: Report) -> Engine:
    wanted = options.compute.engine
    device = options.compute.device
    if wanted == "openvino" and device not in ("auto", "cpu"):
        raise InputError(
            f"--engine openvino with --device {device}", do="use --device cpu, or --engine torch"
        )
    if wanted == "openvino" or (wanted == "auto" and find_spec("openvino") and on_cpu(device)):
        from ..models import openvino

        try:
            engine = openvino.engine(bundle, scaling)
        except EngineError as error:
            if wanted == "openvino":
                raise
            other = "ONNX Runtime" if bundle.weights.suffix == ".onnx" else "PyTorch"
            report(Noted(f"{other} computes the map: {error}"))
        else:
            if wanted == "openvino" or options.compute.precision in ("auto", "bf16", *engine.able):
                return engine
    own = "onnxruntime" if bundle.weights.suffix == ".onnx" else "torch"
    if wanted.partition(".")[0] not in ("auto", own):
        raise InputError(
            f"--engine {wanted} cannot compute {bundle.weights.name}",
            f"openvino or {own}" if own != "torch" else "torch, torch.compile or openvino",
        )
    engine = own_engine(bundle, scaling, device)
    if wanted == "torch.compile":
        from ..models.torch_model import compiled

        return compiled(engine)
    return engine


def on_cpu(device: str) -> bool:
    """Tell whether a device, by its name or auto, is the processor here.

    Parameters
    ----------
    device
        As the option has it.

    Returns
    -------
    bool
        PyTorch is asked only where there is the driver of a GPU.
    """
    if device == "auto" and may_have_gpu():
        from ..models.torch_model import find_device

        return find_device("auto").type == "cpu"
    return device in ("auto", "cpu")


def _precision(engine: Engine, options: Options, report: Report) -> str:
    """Return what to compute in; what the device would only emulate, many times slower, is left
    to --engine torch.
    """
    asked = options.compute.precision
    if asked == "auto":
        return next(iter(engine.fast), "fp32")
    emulated = asked not in ("fp32", "int8", *engine.fast) and asked in ("bf16", *engine.able)
    if emulated and options.compute.engine == "auto":
        report(
            Warned(
                f"this device has no {asked} arithmetic, and is faster in fp32, which computes "
                "the map"
            )
        )
        return "fp32"
    if asked not in engine.able:
        raise InputError(
            f"--precision {asked}: {engine.name} does not have it here",
            f"one of {', '.join(engine.able)}",
            "int8 needs OpenVINO and NNCF: pip install 'geoseg[int8]'" if asked == "int8" else "",
        )
    return asked
