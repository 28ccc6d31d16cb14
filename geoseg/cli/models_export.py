"""`geoseg models export`: a model for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..models.export import EXPORTS
from ..models.export.wish import PLACES, Wish
from .command import Command
from .report import reporting, run_options

if TYPE_CHECKING:
    from ..models.export import Written

EXAMPLES = """\b
geoseg models export landcover-s2 --to onnx --out landcover-s2.onnx
geoseg models export landcover-rgb --to onnx --deepness --out landcover-rgb.onnx
geoseg models export landcover-s2 --to mlm --out landcover-s2.json"""


@click.command("export", cls=Command, epilog=EXAMPLES)
@click.argument("name", metavar="NAME|FOLDER")
@click.option("--to", "kind", type=click.Choice(tuple(EXPORTS)), required=True, help="The form.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The file: .onnx, .pt, .pt2, .xml (OpenVINO) or .json (mlm, whose ONNX file lies beside).",
)
@click.option(
    "--scaling",
    type=click.Choice(PLACES),
    help="inside: the graph takes the numbers of a file; outside: normalised values. Default "
    "inside; of mlm outside, as its item says how values are scaled.",
)
@click.option(
    "--activation",
    type=click.Choice(PLACES),
    help="inside (default): the graph gives probabilities; outside: logits.",
)
@click.option(
    "--deepness",
    is_flag=True,
    help="Write the keys into an ONNX file that the plugin Deepness of QGIS reads.",
)
@click.option("--overwrite", is_flag=True, help="Replace files of these names.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was written for programs, as one object."
)
@run_options
def export(  # numpydoc ignore=PR01
    name: str,
    kind: str,
    out: Path,
    scaling: str | None,
    activation: str | None,
    deepness: bool,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
) -> None:
    """Write a model for other programs: ONNX, TorchScript, torch.export, OpenVINO or a STAC item.

    What is written is computed on three windows in its own runtime, and has to agree with the
    model to 0.0001; else nothing is written. The card lies beside it, a STAC item (.json).
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..core.events import Noted
        from ..models import find_model
        from ..models.export import export_model

        wish = Wish(scaling or "", activation or "", deepness)
        written = export_model(find_model(name), kind, out, wish, overwrite, report)
        for line in _told(written):
            report(Noted(line))
    if as_json and not events:
        click.echo(json.dumps(_facts(written), indent=1, ensure_ascii=False))


def _facts(written: Written) -> dict[str, Any]:
    return {
        "files": [
            {"file": str(file), "bytes": size, "sha256": digest}
            for file, (size, digest) in written.files.items()
        ],
        "takes": written.sizes,
        "difference": written.difference,
        "windows": [list(shape) for shape in written.windows],
        "notes": list(written.notes),
    }


def _told(written: Written) -> list[str]:
    lines = [
        f"{file} is written: {size / 1e6:,.2f} MB, sha256 {digest}"
        for file, (size, digest) in written.files.items()
    ]
    shapes = ", ".join("x".join(map(str, shape)) for shape in written.windows)
    lines += [
        f"{written.sizes}; differs from the model by at most {written.difference:.2g} on {shapes}"
    ]
    return [*lines, *written.notes]
