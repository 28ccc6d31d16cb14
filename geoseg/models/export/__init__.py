"""Models handed on to other programs: written in a form of theirs, compared with the original, and
only then put in their place.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.atomic import atomic_output
from ...core.errors import InputError, ModelError, OutputError
from ...core.events import Noted, Report, silent
from .wish import USUAL, Wish

if TYPE_CHECKING:
    from .. import Bundle
    from .plan import Plan


@dataclass(frozen=True, slots=True)
class Kind:
    """A form in which a model is handed on."""

    suffix: str
    """Of its file."""
    artifact: str
    """Its name in a bundle of geoseg's, one of ARTIFACTS."""
    write: str
    """ "module:function" of (Plan, file): writes it, and returns the Compute of `plan.py`."""


# what `geoseg models export --to` takes
EXPORTS = {
    "onnx": Kind(".onnx", "model.onnx", "geoseg.models.export.onnx:write"),
    "torchscript": Kind(".pt", "model.pt", "geoseg.models.export.torchscript:write"),
    "pt2": Kind(".pt2", "model.pt2", "geoseg.models.export.pt2:write"),
    "openvino": Kind(".xml", "model.xml", "geoseg.models.export.openvino:write"),
    # an item of STAC beside an ONNX file
    "mlm": Kind(".json", "model.onnx", "geoseg.models.export.onnx:write"),
}
DEEPNESS_ONLY = "--deepness writes what the plugin Deepness reads in an ONNX file"


@dataclass(frozen=True, slots=True)
class Written:
    """What an export made."""

    files: Mapping[Path, tuple[int, str]]
    """Of each file the bytes and the digest; the one that was asked for first."""
    sizes: str
    """What it takes, in words."""
    difference: float
    """The greatest from the original, in probability, or in logits as a share of the greatest."""
    windows: tuple[tuple[int, ...], ...]
    """The shapes on which they were compared, [n, band, row, column]."""
    notes: tuple[str, ...]
    """What whoever uses it should know, a line each."""


def export_model(
    bundle: Bundle,
    kind: str,
    target: Path,
    wish: Wish = USUAL,
    overwrite: bool = False,
    report: Report = silent,
) -> Written:
    """Write a model for other programs, if what is written computes what the model does.

    Parameters
    ----------
    bundle
        The model.
    kind
        One of EXPORTS.
    target
        The file; its card, a STAC item of the extension MLM, lies beside it as .json. For mlm it
        is the item, and the ONNX file lies beside it.
    wish
        What the graph does itself, and what is told with it.
    overwrite
        Whether files of these names are replaced.
    report
        Is told what is compared.

    Returns
    -------
    Written
        The files that are there now.

    Raises
    ------
    InputError
        If there is no such kind, or the file is called otherwise than such are.
    ModelError
        If the model cannot be exported so, or what was written differs from it by more than
        `agreement.CLOSE`. OutputError, if files are there already. RunError, if they cannot be
        written.
    """
    from .agreement import compare
    from .plan import plans

    form = _form(kind, target, wish)
    network = target.with_suffix(form.suffix if kind != "mlm" else ".onnx")
    item = target.with_suffix(".json")
    _check_free((target, *_names(network), item), overwrite)
    write = _function(form.write)
    with atomic_output(target, overwrite) as hidden:
        folder = hidden.parent
        failed: list[tuple[Plan, ModelError]] = []
        for plan in plans(bundle, kind, form.artifact, wish, network.name):
            try:
                compute = write(plan, folder / network.name)
                difference, windows = compare(plan, compute, report)
                break
            except ModelError as error:
                failed.append((plan, error))
        else:
            raise failed[-1][1]
        for wider, reason in failed:
            report(Noted(f"not {wider.sizes_text}: {reason}"))
        text = json.dumps(plan.item(folder / network.name), indent=1, ensure_ascii=False)
        (folder / item.name).write_text(text + "\n", encoding="utf-8")
        names = [target.name, *sorted({network.name, item.name} - {target.name})]
        names += [each for each in _beside(network) if (folder / each).is_file()]
        facts = {target.parent / name: _facts(folder / name) for name in names}
    return Written(facts, plan.sizes_text, difference, windows, plan.notes)


def _form(kind: str, target: Path, wish: Wish) -> Kind:
    if kind not in EXPORTS:
        raise InputError(f"--to {kind}", f"one of {', '.join(EXPORTS)}")
    form = EXPORTS[kind]
    if target.suffix.lower() != form.suffix:
        raise InputError(f"--out {target}", f"a file that ends in {form.suffix}, for {kind}")
    if wish.deepness and kind != "onnx":
        raise InputError(f"--deepness with --to {kind}", f"--to onnx: {DEEPNESS_ONLY}")
    return form


def _names(network: Path) -> tuple[Path, ...]:
    return (network, *(network.parent / name for name in _beside(network)))


def _beside(network: Path) -> tuple[str, ...]:
    """Return the names of the files that a network's own may come with."""
    return (f"{network.stem}.bin",) if network.suffix == ".xml" else ()


def _check_free(files: tuple[Path, ...], overwrite: bool) -> None:
    for file in files:
        if os.path.lexists(file) and not overwrite:
            raise OutputError(
                f"{file} exists", "a new name", "choose another --out, or --overwrite"
            )


def _function(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def _facts(file: Path) -> tuple[int, str]:
    data = file.read_bytes()
    return len(data), sha256(data).hexdigest()
