"""Train every architecture alike on MBRSC's scenes, measure each, and write them as one table.

The same crops in the same order, the same number of steps, the same encoder where the family
allows it. Bundles and measurements lie in WORK, so that a run that was stopped goes on where
it was; the table is WORK/table.csv and WORK/table.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from geoseg.models import Bundle, find_model, load_model

HERE = Path(__file__).parent
TRAINED, HELD_OUT = ("tile3", "tile4", "tile6"), "tile1"
WINDOW = 512  # pixels: what speed is measured on
ROUNDS = 7
SMALL = {"encoder": "small"}
LIGHT = SMALL | {"decoder_channels": [96, 64, 48, 32, 16]}
HEAD = SMALL | {"head_channels": 128}
# row of the table -> architecture and its hyperparameters
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "U-Net": ("unet", LIGHT),
    "FCN-32s": ("fcn32s", HEAD),
    "FCN-16s": ("fcn16s", HEAD),
    "FCN-8s": ("fcn8s", HEAD),
    "SegNet": ("segnet", SMALL),
    "DeconvNet": ("deconvnet", HEAD),
    "DeepLab v1": ("deeplabv1", HEAD),
    "DeepLab v2": ("deeplabv2", HEAD),
    "DeepLab v3": ("deeplabv3", SMALL | {"decoder_channels": 64}),
    "DeepLab v3+": ("deeplabv3plus", SMALL | {"decoder_channels": 64}),
    "PSPNet": ("pspnet", SMALL | {"psp_out_channels": 64}),
    "FPN": ("fpn", SMALL | {"decoder_pyramid_channels": 64, "decoder_segmentation_channels": 64}),
    "PAN": ("pan", SMALL | {"decoder_channels": 64}),
    "Linknet": ("linknet", SMALL),
    "UPerNet": ("upernet", SMALL | {"decoder_channels": 64}),
    "SegFormer's decoder": ("segformer", SMALL | {"decoder_segmentation_channels": 64}),
    "MAnet": ("manet", LIGHT),
    "U-Net++": ("unetplusplus", LIGHT),
    "DPT": (
        "dpt",
        {
            "encoder": "tu-vit_tiny_patch16_224",
            "decoder_intermediate_channels": [48, 96, 192, 192],
            "decoder_fusion_channels": 64,
        },
    ),
    "SegFormer": ("segformer", {"encoder": "mit_b0", "decoder_segmentation_channels": 64}),
    "U-Net, MobileNet": ("unet", LIGHT | {"encoder": "mobilenet_v2"}),
    "U-Net, ResNet-18": ("unet", LIGHT | {"encoder": "resnet18"}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with mbrsc/")
    parser.add_argument("--work", type=Path, default=Path("work/architectures"), help="folder to write to")
    parser.add_argument("--only", nargs="*", default=list(RUNS), metavar="ROW", help="rows to train; default all")
    parser.add_argument("--table", action="store_true", help="train nothing: measure and write what there is")
    args = parser.parse_args()
    if not args.table:
        samples = prepare(args.data, args.work)
        for row in args.only:
            train(row, samples, args.work)
    trained = {row: find_model(str(folder(row, args.work))) for row in RUNS if is_trained(row, args.work)}
    write_table(args.work, trained, speeds(trained))


def prepare(data: Path, work: Path) -> Path:
    """Make the label rasters as for landcover-rgb, and list the scenes that this comparison uses."""
    listed = work / "samples.csv"
    if not listed.exists():
        recipe = HERE.parent / "landcover_rgb" / "prepare.py"
        subprocess.run([sys.executable, recipe, "--data", data, "--work", work / "labels"], check=True)
        with (work / "labels" / "samples.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["place"] in (*TRAINED, HELD_OUT)]
        with listed.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ("scene", "label", "place"))
            table.writeheader()
            table.writerows(rows)
    return listed.resolve()


def train(row: str, samples: Path, work: Path) -> None:
    """Train one row of the table through the command line, unless its bundle is there already."""
    if is_trained(row, work):
        return
    config = write_config(row, samples, work)
    print(f"{row}: training", flush=True)
    begun = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "geoseg", "train", config, "--overwrite", "--out", folder(row, work)], check=True
    )
    print(f"{row}: {time.monotonic() - begun:.0f} s", flush=True)


def write_config(row: str, samples: Path, work: Path) -> Path:
    """Write the common configuration with what is this row's own."""
    architecture, hyperparameters = RUNS[row]
    given = ", ".join(f"{name} = {json.dumps(value)}" for name, value in hyperparameters.items())
    config = work / f"{folder(row, work).name}.toml"
    text = (HERE / "common.toml").read_text(encoding="utf-8")
    text = put(text, "name", json.dumps(folder(row, work).name))  # its first: that of the card
    text = put(text, "architecture", json.dumps(architecture))
    text = put(text, "hyperparameters", f"{{ {given} }}")
    config.write_text(put(text, "samples", json.dumps(str(samples))), encoding="utf-8")
    return config


def put(text: str, key: str, value: str) -> str:
    """Replace the value of a key where it first stands in a TOML file."""
    return re.sub(rf"^{key} = .*$", lambda _: f"{key} = {value}", text, count=1, flags=re.MULTILINE)


def folder(row: str, work: Path) -> Path:
    """Return where the bundle of a row lies."""
    return work / "".join(letter if letter.isalnum() else "-" for letter in row.lower().replace("+", "-plus"))


def is_trained(row: str, work: Path) -> bool:
    """The card is the last file that a training writes."""
    return (folder(row, work) / "card.json").is_file()


def speeds(trained: dict[str, Bundle]) -> dict[str, float]:
    """Return pixels per second of one core, of each model as `geoseg predict` runs it: folded, channels_last, batch 1.

    Processor time is counted, and the models take turns, the best of the rounds being kept: what
    else the machine does hardly shows.
    """
    torch.set_num_threads(1)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, WINDOW, WINDOW), np.uint8)
    valid = np.ones((1, WINDOW, WINDOW), bool)
    models = {row: load_model(bundle, bundle.card.scaling, "cpu") for row, bundle in trained.items()}
    taken: dict[str, list[float]] = {row: [] for row in models}
    for _ in range(ROUNDS):
        for row, model in models.items():
            begun = time.thread_time()
            model(pixels, valid)
            taken[row].append(time.thread_time() - begun)
    return {row: WINDOW * WINDOW / min(times) for row, times in taken.items()}


def write_table(work: Path, trained: dict[str, Bundle], speed: dict[str, float]) -> None:
    """Write the table as CSV and as Markdown, best first."""
    rows = [measured(row, bundle, speed[row]) for row, bundle in trained.items()]
    rows.sort(key=lambda row: -float(row["mean IoU"]))
    with (work / "table.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    (work / "table.md").write_text(text + "\n", encoding="utf-8")
    print(text)


def measured(row: str, bundle: Bundle, speed: float) -> dict[str, str]:
    card = bundle.card
    found = card.scores["held_out"]
    return {
        "architecture": row,
        "encoder": str(card.hyperparameters["encoder"]),
        "mean IoU": f"{found['mean_iou']:.3f}",
        "accuracy": f"{found['accuracy']:.3f}",
        **{name: f"{scores['iou']:.2f}" for name, scores in found["classes"].items()},
        "parameters, M": f"{card.parameters / 1e6:.2f}",
        "Mpx/s, one core": f"{speed / 1e6:.2f}",
    }


if __name__ == "__main__":
    main()
