"""Models computed by OpenVINO: faster on processors than PyTorch, and once converted without it."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import warnings
from collections import deque
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from importlib.util import find_spec
from io import BytesIO, StringIO
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np
import numpy.typing as npt

from ..core.cache import cache_folder, keep
from ..core.card import ACTIVATIONS, ModelCard, Scaling
from ..core.grid import Patch
from ..core.interface import Interface
from ..core.machine import cores
from ..core.tiling import half_tile
from ..core.version import __version__, installed
from . import Bundle, interface_openvino, kept, own_engine, torch_network
from .affine import Factors, gain_and_bias
from .apart import convert_apart
from .engine import Engine, EngineError, Patches
from .live_tensors import live_bytes
from .operations import count_operations
from .protocol import Model
from .synthetic import synthetic
from .trust import CODE, check_trusted

if TYPE_CHECKING:
    import openvino
    import torch

# what the layers that are not quantised compute in
HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}
# of uint32 and float64, OpenVINO 2026.4 makes empty scores
DIRECT = ("uint8", "int8", "uint16", "int16", "float32")
AHEAD = 2  # tiles under way at once, as infer() has them
# OpenVINO's memory for tensors over what is alive at a time: they do not lie without gaps
GAPS = 1.25
# raise it when convert() gives another network than before, or OpenVinoModel puts something else
# around it: what is cached is then made anew
FORM = 1
KIND = "openvino"  # the folder of the cache
BLOB = "compiled.blob"
DIGEST = "compiled.sha256"  # of the file above
CLOSE = 1e-3  # in probability; both compute in float32, and differ in the order of their sums
MOST_HELD = 8  # networks, as of models that are combined
# networks that were read, or why they could not be, by cache and key: the oldest first
_held: dict[tuple[Path | None, str], tuple[openvino.Model, bool] | EngineError] = {}
_PLACE = re.compile(r"\s*(Exception from |Check '.*' failed at |$)")
# share of pixels that may differ by more: class indices change where two scores are alike
FAR = 1e-3
# not quantised: little work, and much is lost in them
SPARED = ["Add", "AvgPool", "GroupConvolution", "Interpolate"]


def load_openvino() -> Any:
    """Import the package openvino, without its telemetry.

    On import it reports to its makers over the network where openvino_telemetry is
    installed, and it is by default. A mapping tool has no business there.

    Returns
    -------
    Any
        The module.

    Raises
    ------
    EngineError
        If it is not installed.
    """
    # None: its import fails, which is foreseen
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError as error:
        raise EngineError(
            f"OpenVINO cannot be imported: {error}",
            do="pip install openvino, or let PyTorch compute (--engine torch)",
        ) from error
    return openvino


def engine(bundle: Bundle, scaling: Scaling) -> Engine:
    """Return the bundle's network in OpenVINO, from the cache if it was converted before.

    Parameters
    ----------
    bundle
        The model.
    scaling
        From digital numbers to the card's unit.

    Returns
    -------
    Engine
        For the processor; int8 where nncf is installed.

    Raises
    ------
    EngineError
        If OpenVINO is not installed, or cannot compute this network.
    ModelError
        If the weights cannot be read, or do not fit the card.
    """
    network, compared = _take_network(bundle)
    if not compared:
        _check_agreement(OpenVinoModel(network, bundle, scaling, "fp32"), bundle, scaling)
    # what nncf is calibrated with is fed as geoseg's own networks are
    own = bundle.card.interface is None
    fast = (
        ("bf16",)
        if "BF16" in load_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        else ()
    )
    int8 = ("int8",) if own and find_spec("nncf") else ()

    def load(precision: str, patches: Patches) -> OpenVinoModel:
        ready = network
        if precision == "int8":
            ready = quantise(network, patches, *gain_and_bias(bundle.card.bands, scaling))
        return OpenVinoModel(ready, bundle, scaling, precision)

    return Engine("openvino", ("fp32", *fast, *int8), fast, load)


def is_converted(bundle: Bundle) -> bool:
    """Tell whether nothing of a network is left to be done that takes PyTorch.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    bool
        Whether it is in the cache, or this process has it, with or without a cache.

    Raises
    ------
    EngineError
        If OpenVINO is not installed. ModelError, if nobody said that the model's code may run.
    """
    load_openvino()
    if bundle.format in CODE:  # before another process reads it
        check_trusted(bundle.weights)
    cache = cache_folder()
    name = key(bundle)
    found = _held.get((cache, name))
    if found is not None and not isinstance(found, EngineError) and found[1]:
        return True
    made = name if bundle.card.interface is None else f"{name}-agrees"
    return cache is not None and (cache / KIND / made).is_dir()


def _take_network(bundle: Bundle) -> tuple[openvino.Model, bool]:
    """Return the network, and whether it need not be compared any more; without a cache it stays
    with this process, which would convert it again.
    """
    if bundle.format in CODE:  # also of one that was read when it was trusted
        check_trusted(bundle.weights)
    found = _hold_network(bundle)
    cache = cache_folder()
    if cache is not None or isinstance(found, EngineError):
        _held.pop((cache, key(bundle)), None)
    if isinstance(found, EngineError):
        raise found
    return found


def _hold_network(bundle: Bundle) -> tuple[openvino.Model, bool] | EngineError:
    """Read the network, or convert it in another process, and keep it for who takes it next: a run
    that plans its memory reads it, or fails, once.
    """
    cache = cache_folder()
    place = cache, key(bundle)
    if place not in _held:
        try:
            found: tuple[openvino.Model, bool] | EngineError = _read_or_convert(bundle, cache)
        except EngineError as error:
            found = error.with_traceback(None)  # its frames hold what was read
        while len(_held) >= MOST_HELD:
            del _held[next(iter(_held))]
        _held[place] = found
    return _held[place]


def _read_or_convert(bundle: Bundle, cache: Path | None) -> tuple[openvino.Model, bool]:
    own = bundle.card.interface is None
    if is_converted(bundle):
        return read_network(bundle), True
    if cache is not None:
        compared = convert_apart(bundle, cache)
        return read_network(bundle), compared or own
    with TemporaryDirectory(prefix="geoseg-") as folder:
        if convert_apart(bundle, Path(folder)):
            return read_network(bundle, Path(folder)), True
    return read_network(bundle), own


def memory_per_pixel(bundle: Bundle) -> float:
    """Tell how much memory a tile takes in the network, in float32.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    float
        Bytes per pixel of the tile, of one tile under way: more than what was measured of all
        networks that ship. It follows from the graph alone.

    Raises
    ------
    EngineError
        If OpenVINO cannot compute this network.
    ModelError
        If the weights cannot be read, or do not fit the card.
    """
    load_openvino()
    from openvino import passes

    card = bundle.card
    found = _hold_network(bundle)
    if isinstance(found, EngineError):
        raise found
    model = OpenVinoModel(found[0], bundle, card.scaling, "fp32")
    side = card.tile
    try:
        whole = model._whole((1, len(card.bands), side, side), np.dtype(np.float32))
        folding = passes.Manager()
        folding.register_pass(passes.ConstantFolding())  # else its shapes are not known yet
        folding.run_passes(whole)
    except RuntimeError as error:
        raise EngineError(f"OpenVINO cannot compute the network: {_first_line(error)}") from error
    return GAPS * live_bytes(whole) / side**2 + 4 * (len(card.bands) + card.planes)


def read_network(bundle: Bundle, brief: Path | None = None) -> openvino.Model:
    """Return the network, pixels to logits.

    PyTorch is imported only where the network is not in the cache.

    Parameters
    ----------
    bundle
        The model.
    brief
        A folder in the place of the cache, which will soon be gone; None is the cache.

    Returns
    -------
    openvino.Model
        For windows of any size; neither scaling nor activation is in it.

    Raises
    ------
    EngineError
        If OpenVINO is not installed, or cannot compute this network.
    ModelError
        If the weights cannot be read, or do not fit the card.
    """
    ov = load_openvino()
    if bundle.weights.suffix == ".onnx":
        return _read_onnx(bundle)
    if bundle.format in CODE:  # also of one that was converted when it was trusted
        check_trusted(bundle.weights)
    cache = brief or cache_folder()
    folder = cache / KIND / key(bundle) if cache else None
    if folder and folder.is_dir():
        core = ov.Core()
        core.set_property({"ENABLE_MMAP": brief is None})  # a file that is mapped has to stay
        try:
            return core.read_model(folder / "network.xml")
        except RuntimeError:  # damaged: make it anew
            rmtree(folder, ignore_errors=True)
    if bundle.card.interface is None:
        network = convert(torch_network(bundle), len(bundle.card.bands), bundle.card.stride)
    else:
        network = _convert_foreign(torch_network(bundle), bundle.card, bundle.card.interface)
    if folder:
        keep(folder, partial(_save, ov, network))
    return network


def _read_onnx(bundle: Bundle) -> openvino.Model:
    from .onnx_file import check_fits, read_onnx

    check_fits(read_onnx(bundle.weights), bundle.card)
    load_openvino()
    from openvino.frontend import FrontEndManager

    frontend = FrontEndManager().load_by_framework("onnx")
    try:
        return frontend.convert(frontend.load(str(bundle.weights)))
    except RuntimeError as error:  # an operator that it does not know
        raise EngineError(f"OpenVINO cannot read the network: {_first_line(error)}") from error


def _check_agreement(model: OpenVinoModel, bundle: Bundle, scaling: Scaling) -> None:
    """Refuse a network that OpenVINO computes otherwise than its own runtime does.

    OpenVINO 2026.4 gives other numbers for some graphs, without a word: for a Resize with
    antialias, as Dynamic World's, which it leaves out. What was seen of a network once is kept.
    """
    cache = cache_folder()
    folder = cache / KIND / f"{key(bundle)}-agrees" if cache else None
    if folder and folder.is_dir():
        return
    side = bundle.card.tile
    scene = synthetic(bundle.card, 2 * side)
    # two tiles at once: a tracer may take the number of tiles for a constant, and mix them
    pixels = np.stack([scene[:, :side, :side], scene[:, side:, side:]])
    valid = np.ones((2, side, side), bool)
    try:
        found = model(pixels, valid)
    except RuntimeError as error:
        raise EngineError(f"OpenVINO cannot compute the network: {_first_line(error)}") from error
    expected = own_engine(bundle, scaling, "cpu").load("fp32", ())(pixels, valid)
    apart = np.abs(found - expected)
    unit = float(np.nanmax(np.abs(expected))) if bundle.card.maps_numbers else 1.0
    alike = (apart <= CLOSE * unit) | (np.isnan(found) & np.isnan(expected))
    far = 1 - float(alike.all(1).mean())
    if far > FAR:
        raise EngineError(
            f"OpenVINO's probabilities differ from the network's own runtime's on {far:.1%} of a "
            f"synthetic scene, by up to {float(np.nan_to_num(apart).max()):.3g}"
        )
    if folder:
        keep(folder, lambda _: None)


def _save(ov: Any, network: openvino.Model, folder: Path) -> None:
    try:
        ov.save_model(network, folder / "network.xml", compress_to_fp16=False)
    except RuntimeError as error:  # which is how it says that the disk is full
        raise OSError(str(error)) from error


def key(bundle: Bundle) -> str:
    """Return a name for all that the converted network depends on.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    str
        The card's name and a digest of weights, shape and versions.
    """
    card = bundle.card
    shape = [
        card.architecture,
        dict(card.hyperparameters),
        len(card.bands),
        card.planes,
        card.stride,
    ]
    if card.interface is not None:
        shape += [card.interface.to_json(), card.tile, [[b.mean, b.std] for b in card.bands]]
    versions = {
        name: installed(name)
        for name in ("openvino", "torch", "segmentation-models-pytorch", "timm", "onnxruntime")
    }
    text = json.dumps([FORM, bundle.sha256, shape, versions], sort_keys=True)
    return f"{card.name}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def compile_for_cpu(
    network: openvino.Model, precision: str, threads: int | None = None, streams: int | None = None
) -> openvino.CompiledModel:
    """Return the network ready to run; the only place where networks are compiled.

    Left to itself, OpenVINO computes in bfloat16 wherever the processor can, and gives other
    classes there.

    Threads that share one window wait for each other after each layer, and for whatever else takes
    a core meanwhile: two windows side by side are done 1.15 times as fast on two idle cores, up to
    1.6 times on busy ones.

    Parameters
    ----------
    network
        As read, or with scaling and activation around it.
    precision
        fp32, bf16 or int8; of int8, layers that are not quantised compute in float32.
    threads
        How many compute; None for all cores.
    streams
        How many windows are under way at a time; None for two, or one where the threads cannot be
        shared evenly.

    Returns
    -------
    openvino.CompiledModel
        On the processor.
    """
    settings = _settings(precision, threads, streams)
    return load_openvino().Core().compile_model(network, "CPU", settings)


def _settings(precision: str, threads: int | None, streams: int | None) -> dict[str, Any]:
    used = threads or cores()
    return {
        "NUM_STREAMS": streams or (1 if used in (1, 3) else AHEAD),
        "INFERENCE_NUM_THREADS": used,
        "INFERENCE_PRECISION_HINT": HINTS[precision],
        # left to itself it binds its threads to cores, from the first on: those of two workers, or
        # of two containers that share cores by quota, would all compute on the same ones
        "ENABLE_CPU_PINNING": False,
    }


def compile_once(
    make: Callable[[], openvino.CompiledModel], folder: Path, settings: dict[str, Any]
) -> openvino.CompiledModel:
    """Return a network as it was compiled before, which takes a fifth of the time.

    Parameters
    ----------
    make
        Compiles it.
    folder
        Of the cache, with a name for all that `make` depends on; it is made where it is missing,
        and made anew where what is in it is damaged.
    settings
        Of the compiler.

    Returns
    -------
    openvino.CompiledModel
        On the processor; it gives the same numbers, bit by bit.
    """
    try:
        data = (folder / BLOB).read_bytes()
        if hashlib.sha256(data).hexdigest() == (folder / DIGEST).read_text(encoding="ascii"):
            return load_openvino().Core().import_model(data, "CPU", settings)
        rmtree(folder, ignore_errors=True)
    except OSError:
        pass
    except (RuntimeError, ValueError):  # damaged, or what this build of OpenVINO does not take
        rmtree(folder, ignore_errors=True)
    compiled = make()
    keep(folder, partial(_export, compiled))
    return compiled


def _export(compiled: openvino.CompiledModel, folder: Path) -> None:
    stream = BytesIO()
    try:
        compiled.export_model(stream)
    except RuntimeError as error:  # a network that it cannot write down
        raise OSError(str(error)) from error
    data = stream.getvalue()
    (folder / BLOB).write_bytes(data)
    (folder / DIGEST).write_text(hashlib.sha256(data).hexdigest(), encoding="ascii")


class OpenVinoModel(Model):
    """A network with the scaling of its input and the activation of its output; arrays are numpy's.

    Parameters
    ----------
    network
        Pixels to logits, for windows of any size.
    bundle
        The model that it is of.
    scaling
        From digital numbers to the card's unit.
    precision
        fp32, bf16 or int8.
    """

    ahead = AHEAD - 1

    def __init__(
        self, network: openvino.Model, bundle: Bundle, scaling: Scaling, precision: str
    ) -> None:
        self._network = network
        self._bundle = bundle
        self._card = bundle.card
        self._scaling = scaling
        self._precision = precision
        self._factors = gain_and_bias(bundle.card.bands, scaling)
        self._requests: deque[openvino.InferRequest] = deque()
        # once nobody has this model any more, the next run may take its requests
        self._give_back: finalize[Any, OpenVinoModel] | None = None
        self._fitted: object = None  # the shape and type of pixels that the requests take
        # requests for those that it has not met yet, and whether they are made for a few windows
        self._prepared: dict[object, tuple[deque[openvino.InferRequest], bool]] = {}
        self._side = 0  # pixels along a square over which features are averaged; 0 averages none
        self._features: npt.NDArray[np.float32] | None = None
        self._streams: int | None = None  # as compile_for_cpu has it
        self.device = f"cpu ({cores()} threads)"

    def keep_to(self, batches: int) -> bool:
        """Compute fewer tiles side by side: each has tensors of its own; see `Model`.

        Parameters
        ----------
        batches
            At most so many.

        Returns
        -------
        bool
            Whether that takes less memory than before.
        """
        less = batches < AHEAD and self._streams is None
        if less:
            self._streams = 1
            self._fitted = None  # it is compiled anew
            self._prepared.clear()
        return less

    def __call__(
        self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float32]:
        """Return the scores of a batch; see `Model`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] as they stand in the file.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        npt.NDArray[np.float32]
            [n, label, row, column], 0 to 1.
        """
        return self.launch(pixels, valid)()

    def launch(
        self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]
    ) -> Callable[[], npt.NDArray[np.float32]]:
        """Queue a batch, and go on while it is computed; see `Model.launch`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] as they stand in the file; a batch of another
            shape waits for those under way.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Callable
            Waits for the scores, and gives a copy of them.
        """
        interface = self._card.interface
        if interface and interface.one_by_one and len(pixels) > 1:
            return lambda: np.concatenate(
                [self(pixels[i : i + 1], valid[i : i + 1]) for i in range(len(pixels))]
            )
        pixels = pixels.astype(_taken(pixels.dtype), copy=False)
        if (pixels.shape, pixels.dtype) != self._fitted:  # all windows of a scene are alike
            self._fit(pixels.shape, pixels.dtype)
        request = self._requests[0]
        self._requests.rotate()
        request.start_async([pixels, valid], share_inputs=True)

        def fetch() -> npt.NDArray[np.float32]:
            request.wait()
            # copied: it is used again
            scores: npt.NDArray[np.float32] = request.get_output_tensor(0).data.copy()
            if self._side:
                self._features = request.get_output_tensor(1).data.copy()
            return interface_openvino.checked(scores, self._card, pixels.shape)

        return fetch

    def average_features(self, side: int) -> bool:
        """Have the model also average its last features; see `Model.average_features`.

        Parameters
        ----------
        side
            Pixels along a square.

        Returns
        -------
        bool
            Whether it can: where the network is of ARCHITECTURES, and ends in a convolution.
        """
        output = self._network.outputs[0].get_node().input_value(0)
        if self._card.interface is not None or _before_head(output) is None:
            return False
        self._side = side
        self._fitted = None  # it is compiled anew, with one output more
        self._prepared.clear()
        return True

    def features(self) -> npt.NDArray[np.float32] | None:
        """Return the averages of the batch whose scores came last; see `Model.features`.

        Returns
        -------
        ndarray or None
            [n, channel, row, column] of squares.
        """
        return self._features

    def operations(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> int | None:
        """Count what the network computes for one batch; see `Model.operations`.

        Parameters
        ----------
        shape
            Of the batch, [n, band, row, column].
        dtype
            Of its pixels.

        Returns
        -------
        int | None
            Counted in its graph.
        """
        return count_operations(self._whole(shape, _taken(dtype)))

    def _fit(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        for request in self._requests:
            request.wait()
        if self._give_back:
            self._give_back.detach()
            self._give_back = None
        self._requests = deque()  # frees their memory before the next take as much
        made = self._prepared.pop((shape, dtype), None)
        ready, brief = made or (self._make_ready(shape, dtype), False)
        self._requests = ready
        self._fitted = shape, dtype
        if self._precision != "int8" and not brief:  # int8 depends on the scene
            self._give_back = finalize(self, kept.put, self._key(shape, dtype), ready)
            self._give_back.atexit = False

    def _make_ready(
        self, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> deque[openvino.InferRequest]:
        """Take what the last run has left, or compile."""
        left: deque[openvino.InferRequest] | None = kept.take(self._key(shape, dtype))
        if left is not None:
            return left
        whole = self._whole(shape, dtype)
        return _requests_of(compile_for_cpu(whole, self._precision, streams=self._streams))

    def _key(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> object:
        """All that the compiled network depends on."""
        own = self._bundle.sha256, self._card, self._scaling, self._precision
        return *own, self._side, shape, dtype, cores(), self._streams

    def prepare(self, shape: tuple[int, ...], dtype: np.dtype[Any], brief: bool = False) -> None:
        """Compile for a shape, while windows of another one may be computed; see `Model.prepare`.

        Parameters
        ----------
        shape
            [n, band, row, column] of the pixels.
        dtype
            Their type.
        brief
            Whether a few windows come, while another model computes as well.
        """
        interface = self._card.interface
        if interface and interface.one_by_one:
            shape = (1, *shape[1:])
        fitted = shape, _taken(dtype)
        if fitted != self._fitted and fitted not in self._prepared:
            ready = (
                _requests_of(self._compile_briefly(*fitted)) if brief else self._make_ready(*fitted)
            )
            self._prepared[fitted] = ready, brief

    def _compile_briefly(
        self, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> openvino.CompiledModel:
        """Compile for half of the cores, and keep it where all scenes will have the same: windows
        of the usual size, by the card's own scaling. It never computes a map.
        """
        threads = max(1, cores() // 2)

        def make() -> openvino.CompiledModel:
            return compile_for_cpu(self._whole(shape, dtype), self._precision, threads, 1)

        cache = cache_folder()
        usual = self._scaling == self._card.scaling and min(shape[2:]) >= half_tile(self._card)
        if cache is None or self._precision == "int8" or not usual:  # int8 is the scene's own
            return make()
        core = load_openvino().Core()
        told = [FORM, __version__, self._bundle.card_sha256, shape, str(dtype), self._precision]
        told += [threads, core.get_property("CPU", "FULL_DEVICE_NAME")]
        told += sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
        digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
        folder = cache / KIND / f"{key(self._bundle)}-check-{digest}"
        return compile_once(make, folder, _settings(self._precision, threads, 1))

    def _whole(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> openvino.Model:
        """Put the scaling before the network and the activation behind it: pixels cross as they
        stand in the file.

        Of a fixed shape, for which OpenVINO plans its memory: half of what it takes for any shape.
        """
        ov = load_openvino()
        from openvino import opset13 as ops
        from openvino import passes

        pixels = ops.parameter(list(shape), ov.Type(dtype), "pixels")
        valid = ops.parameter([shape[0], *shape[2:]], ov.Type.boolean, "valid")
        values = ops.add(
            ops.multiply(ops.convert(pixels, "f32"), self._factors[0]), self._factors[1]
        )
        masked = ops.select(ops.unsqueeze(valid, np.int64(1)), values, np.float32(0))
        network = self._network.clone()
        logits = interface_openvino.join(network, masked, self._card)
        scores = interface_openvino.activate(logits, self._card)
        model = ov.Model([scores], [pixels, valid], self._card.name)
        if self._side:
            folding = passes.Manager()
            folding.register_pass(passes.ConstantFolding())  # else its shapes are not known yet
            folding.run_passes(model)
            maps = _before_head(model.outputs[0].get_node().input_value(0))
            side = [
                max(1, self._side * n // m)
                for n, m in zip(list(maps.get_shape())[2:], shape[2:], strict=True)
            ]
            averages = ops.avg_pool(maps, side, [0, 0], [0, 0], side, True)
            model.add_outputs([ops.convert(averages, "f32").output(0)])
        return model


def _requests_of(compiled: openvino.CompiledModel) -> deque[openvino.InferRequest]:
    return deque(compiled.create_infer_request() for _ in range(AHEAD))


def _taken(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type in which pixels of a type are handed over."""
    return dtype if dtype in DIRECT else np.dtype(np.float32)


