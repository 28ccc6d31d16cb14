"""Train every architecture alike on MBRSC's scenes, measure each, and write them as one table.

The same crops in the same order, the same number of steps, the same encoder where the family
allows it. Bundles and measurements lie in WORK, so that a run that was stopped goes on where
it was; the table is WORK/table.csv and WORK/table.md.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from comparison import Comparison, Network  # noqa: E402 -- lies in the folder above, which is no package

TRAINED, HELD_OUT = ("tile3", "tile4", "tile6"), "tile1"
SMALL = {"encoder": "small"}
LIGHT = SMALL | {"decoder_channels": [96, 64, 48, 32, 16]}
HEAD = SMALL | {"head_channels": 128}
# row of the table -> architecture and its hyperparameters
RUNS: dict[str, Network] = {
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
    "ReSeg": ("reseg", SMALL | {"units": 64, "width": 48}),
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
    "Half size": ("halfsize", {"width": 80, "blocks": 8, "stem_width": 32, "squash": False}),
    "U-Net, MobileNet": ("unet", LIGHT | {"encoder": "mobilenet_v2"}),
    "U-Net, ResNet-18": ("unet", LIGHT | {"encoder": "resnet18"}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder with mbrsc/"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("work/architectures"), help="folder to write to"
    )
    parser.add_argument(
        "--only", nargs="*", default=list(RUNS), metavar="ROW", help="rows to train; default all"
    )
    parser.add_argument(
        "--table", action="store_true", help="train nothing: measure and write what there is"
    )
    args = parser.parse_args()
    table = comparison(args.work)
    if not args.table:
        prepare(args.data, args.work)
    table.run([] if args.table else args.only)


def comparison(work: Path) -> Comparison:
    """Return what is compared: every row trained as common.toml says, its scores those of the
    scene held out.
    """
    return Comparison(RUNS, HERE / "common.toml", work / "samples.csv", work, "held_out")


def prepare(data: Path, work: Path) -> None:
    """Make the label rasters as for landcover-rgb, and list the scenes that this comparison
    uses.
    """
    listed = work / "samples.csv"
    if not listed.exists():
        recipe = HERE.parent / "landcover_rgb" / "prepare.py"
        subprocess.run(
            [sys.executable, recipe, "--data", data, "--work", work / "labels", "--only", "mbrsc"],
            check=True,
        )
        with (work / "labels" / "samples.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["place"] in (*TRAINED, HELD_OUT)]
        with listed.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ("scene", "label", "place"), extrasaction="ignore")
            table.writeheader()
            table.writerows(rows)


if __name__ == "__main__":
    main()
