"""Every architecture keeps one contract: any bands, any encoder, forward, backward, save, load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from geoseg.architectures import ARCHITECTURES, build
from geoseg.errors import ModelError

SMALL: dict[str, dict[str, Any]] = {
    "unet": {"encoder": "mobilenet_v2", "decoder_channels": [32, 16, 16, 8, 8]},
    "pspnet": {"encoder": "mobilenet_v2", "psp_out_channels": 32},
}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
class TestContract:
    """What every entry of ARCHITECTURES does."""

    def make(self, architecture: str, bands: int = 4, labels: int = 3) -> torch.nn.Module:
        torch.manual_seed(0)
        return build(architecture, bands, labels, SMALL[architecture])

    @pytest.mark.parametrize("bands", [1, 3, 9])
    def test_takes_any_number_of_bands(self, architecture: str, bands: int) -> None:
        logits = self.make(architecture, bands, 5).eval()(torch.zeros(1, bands, 64, 96))
        assert logits.shape == (1, 5, 64, 96)

    def test_odd_sizes_through_padding_to_the_stride(self, architecture: str) -> None:
        pixels = torch.rand(1, 4, 37, 61)
        padded = torch.nn.functional.pad(pixels, (0, -61 % 32, 0, -37 % 32), mode="reflect")
        assert self.make(architecture).eval()(padded)[..., :37, :61].shape == (1, 3, 37, 61)

    def test_every_weight_that_the_output_needs_gets_a_gradient(self, architecture: str) -> None:
        network = self.make(architecture).train()
        network(torch.rand(2, 4, 64, 64)).square().mean().backward()
        head = [parameter.grad for name, parameter in network.named_parameters() if "head" in name]
        first = next(network.parameters()).grad
        assert first is not None
        assert first.abs().sum() > 0
        assert all(gradient is not None and gradient.isfinite().all() for gradient in head)

    def test_half_precision_weights_survive_a_file(self, architecture: str, tmp_path: Path) -> None:
        network, path = self.make(architecture).half().float().eval(), tmp_path / "weights.safetensors"
        state = network.state_dict()
        save_file({name: value.half() if value.is_floating_point() else value for name, value in state.items()}, path)
        other = build(architecture, 4, 3, SMALL[architecture]).eval()
        other.load_state_dict({name: value.float() for name, value in load_file(path).items()})
        pixels = torch.rand(1, 4, 64, 64)
        assert torch.equal(network(pixels), other(pixels))


@pytest.mark.parametrize("encoder", ["resnet18", "timm-tf_efficientnet_lite0", "tu-mobilenetv3_small_050"])
def test_encoders_of_smp_and_of_timm(encoder: str) -> None:
    network = build("unet", 2, 2, {"encoder": encoder, "decoder_channels": [16, 16, 8, 8, 8]})
    assert network.eval()(torch.zeros(1, 2, 64, 64)).shape == (1, 2, 64, 64)


def test_an_unknown_architecture_names_the_known() -> None:
    with pytest.raises(ModelError, match=r"unknown architecture 'wnet'.*pspnet, unet"):
        build("wnet", 3, 2, {})


@pytest.mark.parametrize("encoder", ["resnet19", "tu-resnet19"])
def test_an_unknown_encoder_names_the_known(encoder: str) -> None:
    with pytest.raises(ModelError, match=f"unknown encoder '{encoder}'.*resnet18"):
        build("unet", 3, 2, {"encoder": encoder})


def test_options_that_smp_does_not_take() -> None:
    with pytest.raises(ModelError, match="cannot be built"):
        build("unet", 3, 2, {"encoder": "resnet18", "wings": 2})
