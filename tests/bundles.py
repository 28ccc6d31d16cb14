"""Model bundles for tests: real, small networks with random weights."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from geoseg.architectures import build
from geoseg.core.card import Band, Label, ModelCard, Scaling, write_card

COLOURS = ("#419bdf", "#397d49", "#666666", "#c4281b", "#a59b8f")
BANDS = (
    Band("red", "red", 0.66, 127.0, 70.0, 5.0, 250.0),
    Band("green", "green", 0.56, 127.0, 70.0, 5.0, 250.0),
    Band("blue", "blue", 0.48, 127.0, 70.0, 5.0, 250.0),
)


def make_bundle(
    folder: Path,
    bands: tuple[Band, ...] = BANDS,
    labels: int = 5,
    tile: int = 64,
    encoder: str = "mobilenet_v2",
) -> Path:
    """Write a U-Net for uint8 scenes at 0.5 to 2 m; return its folder.

    Its weights are random but fixed, and spread so that every class occurs somewhere.
    """
    torch.manual_seed(7)
    hyperparameters = {"encoder": encoder, "decoder_channels": [32, 16, 16, 8, 8]}
    network = build("unet", len(bands), labels, hyperparameters)
    with torch.no_grad():
        network.segmentation_head[0].weight.mul_(
            30
        )  # fresh weights would give every class 1/labels everywhere
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            name: value.half() if value.is_floating_point() else value
            for name, value in network.state_dict().items()
        },
        folder / "model.safetensors",
    )
    card = ModelCard(
        name="test-model",
        description="Random weights, for tests",
        architecture="unet",
        hyperparameters=hyperparameters,
        sensor="any",
        bands=bands,
        unit="digital number",
        scaling=Scaling(),
        dtypes=("uint8",),
        labels=tuple(Label(i, f"class {i}", COLOURS[i % len(COLOURS)]) for i in range(labels)),
        gsd=1.0,
        gsd_range=(0.5, 2.0),
        tile=tile,
        overlap=tile // 4,
        limits=("everything: its weights are random",),
    )
    write_card(card, folder / "card.json")
    return folder