def _before_head(logits: Any) -> Any:
    """Return what goes into the last convolution on the way to an output, or None."""
    node = logits.get_node()
    while node.get_type_name() != "Convolution":
        if node.get_input_size() == 0:
            return None
        node = node.input_value(0).get_node()
    return node.input_value(0)


def convert(network: torch.nn.Module, bands: int, stride: int) -> openvino.Model:
    """Convert a network from PyTorch.

    It is compared with the original on windows of another size than it was traced with.

    Parameters
    ----------
    network
        In evaluation mode, on the processor.
    bands
        Channels that it takes.
    stride
        What rows and columns must be multiples of, in pixels.

    Returns
    -------
    openvino.Model
        Pixels float32 [n, band, row, column] to logits, for windows of any size.

    Raises
    ------
    EngineError
        If it cannot be converted, or does not give the same numbers afterwards.
    """
    import torch  # only here: a network that is converted once needs it no more

    from .torch_model import activate

    model = traced(network, torch.zeros(1, bands, 4 * stride, 4 * stride))
    model.reshape([-1, bands, -1, -1])
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randn(2, bands, 5 * stride, 3 * stride, generator=generator)
    with torch.inference_mode():
        expected = network(pixels)
    found = torch.from_numpy(compile_for_cpu(model, "fp32")(pixels.numpy())[0])
    if found.shape != expected.shape:
        raise EngineError(
            f"OpenVINO gives {tuple(found.shape)} scores where PyTorch gives "
            f"{tuple(expected.shape)}"
        )
    # either may follow: softmax hides what all classes are off by, sigmoid what is far from 0
    apart = max(
        float((activate(found, a) - activate(expected, a)).abs().max()) for a in ACTIVATIONS
    )
    if not np.isfinite(apart) or apart > CLOSE:
        raise EngineError(f"OpenVINO's probabilities differ from PyTorch's by up to {apart:.3g}")
    return model


