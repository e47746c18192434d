"""The partial loss against plain cross-entropy, and where it must be silent."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from lumbardisc.training.losses import partial_loss  # noqa: E402
from lumbardisc.training.partial import ANY, BACKGROUND, BODY, DISC  # noqa: E402

pytestmark = pytest.mark.train


def scores() -> torch.Tensor:
    return torch.randn(2, 6, 8, 8, generator=torch.Generator().manual_seed(1), requires_grad=True)


def test_background_only_is_plain_cross_entropy() -> None:
    values = scores()
    allowed = torch.full((2, 8, 8), BACKGROUND, dtype=torch.uint8)
    plain = torch.nn.functional.cross_entropy(values, torch.zeros(2, 8, 8, dtype=torch.long))
    assert partial_loss(values, allowed).item() == pytest.approx(plain.item(), rel=1e-5)


def test_without_dice_it_is_plain_cross_entropy_for_any_classes() -> None:
    values = scores()
    classes = torch.arange(128).reshape(2, 8, 8) % 6
    plain = torch.nn.functional.cross_entropy(values, classes).item()
    allowed = (1 << classes).to(torch.uint8)
    assert partial_loss(values, allowed, dice_weight=0.0).item() == pytest.approx(plain, rel=1e-5)
    half, whole = (partial_loss(values, allowed, dice_weight=weight).item() for weight in (0.5, 1.0))
    assert half - plain == pytest.approx((whole - plain) / 2, rel=1e-4)


def test_dice_part_by_hand() -> None:
    """One pixel surely disc, predicted so with certainty: cross-entropy and Dice loss both vanish."""
    values = torch.full((1, 6, 1, 1), -40.0)
    values[0, 1] = 40.0
    assert partial_loss(values, torch.tensor([[[DISC]]], dtype=torch.uint8)).item() == pytest.approx(0.0, abs=1e-5)


def test_undecided_pixels_add_nothing() -> None:
    values = scores()
    partial_loss(values, torch.full((2, 8, 8), ANY, dtype=torch.uint8)).backward()
    assert values.grad is not None
    assert values.grad.abs().max() == 0


def test_either_of_two_classes_is_as_good() -> None:
    allowed = torch.full((1, 4, 4), DISC | BODY, dtype=torch.uint8)
    disc, body = torch.zeros(1, 6, 4, 4), torch.zeros(1, 6, 4, 4)
    disc[:, 1], body[:, 3] = 9.0, 9.0
    assert partial_loss(disc, allowed).item() == pytest.approx(partial_loss(body, allowed).item(), rel=1e-2)


def test_without_dice_it_is_cross_entropy_for_foreground_too() -> None:
    values = scores()
    allowed = torch.full((2, 8, 8), DISC, dtype=torch.uint8)
    plain = torch.nn.functional.cross_entropy(values, torch.ones(2, 8, 8, dtype=torch.long))
    assert partial_loss(values, allowed, dice_weight=0.0).item() == pytest.approx(plain.item(), rel=1e-5)
    assert partial_loss(values, allowed).item() > plain.item()
