"""Losses against PyTorch's own and against their definition."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, one_hot

from geoseg.core.errors import InputError
from geoseg.training.config import LossConfig
from geoseg.training.losses import (
    binary,
    class_weights,
    combine,
    dice,
    focal,
    sharpen,
    soft_cross_entropy,
)

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
        soft_cross_entropy(logits, shares, weight, EVEN),
        cross_entropy(logits, ignored, ignore_index=255),
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
        torch.testing.assert_close(
            loss(logits, shares, weight, EVEN), loss(other, shares, weight, EVEN)
        )


def test_nothing_labelled_is_no_loss_and_no_nan() -> None:
    logits, _, shares, weight = make()
    for loss in (soft_cross_entropy, dice, focal, binary):
        assert loss(logits, shares, 0 * weight, EVEN) == 0


def test_dice_runs_from_right_to_wrong() -> None:
    _, _, shares, weight = make()
    right, wrong = (100 * s for s in (shares, shares.roll(1, dims=1)))
    torch.testing.assert_close(dice(right, shares, weight, EVEN), torch.tensor(0.0))
    assert dice(wrong, shares, weight, EVEN) > 0.7


def test_dice_of_several_classes_takes_each_by_itself() -> None:
    """Two classes at once can both be all there, which softmax has no logits for."""
    shares, weight = torch.ones(1, 2, 4, 4), torch.ones(1, 4, 4)
    given = (100 * shares, shares, weight, torch.ones(2))
    torch.testing.assert_close(dice(*given, activation="sigmoid"), torch.tensor(0.0))
    assert dice(*given) > 0.1
    assert combine(LossConfig(cross_entropy=0.0, binary=1.0, dice=1.0))(*given) < 1e-6
    assert combine(LossConfig(cross_entropy=1.0, dice=1.0))(*given) > 0.1


def test_class_weights_are_those_of_cross_entropy() -> None:
    logits, classes, shares, weight = make()
    heavy = torch.tensor([0.5, 2.0, 1.0, 0.25])
    expected = cross_entropy(
        logits, classes.masked_fill(weight == 0, 255), weight=heavy, ignore_index=255
    )
    torch.testing.assert_close(soft_cross_entropy(logits, shares, weight, heavy), expected)


def test_focal_without_focus_is_cross_entropy_and_less_with() -> None:
    logits, _, shares, weight = make()
    plain = soft_cross_entropy(logits, shares, weight, EVEN)
    torch.testing.assert_close(focal(logits, shares, weight, EVEN, gamma=0.0), plain)
    assert focal(logits, shares, weight, EVEN) < plain


def test_binary_is_the_mean_over_classes_of_pytorchs_own() -> None:
    logits, _, shares, weight = make()
    kept = weight.unsqueeze(1).expand_as(shares) > 0
    expected = binary_cross_entropy_with_logits(logits[kept], shares[kept])
    torch.testing.assert_close(binary(logits, shares, weight, EVEN), expected)


def test_losses_add_up_by_their_weights() -> None:
    given = (*make()[:1], *make()[2:], EVEN)
    total = combine(LossConfig(cross_entropy=0.5, dice=2.0, focal=1.0, gamma=1.5, binary=0.25))(
        *given
    )
    parts = (
        0.5 * soft_cross_entropy(*given)
        + 2 * dice(*given)
        + focal(*given, gamma=1.5)
        + 0.25 * binary(*given)
    )
    torch.testing.assert_close(total, parts)


def test_balanced_classes_weigh_by_the_inverse_root() -> None:
    assert class_weights(LossConfig(classes="balanced"), [400.0, 100.0, 0.0]) == pytest.approx(
        [2 / 3, 4 / 3, 1.0]
    )
    assert class_weights(LossConfig(classes=[1.0, 3.0]), [1.0, 1.0]) == [0.5, 1.5]
    assert class_weights(LossConfig(), [5.0, 1.0]) == [1.0, 1.0]


def test_sharpened_shares_mean_the_same_class_and_add_up_to_one() -> None:
    target = torch.tensor([[[[102, 0]], [[51, 0]], [[102, 0]]]], dtype=torch.uint8)
    shares, weight = sharpen(target, 2.0)
    torch.testing.assert_close(shares[0, :, 0, 0], torch.tensor([4.0, 1.0, 4.0]) / 9)
    assert weight.tolist() == [[[1.0, 0.0]]]
    assert not shares[0, :, 0, 1].any()
    torch.testing.assert_close(
        sharpen(target, 1.0, several=True)[0][0, :, 0, 0], torch.tensor([0.4, 0.2, 0.4])
    )
    with pytest.raises(InputError, match=r"loss.sharpen = 0"):
        LossConfig(sharpen=0.0)
