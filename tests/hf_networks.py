"""Small networks of the library transformers, of random weights, saved as it saves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.models.auto import modeling_auto

SIDE = 64  # pixels of a tile
NAMES = ("water", "trees", "built")
STAGES = ["stage1", "stage2", "stage3", "stage4"]


def swin() -> Any:
    return transformers.SwinConfig(
        image_size=SIDE,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=4,
        out_features=STAGES,
    )


def vit(**more: Any) -> dict[str, Any]:
    return {
        "image_size": SIDE,
        "patch_size": 16,
        "hidden_size": 16,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "intermediate_size": 32,
    } | more


def settings(kind: str) -> dict[str, Any]:
    """What makes a network of a kind small."""
    wide = {"num_queries": 6, "mask_feature_size": 32}
    match kind:
        case "segformer":
            return {
                "depths": [1, 1, 1, 1],
                "hidden_sizes": [8, 8, 16, 16],
                "num_attention_heads": [1, 1, 2, 2],
                "decoder_hidden_size": 16,
            }
        case "upernet":
            backbone = transformers.ConvNextConfig(
                hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], out_features=STAGES
            )
            return {
                "backbone_config": backbone,
                "hidden_size": 16,
                "pool_scales": [1, 2],
                "auxiliary_channels": 8,
                "auxiliary_in_channels": 16,
            }
        case "beit":
            pools = {"pool_scales": [1, 2], "auxiliary_channels": 8}
            return vit(**pools, out_indices=[1, 2, 3, 4], use_relative_position_bias=True)
        case "data2vec-vision":
            return vit(pool_scales=[1, 2], auxiliary_channels=8, out_indices=[1, 2, 3, 4])
        case "dpt":
            return vit(
                backbone_out_indices=[0, 1, 2, 3],
                neck_hidden_sizes=[8, 8, 16, 16],
                fusion_hidden_size=16,
            )
        case "mobilevit":
            return {
                "image_size": SIDE,
                "hidden_sizes": [16, 16, 16],
                "neck_hidden_sizes": [8, 8, 8, 16, 16, 16, 32],
                "num_attention_heads": 2,
                "aspp_out_channels": 16,
                "atrous_rates": [2, 4, 6],
            }
        case "maskformer":
            decoder = transformers.DetrConfig(
                d_model=16,
                encoder_layers=1,
                decoder_layers=1,
                decoder_attention_heads=2,
                encoder_attention_heads=2,
                decoder_ffn_dim=16,
                encoder_ffn_dim=16,
                num_queries=6,
            )
            parts = {"backbone_config": swin(), "decoder_config": decoder}
            return {**parts, "fpn_feature_size": 32, "mask_feature_size": 32}
        case "mask2former":
            return wide | {
                "backbone_config": swin(),
                "hidden_dim": 32,
                "feature_size": 32,
                "encoder_layers": 1,
                "decoder_layers": 2,
                "num_attention_heads": 2,
                "dim_feedforward": 16,
                "encoder_feedforward_dim": 16,
            }
        case "eomt":
            few = {"num_blocks": 1, "num_queries": 6, "num_upscale_blocks": 1}
            return vit(**few) | {"intermediate_size": None}
    raise ValueError(kind)


KINDS = (
    *("segformer", "upernet", "beit", "data2vec-vision", "dpt", "mobilevit"),
    *("maskformer", "mask2former", "eomt"),
)
PROCESSOR = {
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.4, 0.5, 0.3],
    "image_std": [0.2, 0.1, 0.3],
    "do_resize": True,
    "size": {"height": 512, "width": 512},
    "image_processor_type": "SegformerImageProcessor",
}


def save_network(folder: Path, kind: str = "segformer", **changes: Any) -> Any:
    """Save a network whose scores differ from pixel to pixel; return it."""
    torch.manual_seed(1)
    names = {
        **modeling_auto.MODEL_FOR_UNIVERSAL_SEGMENTATION_MAPPING_NAMES,
        **modeling_auto.MODEL_FOR_SEMANTIC_SEGMENTATION_MAPPING_NAMES,
    }
    labels = {"id2label": dict(enumerate(NAMES))}
    found = {key: each for key, each in settings(kind).items() if each is not None}
    config = transformers.CONFIG_MAPPING[kind](**found | labels | changes.pop("config", {}))
    network = getattr(transformers, names[kind])(config).eval()
    with torch.no_grad():
        for numbers in network.parameters():
            if numbers.ndim > 1:
                numbers.normal_(std=1.5 / numbers[0].numel() ** 0.5)
        if kind == "mobilevit":  # so deep that next to nothing comes through
            network.segmentation_head.classifier.convolution.weight.mul_(1e6)
    transformers.utils.logging.disable_progress_bar()
    network.save_pretrained(folder, **changes)
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    return network


def change(file: Path, **changes: Any) -> None:
    """Change keys of a JSON file; None takes one out."""
    entry = json.loads(file.read_text()) | changes
    kept = {key: value for key, value in entry.items() if value is not None}
    file.write_text(json.dumps(kept))
