"""Batches of discs on T1 and T2: cut to the network's size, varied, and with one of the two images withheld."""

from __future__ import annotations

import torch
from torch import Tensor

from lumbardisc.training.crop_augmentation import CropAugmentation
from lumbardisc.training.grade_batches import middle, regreyed, turned

GREYS = 2
"""The first planes are images, T1 and T2; masks of the nucleus on each follow, see ``inference.t1rho.PLANES``."""


def plain_planes(planes: Tensor, shape: tuple[int, int]) -> Tensor:
    """The middle (n, planes, *shape) of larger planes, as the network is shown it in use."""
    return middle(planes, shape)


def varied_planes(planes: Tensor, shape: tuple[int, int], settings: CropAugmentation, withhold: float) -> Tensor:
    """Varied planes (n, planes, *shape). withhold: share of discs with both images that lose one, masks and all.

    Uses torch's random numbers.
    """
    placed, _ = turned(planes, shape, settings)
    greys = [regreyed(placed[:, plane : plane + 1], settings) for plane in range(GREYS)]
    masks = [placed[:, plane : plane + 1] for plane in range(GREYS, placed.shape[1])]
    kept = _kept(there(planes), withhold)
    shown = kept[:, torch.arange(placed.shape[1]) % GREYS]
    return torch.cat([*greys, *masks], dim=1) * shown[:, :, None, None]


def there(planes: Tensor) -> Tensor:
    """Which images a disc has, (n, GREYS) of 0 and 1."""
    return (planes[:, :GREYS].abs().amax(dim=(2, 3)) > 0).float()


def _kept(images: Tensor, withhold: float) -> Tensor:
    """Which images are shown: of those who have both, some lose the one or the other."""
    both = images.all(dim=1) & (torch.rand(len(images)) < withhold)
    lost = torch.nn.functional.one_hot(torch.randint(GREYS, (len(images),)), GREYS)
    return images * (1.0 - both[:, None].float() * lost)
