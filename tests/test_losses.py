"""Losses against PyTorch's own and against their definition."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy, one_hot

from geoseg.training.losses import binary, dice, focal, soft_cross_entropy

EVEN = torch.ones(4)


def make(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, 4, 5, 6, generator=generator)
    classes = torch.randint(0, 4, (2, 5, 6), generator=generator)
    weight = (torch.rand(2, 5, 6, generator=generator) < 0.7).float()
    return logits, classes, one_hot(classes, 4).movedim(3, 1).float(), weight


def test_hard_labels_give_cross_entropy_with_ignore() -> None:
    logits, classes, shares, weight = make()
    ignored = classes.masked_fill(weight == 0, 255)
    torch.testing.assert_close(
        soft_cross_entropy(logits, shares, weight, EVEN), cross_entropy(logits, ignored, ignore_index=255)
    )


def test_soft_labels_give_the_mean_of_the_hard_losses() -> None:
    logits, _, shares, weight = make()
    mixed = 0.25 * shares + 0.75 * shares.roll(1, dims=1)
    expected = 0.25 * soft_cross_entropy(logits, shares, weight, EVEN)
    expected += 0.75 * soft_cross_entropy(logits, shares.roll(1, dims=1), weight, EVEN)
    torch.testing.assert_close(soft_cross_entropy(logits, mixed, weight, EVEN), expected)


def test_pixels_of_no_weight_change_nothing() -> None:
    logits, _, shares, weight = make()
    other = torch.where(weight.unsqueeze(1) > 0, logits, logits + 9 * torch.rand_like(logits))
    for loss in (soft_cross_entropy, dice, focal, binary):
        torch.testing.assert_close(loss(logits, shares, weight, EVEN), loss(other, shares, weight, EVEN))


def test_nothing_labelled_is_no_loss_and_no_nan() -> None:
    logits, _, shares, weight = make()
    for loss in (soft_cross_entropy, dice, focal, binary):
        assert loss(logits, shares, 0 * weight, EVEN) == 0


def test_dice_runs_from_right_to_wrong() -> None:
    _, _, shares, weight = make()
    right, wrong = (100 * s for s in (shares, shares.roll(1, dims=1)))
    torch.testing.assert_close(dice(right, shares, weight, EVEN), torch.tensor(0.0))
    assert dice(wrong, shares, weight, EVEN) > 0.7