def _convert_foreign(
    network: torch.nn.Module, card: ModelCard, interface: Interface
) -> openvino.Model:
    """Convert a network that is fed as its interface says; `_check_agreement` compares it.

    Where it takes tiles of any size, it is compared with the original on larger ones here: what
    the tracer took for a constant shows.
    """
    import torch

    def noise(side: int) -> torch.Tensor:
        lengths = {"N": 1, "C": len(card.bands), "H": side, "W": side}
        values = torch.rand([lengths[axis] for axis in interface.input_axes], generator=generator)
        kind: torch.dtype = getattr(torch, interface.input_type)
        return values.to(kind) if kind.is_floating_point else (values * 127).to(kind)

    generator = torch.Generator().manual_seed(0)
    side = card.tile + 2 * interface.margin
    model = traced(network, noise(side))
    free = {"N"} - ({"N"} if interface.one_by_one else set())
    free |= set() if card.fixed_tile else {"H", "W"}
    lengths = {"N": 1, "C": len(card.bands), "H": side, "W": side}
    model.reshape([-1 if axis in free else lengths[axis] for axis in interface.input_axes])
    if card.fixed_tile:
        return model
    given = noise(side + card.stride)
    with torch.inference_mode():
        expected = network(given).double()
    try:
        numbers = compile_for_cpu(model, "fp32")(given.numpy())[0]
    except RuntimeError as error:  # what the tracer took for a constant is none
        raise EngineError(
            f"OpenVINO cannot compute the network for larger tiles: {_first_line(error)}"
        ) from error
    found = torch.from_numpy(numbers).double()
    least = CLOSE * max(1.0, float(expected.abs().max()))
    if found.shape != expected.shape or not torch.allclose(found, expected, 0, least):
        raise EngineError("OpenVINO gives other numbers than PyTorch for larger tiles")
    return model


