"""TorchScript files and programs of torch.export; pickles are refused with what to do instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import ModelError
from ...core.files import check_regular
from ..archive import CARD_FILE, EXPORTED, LIKELY, TORCHSCRIPT, read_archive
from ..onnx_file import shape_text
from . import Fact, Facts, Fetch, Found
from .mlm import held_card, item_facts
from .onnx import DEEPNESS, class_facts, deepness_facts, input_axes, one_side
from .outputs import noise, output_facts
from .settle import plain_name

if TYPE_CHECKING:
    import torch

SUFFIXES = (*LIKELY, ".torchscript", ".jit")
ARTIFACT = {TORCHSCRIPT: "model.pt", EXPORTED: "model.pt2"}
USUAL = 256  # pixels of a side on which a network is tried, if nobody says
# what networks of a single size are made for, the most usual first
SIDES = (512, 224, 128, 384, 640, 448, 768, 1024, 64, 96)
ALIKE = 1e-3  # share of the largest score by which two runs may differ


def read(location: str, fetch: Fetch) -> Found | None:
    """Read a file of PyTorch's, without running anything of it.

    Parameters
    ----------
    location
        A path or an address whose name ends as such files' do; of anything else None comes back.
    fetch
        Brings it here.

    Returns
    -------
    Found or None
        What it says; what the network itself tells is found by running it, in `examine`.

    Raises
    ------
    ModelError
        If it is a pickle, or no archive that can be read.
    """
    name = location.partition("?")[0]
    if not name.lower().endswith(SUFFIXES):
        return None
    if "://" not in location and not Path(location).is_file():
        return None
    path = fetch(location)
    check_regular(path)
    archive = read_archive(path)
    if archive is None:
        return None
    facts = {
        "name": Fact(plain_name(Path(name).stem), "the file's name", certain=False),
        "artifact": Fact(ARTIFACT[archive.kind], "the file"),
    }
    kind = f"a file of {archive.kind}" if archive.kind == EXPORTED else f"a {archive.kind} file"
    if CARD_FILE in archive.extra:  # one that geoseg exported: it says all
        card = held_card(archive.extra[CARD_FILE], path.name, ARTIFACT[archive.kind])
        return Found(f"{kind} that geoseg exported", {ARTIFACT[archive.kind]: path}, card=card)
    return Found(
        kind,
        {ARTIFACT[archive.kind]: path},
        {**facts, **_said(archive.extra)},
        examine=partial(_examine, path, archive.kind),
    )


def _said(extra: Mapping[str, str]) -> dict[str, Fact]:
    """Return what the texts in a file say of its network: an MLM item, or Deepness' keys."""
    if set(extra) & set(DEEPNESS):
        return deepness_facts(extra)
    for name, text in extra.items():
        try:
            item = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if not isinstance(item, dict):
            continue
        properties = item.get("properties", item)
        if isinstance(properties, dict) and "mlm:input" in properties:
            facts, _ = item_facts(properties, f"{name} in the file")
            return facts
        if set(item) & set(DEEPNESS):
            return deepness_facts({key: json.dumps(value) for key, value in item.items()})
    return {}


@dataclass(frozen=True, slots=True)
class _Network:
    """A network that is being looked at."""

    name: str
    """Of its file."""
    call: Callable[[torch.Tensor], Any]
    """The network itself."""
    shape: tuple[int | None, ...]
    """Of its input, as far as its file says; () where it says nothing."""
    dtype: str
    """Of its input; "" where its file says nothing."""
    bands: int
    """How many its first layer takes; 0 where that cannot be told."""
    parameters: int
    """How many numbers it has."""
    last: str
    """What its graph ends in, as `output_facts` takes it."""

    def run(
        self, axes: str, dtype: str, side: int, tiles: int = 1, loud: bool = False
    ) -> dict[str, Any]:
        """Return the arrays that it gives for noise, seeded: of two tiles the first is the one.

        Parameters
        ----------
        axes, dtype
            Of its input.
        side
            Pixels of a tile.
        tiles
            How many go along.
        loud
            Whether it is noise of large numbers.

        Returns
        -------
        dict
            By the names of `named_outputs`.
        """
        import torch

        from ..held import named_outputs, readable

        lengths = {"C": self.bands, "H": side, "W": side}
        shape = [tiles, *(lengths[axis] for axis in axes[1:])]
        given = torch.from_numpy(noise(shape, dtype, loud))
        with torch.inference_mode(), readable(self.name, tuple(given.shape)):
            found = named_outputs(self.call(given))
        return {
            name: (each.float() if each.is_floating_point() else each).numpy()
            for name, each in found.items()
        }


