"""Encoders by name, under the networks of our own: which there are, what they are dilated to,
what is refused.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.functional import interpolate, max_pool2d, max_unpool2d

from geoseg.architectures import build
from geoseg.architectures.context import stride_of
from geoseg.architectures.encoders import channels_of, make_encoder
from geoseg.architectures.fcn import bilinear_doubling
from geoseg.architectures.unpool import Unpooling, unpool
from geoseg.core.errors import ModelError

HEAD = {"head_channels": 8}
OWN: dict[str, dict[str, Any]] = {
    "fcn8s": HEAD,
    "segnet": {},
    "deconvnet": HEAD,
    "deeplabv1": HEAD,
    "deeplabv2": HEAD | {"rates": [2]},
}


@pytest.mark.parametrize(
    "encoder", ["resnet18", "timm-tf_efficientnet_lite0", "tu-mobilenetv3_small_050", "small"]
)
def test_encoders_of_smp_and_of_timm(encoder: str) -> None:
    network = build("unet", 2, 2, {"encoder": encoder, "decoder_channels": [16, 16, 8, 8, 8]})
    assert network.eval()(torch.zeros(1, 2, 64, 64)).shape == (1, 2, 64, 64)


@pytest.mark.parametrize(
    "encoder", ["vgg16", "vgg16_bn", "resnet18", "mobilenet_v2", "tu-mobilenetv3_small_050"]
)
@pytest.mark.parametrize("architecture", OWN)
@torch.no_grad()
def test_the_classic_networks_over_the_textbooks_encoders(architecture: str, encoder: str) -> None:
    with torch.device("meta"):  # shapes without numbers: VGG's are large
        network = build(architecture, 5, 3, OWN[architecture] | {"encoder": encoder}).eval()
        assert network(torch.rand(1, 5, 64, 96)).shape == (1, 3, 64, 96)


def test_segformer_over_its_own_encoder() -> None:
    network = build(
        "segformer", 6, 3, {"encoder": "mit_b0", "decoder_segmentation_channels": 16}
    ).eval()
    assert network(torch.rand(1, 6, 64, 96)).shape == (1, 3, 64, 96)


@pytest.mark.parametrize("name", ["small", "vgg16", "vgg16_bn", "resnet18", "mobilenet_v2"])
@pytest.mark.parametrize("output_stride", [8, 16])
@torch.no_grad()
def test_a_dilated_encoder_keeps_its_maps_large_and_sees_as_far(
    name: str, output_stride: int
) -> None:
    with torch.device("meta"):
        plain, dilated = make_encoder(name, 3), make_encoder(name, 3, output_stride)
        maps = dilated.eval()(torch.rand(1, 3, 96, 64))
    assert dilated.output_stride == output_stride
    assert maps[-1].shape[-2:] == (96 // output_stride, 64 // output_stride)
    assert [p.shape for p in plain.parameters()] == [p.shape for p in dilated.parameters()]
    widest = max(layer.dilation[0] for layer in dilated.modules() if isinstance(layer, nn.Conv2d))
    assert widest > 1 or name.startswith("vgg")  # nothing follows the last of VGG's poolings
    if name.startswith("vgg"):
        assert widest == 16 // output_stride


def test_the_small_encoder() -> None:
    encoder = make_encoder("small", 7)
    assert channels_of(encoder, 7) == list(encoder.out_channels)
    assert [tuple(m.shape[-2:]) for m in encoder(torch.rand(2, 7, 64, 32))] == [
        (64 >> k, 32 >> k) for k in range(6)
    ]
    assert sum(p.numel() for p in encoder.parameters()) < 300_000


@pytest.mark.parametrize("depth", [0, 6])
def test_no_other_depths_than_there_are(depth: int) -> None:
    from geoseg.architectures.small import SmallEncoder

    with pytest.raises(ValueError, match="must be 1 to 5"):
        SmallEncoder(depth)


def test_unpooling_puts_values_where_the_maxima_were() -> None:
    decoder = Unpooling([2, 2, 2], 2, lambda a, b: nn.Identity(), "")
    with torch.no_grad():
        decoder.score = nn.Identity()
        fine = torch.rand(1, 2, 16, 24)
        middle, first = max_pool2d(fine, 2, return_indices=True)
        coarse, second = max_pool2d(middle, 2, return_indices=True)
        expected = max_unpool2d(max_unpool2d(coarse, second, [2, 2]), first, [2, 2])
        found = decoder([fine, middle, coarse], fine.shape[-2:])
    assert torch.equal(found, expected)
    assert torch.equal(found[found != 0], fine[found != 0])
    assert (found != 0).sum() == coarse.numel()


@pytest.mark.filterwarnings("ignore:.*torch.jit.trace", "ignore::torch.jit.TracerWarning")
def test_unpooling_is_the_same_when_traced() -> None:
    fine = torch.rand(2, 3, 8, 12)
    coarse, indices = max_pool2d(fine, 2, return_indices=True)
    traced = torch.jit.trace(unpool, (coarse, indices, fine))
    other = torch.rand(1, 3, 16, 4)
    pooled, places = max_pool2d(other, 2, return_indices=True)
    assert torch.equal(traced(pooled, places, other), max_unpool2d(pooled, places, [2, 2]))


@pytest.mark.parametrize("architecture", ["fcn8s", "segnet", "deconvnet", "deeplabv2"])
def test_networks_of_our_own_can_be_converted(architecture: str) -> None:
    pytest.importorskip("openvino", reason="openvino is not installed")
    from geoseg.models.openvino import convert

    network = build(architecture, 4, 3, OWN[architecture] | {"encoder": "small"}).eval()
    convert(network, 4, 32)  # which compares both, and raises where they differ


def test_an_encoder_with_no_map_at_half_size_cannot_be_unpooled() -> None:
    with pytest.raises(ModelError, match="SegNet needs maps at every scale"):
        build("segnet", 3, 2, {"encoder": "tu-convnext_atto"})


def test_doubling_begins_bilinear() -> None:
    values = torch.rand(1, 3, 8, 9)
    expected = interpolate(values, scale_factor=2, mode="bilinear", align_corners=False)
    inner = (..., slice(1, -1), slice(1, -1))  # at the edges one pads and the other repeats
    torch.testing.assert_close(bilinear_doubling(3)(values)[inner], expected[inner])


@torch.no_grad()
def test_finer_scores_join_in_fcn() -> None:
    networks = {
        name: build(name, 3, 2, {"encoder": "small", "head_channels": 8})
        for name in ("fcn32s", "fcn8s")
    }
    sizes = {name: len(network.scores) for name, network in networks.items()}
    assert sizes == {"fcn32s": 0, "fcn8s": 2}


def test_an_unknown_architecture_names_the_known() -> None:
    with pytest.raises(ModelError, match=r"unknown architecture 'wnet'.*pspnet, reseg, segformer"):
        build("wnet", 3, 2, {})


@pytest.mark.parametrize(
    "encoder",
    [
        "resnet19",
        "tu-resnet19",
        "tu-hf_hub:someone/model",
        "tu-resnet18.a:b",
        "tu-local-dir:/etc",
        "",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("architecture", ["unet", "fcn8s"])
def test_an_unknown_encoder_names_the_known(architecture: str, encoder: str) -> None:
    with pytest.raises(ModelError, match=r"unknown encoder .*resnet18") as caught:
        build(architecture, 3, 2, {"encoder": encoder})
    assert len(str(caught.value)) < 3000


@pytest.mark.parametrize(
    ("architecture", "options", "message"),
    [
        (
            "unet",
            {"wings": 2},
            r"cannot be built with \['wings'\]; expected only decoder_attention_type, decoder_ch",
        ),
        ("unet", {"activation": "softmax"}, "cannot be built with"),
        ("unet", {"aux_params": {"classes": 3}}, "cannot be built with"),
        ("unet", {"encoder_weights": "imagenet"}, "cannot be built with"),
        ("unet", {"encoder_name": "small"}, "cannot be built with"),
        ("pspnet", {"upsampling": 4}, "cannot be built with"),
        ("unet", {"encoder": 5}, "encoder = 5; expected the name of an encoder"),
        (
            "unet",
            {"decoder_channels": [10**9] * 5},
            r"decoder_channels = .*a whole number from 1 to 4096, or a list",
        ),
        ("unet", {"decoder_channels": [16, 8]}, "cannot be built with"),
        ("unet", {"decoder_channels": [1] * 10**6}, "decoder_channels = "),
        ("unet", {"decoder_channels": [16, 16, 16, 16, True]}, "decoder_channels = "),
        ("unet", {"decoder_use_norm": {"type": "batchnorm"}}, "decoder_use_norm = "),
        ("unet", {"encoder_depth": 99}, "encoder_depth = 99; expected a whole number from 1 to 5"),
        ("pspnet", {"encoder_depth": "3"}, "encoder_depth = '3'"),
        ("pspnet", {"encoder_depth": [3]}, "encoder_depth = "),
        (
            "pspnet",
            {"psp_dropout": float("nan")},
            "psp_dropout = nan; expected a number from 0 to 0.95",
        ),
        (
            "deeplabv3",
            {"encoder_output_stride": 12},
            "encoder_output_stride = 12; expected 8, 16 or 32",
        ),
        ("deeplabv3", {"encoder_output_stride": 32}, "cannot be built with"),
        ("deeplabv3", {"encoder": "vgg11"}, "do not support dilated mode"),
        ("dpt", {"encoder": "small"}, "Only Timm encoders"),
        ("dpt", {"encoder": "tu-resnet18"}, "cannot be built with"),
        (
            "dpt",
            {"encoder": "tu-test_vit", "encoder_output_indices": [1, 2, 3, 77]},
            "cannot be built with",
        ),
        (
            "fcn8s",
            {"head_channels": 10**6},
            "FCN-8s cannot be built with head_channels = 1000000; expected a whole",
        ),
        ("fcn8s", {"dropout": 1}, "dropout = 1; expected"),
        ("fcn8s", {"encoder": None}, "encoder = None"),
        ("segnet", {"head_channels": 16}, "expected only encoder"),
        ("deeplabv1", {"rates": [1]}, "cannot be built with"),
        (
            "deeplabv2",
            {"rates": []},
            "rates = .* a list of 1 to 8, each a whole number from 1 to 128",
        ),
        ("deeplabv2", {"encoder": "densenet121"}, "cannot be built"),
    ],
)
def test_hyperparameters_that_a_network_does_not_take(
    architecture: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        build(architecture, 3, 2, options)


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("pspnet", {"encoder": "small", "encoder_depth": 4}),
        ("pspnet", {"encoder": "resnet18", "encoder_depth": 5}),
        ("unet", {"encoder": "small", "encoder_depth": 3, "decoder_channels": [16, 8, 8]}),
        ("unet", {"encoder": "small", "decoder_use_norm": False, "decoder_attention_type": "scse"}),
        (
            "deeplabv3",
            {"encoder": "small", "encoder_output_stride": 16, "decoder_atrous_rates": [2, 4, 6]},
        ),
        ("pan", {"encoder": "small", "encoder_output_stride": 32}),
        ("fpn", {"encoder": "small", "decoder_merge_policy": "cat"}),
        (
            "dpt",
            {"encoder": "tu-test_vit", "decoder_readout": "ignore", "decoder_fusion_channels": 16},
        ),
        ("deeplabv2", {"encoder": "small", "rates": [3, 6, 9]}),
    ],
)
def test_options_that_are_taken(architecture: str, options: dict[str, Any]) -> None:
    network = build(architecture, 3, 2, options).eval()
    plain = build(architecture, 3, 2, {"encoder": options["encoder"]})
    assert str(network) != str(plain)
    assert network(torch.zeros(1, 3, 256, 256)).shape == (1, 2, 256, 256)


@torch.no_grad()
def test_reseg_carries_what_it_meets_from_every_corner_to_the_opposite_one() -> None:
    torch.manual_seed(0)
    network = build("reseg", 3, 2, {"encoder": "small", "units": 16, "width": 8}).eval()
    pixels = torch.zeros(1, 3, 64, 96)
    before = network(pixels)
    for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        changed = pixels.clone()
        changed[..., row, column] = 100.0
        assert not torch.equal(
            network(changed)[..., -1 - row, -1 - column], before[..., -1 - row, -1 - column]
        )


def test_the_steps_of_reseg_make_its_stride_and_have_an_end() -> None:
    options = {"encoder": "small", "units": 4, "width": 4}
    assert stride_of(build("reseg", 3, 2, options | {"encoder_depth": 3, "patches": [2, 2]})) == 32
    assert stride_of(build("reseg", 3, 2, options | {"encoder_depth": 1, "patches": [1]})) == 2
    with pytest.raises(ModelError, match=r"steps of 256 px; expected at most 128"):
        build("reseg", 3, 2, options | {"encoder_depth": 5, "patches": [8]})
