"""Networks that pool over their whole window are told from those that do not."""

from __future__ import annotations

import pytest

from geoseg.architectures import build
from geoseg.architectures.context import pools_globally

U_NET = {"decoder_channels": [32, 16, 16, 8, 8]}


@pytest.mark.parametrize(
    ("architecture", "options", "expected"),
    [
        ("unet", {"encoder": "tu-tf_efficientnet_lite0", **U_NET}, False),
        ("unet", {"encoder": "resnet18", **U_NET}, False),
        (
            "unet",
            {"encoder": "tu-efficientnet_b0", **U_NET},
            True,
        ),  # squeeze-and-excitation in every block
        ("pspnet", {"encoder": "mobilenet_v2"}, True),
    ],
)
def test_networks_that_see_their_whole_window(
    architecture: str, options: dict[str, object], expected: bool
) -> None:
    assert pools_globally(build(architecture, 3, 4, options), 3, 32) is expected