def _examine(path: Path, kind: str, found: Found, facts: Facts) -> Facts:
    """Find axes, size, margin, stride and kind of output, by running the network."""
    bands = facts["bands"].value if "bands" in facts and facts["bands"].certain else ()
    network = _script(path) if kind == TORCHSCRIPT else _program(path, len(bands))
    if bands and network.shape and network.bands not in (0, len(bands)):
        raise ModelError(
            f"{found.kind} takes {network.bands} bands, and {len(bands)} are named "
            f"({', '.join(bands)})"
        )
    network = replace(network, bands=len(bands) or network.bands)
    if not network.bands:
        raise ModelError(
            f"{path.name} does not say how many bands it takes", do="name them: --bands"
        )
    wanted = facts["tile"].value if "tile" in facts else None
    axes, dtype, tried, fixed = _tried(network, wanted)
    chosen = _chosen(path, tried, facts)
    outputs = {side: each[chosen] for side, each in tried.items()}
    source = "a run on noise"
    known: dict[str, Any] = {
        "input_axes": axes,
        "input_type": dtype,
        "channels": network.bands,
        "parameters": network.parameters,
        "one_by_one": _one_by_one(network, axes, dtype, chosen, outputs),
    }
    facts_found = {name: Fact(value, source) for name, value in known.items()}
    if chosen:
        facts_found["output"] = Fact(chosen, "--output" if "output" in facts else source)
    told = f"output {chosen} of {path.name}" if chosen else path.name

    def loud() -> Any:
        return network.run(axes, dtype, next(iter(outputs)), loud=True)[chosen]

    facts_found |= output_facts(told, outputs, axes, source, loud, network.last)
    if fixed:
        margin = facts_found["margin"].value if "margin" in facts_found else 0
        side = next(iter(outputs)) - 2 * margin
        for name, value in (("tile", side), ("stride", side), ("fixed_tile", True)):
            facts_found[name] = Fact(value, source)
    names = list(next(iter(tried.values())))
    return facts_found | class_facts({**facts_found, **facts}, names.index(chosen))


def _script(path: Path) -> _Network:
    import torch

    from ..torchscript import as_written, load

    module: Any = load(path, torch.device("cpu"))
    arguments = [
        each for each in module.forward.schema.arguments[1:] if not each.has_default_value()
    ]
    if len(arguments) != 1:
        told = ", ".join(each.name for each in arguments) or "none"
        raise ModelError(f"{path.name} takes the inputs {told}", "one, of pixels")
    parameters = list(module.parameters())
    first = next((each.shape[1] for each in parameters if each.dim() == 4), 0)

    def call(values: torch.Tensor) -> Any:
        with as_written():
            return module(values)

    count = sum(each.numel() for each in parameters)
    return _Network(path.name, call, (), "", first, count, "")


def _program(path: Path, bands: int) -> _Network:
    import torch

    from ..exported import load, on_device

    program = load(path)
    taken = [
        node.meta["val"]
        for node in program.graph.nodes
        if node.op == "placeholder" and node.name in program.graph_signature.user_inputs
    ]
    if len(taken) != 1 or not isinstance(taken[0], torch.Tensor) or taken[0].dim() != 4:
        raise ModelError(
            f"{path.name} takes {len(taken)} inputs", "one, of batch, bands, rows and columns"
        )
    shape = tuple(each if isinstance(each, int) else None for each in taken[0].shape)
    _, lengths = input_axes(shape, bands)
    if lengths["N"] not in (None, 1):
        raise ModelError(
            f"{path.name} takes {lengths['N']} tiles at a time, no more and no fewer",
            "a batch that is free, or 1",
        )
    one_side(lengths, path.name)
    numbers = [*program.state_dict.values()]
    return _Network(
        path.name,
        on_device(program, torch.device("cpu")),
        shape,
        str(taken[0].dtype).removeprefix("torch."),
        lengths["C"] or 0,
        sum(each.numel() for each in numbers if isinstance(each, torch.nn.Parameter)),
        _ending(program),
    )