def traced(network: torch.nn.Module, example: torch.Tensor) -> openvino.Model:
    """Return a network of PyTorch's as OpenVINO's own, not compared with anything yet.

    Parameters
    ----------
    network
        In evaluation mode, on the processor.
    example
        What it is traced with.

    Returns
    -------
    openvino.Model
        It keeps the example's sizes only where the network asked for them.

    Raises
    ------
    EngineError
        If it cannot be converted.
    """
    # not openvino.convert_model, which only wraps this and reports to its makers
    import torch

    load_openvino()
    from openvino import frontend as errors
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    kinds = (
        errors.GeneralFailure,
        errors.NotImplementedFailure,
        errors.OpConversionFailure,
        errors.OpValidationFailure,
        RuntimeError,
        TypeError,
        ValueError,
    )
    try:
        with torch.no_grad(), warnings.catch_warnings():
            # the tracer announces its end, and warns of shapes that look constant: the comparison
            # finds those
            warnings.simplefilter("ignore")
            decoder = TorchScriptPythonDecoder(network, example_input=example)
        frontend = FrontEndManager().load_by_framework("pytorch")
        return frontend.convert(frontend.load(decoder))
    except kinds as error:
        raise EngineError(f"OpenVINO cannot convert the network: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    """Return what an error says, without where in its source OpenVINO says it."""
    lines = [line for line in str(error).strip().splitlines() if not _PLACE.match(line)]
    return lines[0] if lines else type(error).__name__


def quantise(
    network: openvino.Model, patches: Patches, gain: Factors, bias: Factors
) -> openvino.Model:
    """Return the network in int8, calibrated on windows of the scene.

    Parameters
    ----------
    network
        Pixels to logits; it stays as it is.
    patches
        Digital numbers [band, row, column] of some windows.
    gain, bias
        As of `gain_and_bias`.

    Returns
    -------
    openvino.Model
        In int8 but for the first and the last convolution, and the kinds of layers in SPARED.

    Raises
    ------
    EngineError
        If there are no patches.
    """
    if not patches:
        raise EngineError("the scene has no valid pixels to calibrate int8 on")
    load_openvino()
    import nncf

    def values(patch: Patch) -> npt.NDArray[np.float32]:
        scaled = patch.data[None].astype(np.float32) * gain + bias
        return scaled if patch.valid is None else np.where(patch.valid, scaled, np.float32(0))

    nncf.set_log_level("ERROR")
    options = {
        "preset": nncf.QuantizationPreset.MIXED,
        "subset_size": len(patches),
        "ignored_scope": nncf.IgnoredScope(names=_ends(network), types=SPARED, validate=False),
        # without VNNI, a processor's sums of products of eight bits by eight overflow
        "advanced_parameters": nncf.AdvancedQuantizationParameters(
            overflow_fix=nncf.OverflowFix.ENABLE
        ),
    }
    with redirect_stdout(StringIO()):  # it draws bars there, where --events writes JSON
        quantised: openvino.Model = nncf.quantize(
            network.clone(), nncf.Dataset(patches, values), **options
        )
    return quantised


def _ends(network: openvino.Model) -> list[str]:
    """Return the names of the first and the last convolution."""
    convolutions = [
        node for node in network.get_ordered_ops() if node.get_type_name() == "Convolution"
    ]
    return (
        [node.get_friendly_name() for node in (convolutions[0], convolutions[-1])]
        if convolutions
        else []
    )
