"""What windows a network takes: multiples of which size, any of them or only the one that it was
trained with.
"""

from __future__ import annotations

from math import ceil, lcm

import torch

from ..core.errors import ModelError

WIDTH = 4096  # pixels: farther than the layers of any encoder in use reach, one by one


def stride_of(network: torch.nn.Module) -> int:
    """Return what rows and columns of a window must be multiples of: a card's stride.

    Parameters
    ----------
    network
        One of ARCHITECTURES. The number is its encoder's, unless its decoder asks for more and it
        has an attribute `stride`.

    Returns
    -------
    int
        Pixels.
    """
    return int(getattr(network, "stride", None) or network.get_submodule("encoder").output_stride)  # type: ignore[arg-type]


@torch.no_grad()
def check_runs(network: torch.nn.Module, bands: int, labels: int, name: str) -> None:
    """Raise unless a small window, of odd multiples of the stride, gives logits of its own size.

    Parameters
    ----------
    network
        It is left in the mode, training or not, that it was in.
    bands
        Channels that it takes.
    labels
        Channels that it must give.
    name
        What errors call it.

    Raises
    ------
    ModelError
        If it does not run, or gives another shape than [1, label, row, column].
    """
    rows = 3 * stride_of(network)
    columns = 5 * stride_of(network)
    training = network.training
    try:
        shape = tuple(network.eval()(torch.zeros(1, bands, rows, columns)).shape)
    except (RuntimeError, ValueError, TypeError, IndexError, AssertionError) as error:
        raise ModelError(f"{name} does not run: {error}") from error
    network.train(training)
    if shape != (1, labels, rows, columns):
        raise ModelError(
            f"{name} turns {rows} x {columns} px into logits of shape {shape}",
            "logits for every pixel",
        )


def refuse_other_windows(network: torch.nn.Module) -> None:
    """Let the network say in words that a window is no multiple of its stride.

    Parameters
    ----------
    network
        It gets a hook that raises ModelError, where PyTorch would tell of tensors' sizes or, worse,
        go on.

    Raises
    ------
    ModelError
        By the hook, when the network is called with such a window.
    """
    stride = stride_of(network)

    def look(_: torch.nn.Module, entering: tuple[torch.Tensor, ...]) -> None:
        if torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
            return  # sizes are no numbers then
        rows, columns = entering[0].shape[-2:]
        if rows % stride or columns % stride:
            raise ModelError(
                f"the network got a window of {rows} x {columns} px",
                f"multiples of {stride} px",
                "choose another tile (--tile), in training another crop (--crop)",
            )

    network.register_forward_pre_hook(look)


@torch.no_grad()
def pools_globally(network: torch.nn.Module, bands: int, stride: int) -> bool:
    """Return whether pixels at one end of a long window change the logits at its other end.

    Convolutions reach a bounded distance. What pools over the whole window (PSPNet's pyramid,
    squeeze-and-excitation, attention) reaches everywhere, so that its scores depend on the
    window's size; so do group and instance normalisation. Found by trying, for there are too many
    kinds of layers to name. What recurrent layers remember fades, of random weights within some
    hundred steps, which no trial tells from none: such a network says `sees_all` itself.

    Parameters
    ----------
    network
        On any device; it is left in the mode, training or not, that it was in.
    bands
        Channels that it takes.
    stride
        What else rows and columns must be multiples of, in pixels: the card's.

    Returns
    -------
    bool
        True where windows of one size alone should be mapped with it.
    """
    if getattr(network, "sees_all", False):
        return True
    training = network.training
    generator = torch.Generator().manual_seed(0)
    side = ceil(32 / stride) * lcm(stride, stride_of(network))
    shape = (1, bands, side, ceil(WIDTH / side) * side)
    pixels = torch.randn(shape, generator=generator).to(next(network.parameters()).device)
    changed = pixels.clone()
    changed[..., : WIDTH // 8] += (
        3.0  # enough to show in the mean of the whole window, and still far away
    )
    network.eval()
    far = [network(image)[..., -side:] for image in (pixels, changed)]
    network.train(training)
    return not torch.equal(*far)