def _ending(program: Any) -> str:
    """Return what the only output of a program is made by, if it is something that tells."""
    (*_, last) = program.graph.nodes
    outputs = [each for each in last.args[0] if hasattr(each, "target")]
    kind = str(outputs[-1].target).split(".")[1:2] if outputs else []
    known = {"softmax": "softmax", "_softmax": "softmax", "sigmoid": "sigmoid", "argmax": "classes"}
    return known.get(kind[0], "") if kind and len(outputs) == 1 else ""


Tried = dict[int, dict[str, Any]]


def _tried(network: _Network, wanted: int | None) -> tuple[str, str, Tried, bool]:
    """Find out which pixels a network takes.

    Parameters
    ----------
    network
        What is tried.
    wanted
        Pixels of a side that somebody says it takes.

    Returns
    -------
    tuple
        Axes and type of its input; what it gave, by the side of the square; and whether it takes
        squares of no other side.
    """
    ways = list(_ways(network))
    if network.shape and (side := network.shape[2 if ways[0][0] == "NCHW" else 1]):
        axes, dtype = ways[0]
        return axes, dtype, {side: network.run(axes, dtype, side)}, True
    usual = wanted or USUAL
    refusals: list[ModelError] = []
    for first in (usual, *(side for side in SIDES if side != usual)):
        second = first + max(32, first // 128 * 32)
        for axes, dtype in ways:
            tried: Tried = {}
            for side in (first, second):
                try:
                    tried[side] = network.run(axes, dtype, side)
                except ModelError as error:
                    refusals.append(error)
            if not tried:
                continue
            if len(tried) == 2 and (size := _only_size(*tried.values())):
                # whatever it is given, it gives the same size: it is made for that one
                return axes, dtype, {size: network.run(axes, dtype, size)}, True
            return axes, dtype, tried, len(tried) == 1
    raise refusals[0]


def _ways(network: _Network) -> Iterator[tuple[str, str]]:
    if network.shape:
        yield input_axes(network.shape, network.bands)[0], network.dtype
        return
    for dtype, axes in product(("float32", "uint8"), ("NCHW", "NHWC")):
        yield axes, dtype


def _only_size(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """Return the rows of outputs that inputs of two sizes change nothing of; else 0."""
    shapes = {each.shape for given in (one, other) for each in given.values() if each.ndim > 2}
    if len(shapes) != 1:
        return 0
    return int(sorted(shapes.pop())[-1])


def _chosen(path: Path, tried: Tried, facts: Facts) -> str:
    outputs = next(iter(tried.values()))
    if "output" in facts:
        name = str(facts["output"].value)
        if name not in outputs:
            raise ModelError(f"--output {name}", f"one of {', '.join(outputs)}")
        return name
    if len(outputs) != 1:
        told = ", ".join(f"{name} ({shape_text(each.shape)})" for name, each in outputs.items())
        raise ModelError(
            f"{path.name} has {len(outputs)} outputs: {told}",
            "the one that is to be mapped",
            "name it with --output; add the model once for each that you want",
        )
    return next(iter(outputs))


def _one_by_one(
    network: _Network, axes: str, dtype: str, chosen: str, outputs: Mapping[int, Any]
) -> bool:
    """Tell whether a network takes a single tile at a time; refuse one that is still in training.

    There a tile's scores depend on chance, or on the tiles that go along.
    """
    side, alone = next(iter(outputs.items()))
    again = network.run(axes, dtype, side)[chosen]
    if not _alike(alone, again):
        raise ModelError(
            f"{network.name} gives other scores each time it is run",
            "a network that was saved after network.eval()",
        )
    if network.shape and network.shape[0] == 1:
        return True
    try:
        both = network.run(axes, dtype, side, 2)[chosen]
    except ModelError:
        return True
    if both.shape[1:] != alone.shape[1:] or both.shape[0] != 2:
        return True
    if not _alike(alone[0], both[0]):
        raise ModelError(
            f"{network.name} gives a tile other scores when another one goes along",
            "a network that was saved after network.eval()",
        )
    return False


def _alike(one: Any, other: Any) -> bool:
    least = ALIKE * max(1e-6, float(np.abs(np.nan_to_num(one)).max()))
    return bool(np.allclose(one, other, rtol=0, atol=least, equal_nan=True))
