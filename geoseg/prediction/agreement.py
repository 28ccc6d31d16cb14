"""How far two precisions of a network agree, on windows spread over the scene."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array, Bytes
from ..core.card import ModelCard, Scaling
from ..core.errors import InputError
from ..core.events import Noted, Report, Warned, silent
from ..core.grid import Patch, Tiling, Window
from ..core.machine import may_have_gpu
from ..core.options import Options
from ..models import Bundle, own_engine
from ..models.engine import Engine, EngineError, Patches
from ..models.ensemble import Combined, averaging
from ..models.merging import merging
from ..models.protocol import Model
from ..models.tta import TURNS, turning
from .thresholds import thresholds_of

# multiples of it, without their whole part, fill 0 to 1 evenly, however many there are
GOLDEN = 0.6180339887498949
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


def compare(
    model: Model,
    other: Model,
    patches: Patches,
    thresholds: Sequence[float] | None = None,
    numbers: bool = False,
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

    Returns
    -------
    Agreement
        A share of 0 where no pixel is valid.
    """
    same = total = 0
    for patch in patches:
        valid = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
        both = [each(patch.data[None], valid[None]) for each in (model, other)]
        if numbers:
            agree = _near(*both)
        else:
            one, two = (_classes(model, scores, thresholds) for scores in both)
            agree = (one == two).all(0)
        same += int(agree[valid].sum())
        total += int(valid.sum())
    return Agreement(same / total if total else 0.0, total, len(patches))


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
    read: Callable[[Window], Patch], tiling: Tiling, card: ModelCard, count: int
) -> list[Patch]:
    """Read windows that lie all over a scene, whatever part of it is mapped.

    What is decided on them is the same for all parts of the scene.

    Parameters
    ----------
    read
        Gives a window's pixels.
    tiling
        The tiles over the scene.
    card
        What the model expects.
    count
        How many are wanted.

    Returns
    -------
    list
        Up to so many patches that hold valid pixels, of the card's tile or less, side by side
        at the closest.
    """
    side = tiling.tile if card.fixed_tile else min(tiling.tile, card.tile)
    found: list[Patch] = []
    for window in scattered(
        list(Tiling(tiling.height, tiling.width, side, 0).tiles()), LOOKED_AT * count
    ):
        if len(found) == count:
            break
        patch = read(window)
        if patch.valid is None or patch.valid.any():
            found.append(patch)
    return found


def scattered(tiles: Sequence[Window], count: int) -> list[Window]:
    """Choose tiles that lie all over a scene, however many are taken.

    Parameters
    ----------
    tiles
        All of them, row by row.
    count
        How many are wanted.

    Returns
    -------
    list
        Up to so many, each once.
    """
    order = sorted(range(len(tiles)), key=lambda index: index * GOLDEN % 1)
    return [tiles[index] for index in order[:count]]


CHECKED = 6  # windows on which a reduced precision is compared with float32
CALIBRATED = 16  # further ones, from which int8 takes the ranges of the activations

Windows = Callable[[int], Patches]  # up to so many windows of the scene that hold valid pixels


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


def choose_engine(
    bundle: Bundle, scaling: Scaling, options: Options, windows: Windows, report: Report
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
    windows
        Gives up to so many windows of the scene.
    report
        Takes what was found.

    Returns
    -------
    tuple
        The model, and what it computes in: a reduced precision that differs too much on the
        windows gives way to fp32.

    Raises
    ------
    InputError
        If engine, device and precision do not go together. ModelError, if the model cannot be
        loaded.
    """
    engine = find_engine(bundle, scaling, options, report)
    tta = options.compute.tta
    if tta != "none":
        ways = len(TURNS[tta])
        report(Noted(f"--tta {tta}: each tile goes through the network {ways} times"))
    precision = _precision(engine, options, report)
    reference = engine.reference or engine
    plain = reference.load("fp32", ()), ComputeInfo(reference.name, tta=tta)
    certain = engine is reference and precision == "fp32"
    patches = [] if certain else windows(CHECKED + CALIBRATED * (precision == "int8"))
    if not patches:  # or an empty scene: there is nothing to be fast with
        return plain
    reduced = engine.load(precision, patches[CHECKED:] or patches)
    shares = thresholds_of(options, bundle.card)
    numbers = bundle.card.maps_numbers
    found = compare(plain[0], reduced, patches[:CHECKED], shares, numbers)
    name = precision if engine is reference else engine.name
    line = (
        f"{name} gives the class of fp32"
        f" on {found.share:.3%} of {found.pixels:,} pixels in {found.windows} windows"
    )
    if numbers:
        line = (
            f"{name} gives the numbers of fp32"
            f" on {found.share:.3%} of {found.pixels:,} pixels in {found.windows} windows"
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
    if wanted == "openvino" or (wanted == "auto" and find_spec("openvino") and _on_cpu(device)):
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


def _on_cpu(device: str) -> bool:
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
