"""Which engine computes a model, and how precisely: less than float32 only after a look at what it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from ..card import Scaling
from ..errors import InputError
from ..events import Noted, Report, Warned, silent
from ..infer import Model
from ..job import Options
from . import Bundle, own_engine
from .agreement import compare
from .engine import Engine, EngineError, Patches
from .hardware import may_have_gpu

CHECKED = 6  # windows on which a reduced precision is compared with float32
CALIBRATED = 16  # further ones, from which int8 takes the ranges of the activations

Windows = Callable[[int], Patches]  # up to so many windows of the scene that hold valid pixels


@dataclass(frozen=True, slots=True)
class Computed:
    """What computes a map, how precisely, and the share of checked pixels that get the class of fp32."""

    engine: str = ""
    precision: str = "fp32"
    agreement: float | None = None

    @property
    def tags(self) -> dict[str, str]:
        """What an output says about how it was computed."""
        share = {} if self.agreement is None else {"geoseg_agreement": f"{self.agreement:.6f}"}
        return {"geoseg_engine": self.engine, "geoseg_precision": self.precision, **share}


def load_checked(
    bundle: Bundle, scaling: Scaling, options: Options, windows: Windows, report: Report
) -> tuple[Model, Computed]:
    """Load the bundle as the options ask for; a reduced precision that differs too much gives way to fp32."""
    engine = find_engine(bundle, scaling, options, report)
    precision = _precision(engine, options, report)
    reference = engine.reference or engine
    plain = reference.load("fp32", ()), Computed(reference.name)
    certain = engine is reference and precision == "fp32"
    patches = [] if certain else windows(CHECKED + CALIBRATED * (precision == "int8"))
    if not patches:  # or an empty scene: there is nothing to be fast with
        return plain
    reduced = engine.load(precision, patches[CHECKED:] or patches)
    found = compare(plain[0], reduced, patches[:CHECKED])
    line = (
        f"{precision if engine is reference else engine.name} gives the class of fp32"
        f" on {found.share:.3%} of {found.pixels:,} pixels in {found.windows} windows"
    )
    if found.share < options.min_agreement:
        report(Warned(f"{line}, which is below --min-agreement {options.min_agreement}: fp32 computes the map"))
        return plain
    report(Noted(line))
    return reduced, Computed(engine.name, precision, found.share)


def load_fp32(bundle: Bundle, scaling: Scaling, options: Options) -> Model:
    """Load the bundle in float32 on the engine of the options: what computes a scene's map by default."""
    engine = find_engine(bundle, scaling, options, silent)
    return (engine.reference or engine).load("fp32", ())


def find_engine(bundle: Bundle, scaling: Scaling, options: Options, report: Report) -> Engine:
    """Return the engine of the options; auto is OpenVINO on processors, where it is installed and able.

    The choice never depends on a measured time: a machine always makes the same map.
    """
    wanted, device = options.engine, options.device
    if wanted == "openvino" and device not in ("auto", "cpu"):
        raise InputError(f"--engine openvino with --device {device}", do="use --device cpu, or --engine torch")
    if wanted == "openvino" or (wanted == "auto" and find_spec("openvino") and _on_cpu(device)):
        from . import openvino

        try:
            engine = openvino.engine(bundle, scaling)
        except EngineError as error:
            if wanted == "openvino":
                raise
            report(Noted(f"PyTorch computes the map: {error}"))
        else:
            if wanted == "openvino" or options.precision in ("auto", "bf16", *engine.able):
                return engine
    engine = own_engine(bundle, scaling, device)
    if wanted == "torch.compile":
        from .compiled import compiled

        return compiled(engine)
    return engine


def _on_cpu(device: str) -> bool:
    if device == "auto" and may_have_gpu():
        from .torch_model import find_device

        return find_device("auto").type == "cpu"
    return device in ("auto", "cpu")


def _precision(engine: Engine, options: Options, report: Report) -> str:
    """Return what to compute in; what the device would only emulate, many times slower, is left to --engine torch."""
    asked = options.precision
    if asked == "auto":
        return next(iter(engine.fast), "fp32")
    emulated = asked not in ("fp32", "int8", *engine.fast) and asked in ("bf16", *engine.able)
    if emulated and options.engine == "auto":
        report(Warned(f"this device has no {asked} arithmetic, and is faster in fp32, which computes the map"))
        return "fp32"
    if asked not in engine.able:
        raise InputError(
            f"--precision {asked}: {engine.name} does not have it here",
            f"one of {', '.join(engine.able)}",
            "int8 needs OpenVINO and NNCF: pip install 'geoseg[int8]'" if asked == "int8" else "",
        )
    return asked
