"""How far a network sees: whether a window may be of any size, or must be the one that it was trained with."""

from __future__ import annotations

import torch

WIDTH = 4096  # pixels: farther than the layers of any encoder in use reach, one by one


@torch.no_grad()
def pools_globally(network: torch.nn.Module, bands: int, stride: int) -> bool:
    """Return whether pixels at one end of a long window change the logits at its other end.

    Convolutions reach a bounded distance. What pools over the whole window (PSPNet's pyramid,
    squeeze-and-excitation, attention) reaches everywhere, so that its scores depend on the
    window's size. Found by trying, for there are too many kinds of layers to name.
    """
    training = network.training
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randn(1, bands, 2 * stride, WIDTH, generator=generator).to(next(network.parameters()).device)
    changed = pixels.clone()
    changed[..., : 2 * stride] += 3.0
    network.eval()
    far = [network(image)[..., -2 * stride :] for image in (pixels, changed)]
    network.train(training)
    return not torch.equal(*far)
