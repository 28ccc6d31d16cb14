"""What landcover-s2's network costs and what it gives: encoders, decoders and widths, trained alike
on recorded chips.

The samples are those that prepare.py lists; the scores are those of the places that validate, never
those of the places held out. All start from random weights. The table is WORK/table.csv and
WORK/table.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from comparison import Comparison, Network  # noqa: E402 -- lies in the folder above, which is no package

ENCODERS = {
    "small": "small",
    "EfficientNet-Lite0": "tu-tf_efficientnet_lite0",
    "MobileNet v2": "mobilenet_v2",
    "ResNet-18": "resnet18",
}
DECODERS: dict[str, Network] = {
    "U-Net, wide": ("unet", {"decoder_channels": [128, 64, 32, 24, 16]}),
    "U-Net, narrow": ("unet", {"decoder_channels": [64, 32, 16, 12, 8]}),
    "PSPNet, wide": ("pspnet", {"psp_out_channels": 256}),
    "PSPNet, narrow": ("pspnet", {"psp_out_channels": 64}),
}
# networks without an encoder; the bands are standardised here, so that they need not be squashed
OTHERS: dict[str, Network] = {
    "Half size, wide": ("halfsize", {"width": 80, "stem_width": 32, "squash": False}),
    "Half size, narrow": ("halfsize", {"width": 64, "stem_width": 24, "squash": False}),
}


def rows() -> dict[str, Network]:
    """Return every encoder with every decoder, and what has no encoder."""
    found = dict(OTHERS)
    for decoder, (architecture, given) in DECODERS.items():
        for name, encoder in ENCODERS.items():
            hyperparameters: dict[str, Any] = {"encoder": encoder, **given}
            found[f"{decoder}, {name}"] = (architecture, hyperparameters)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--samples", type=Path, default=Path("work/landcover_s2/samples.csv"), help="of prepare.py"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("work/landcover_s2/front"), help="folder to write to"
    )
    parser.add_argument(
        "--only", nargs="*", default=list(rows()), metavar="ROW", help="rows to train; default all"
    )
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    comparison(args.samples, args.work).run(args.only)


def comparison(samples: Path, work: Path) -> Comparison:
    """Return what is compared: the rows, trained as front.toml says, on the places of `samples`."""
    return Comparison(rows(), HERE / "front.toml", samples, work, "validation")


if __name__ == "__main__":
    main()
