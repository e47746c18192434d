"""Batches of disc crops: cut to the network's size, and varied for training."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

from lumbardisc.preprocess.crops import CENTRE
from lumbardisc.training.crop_augmentation import CropAugmentation


def plain(crops: Tensor, shape: tuple[int, int]) -> Tensor:
    """The middle (n, 1, *shape) of larger crops (n, rows, columns)."""
    return middle(crops[:, None], shape)


def middle(planes: Tensor, shape: tuple[int, int]) -> Tensor:
    """The middle (n, planes, *shape) of larger planes (n, planes, rows, columns)."""
    return _sampled(planes, shape, torch.eye(2).expand(len(planes), 2, 2), torch.zeros(len(planes), 2))


def varied(crops: Tensor, shape: tuple[int, int], settings: CropAugmentation) -> tuple[Tensor, Tensor]:
    """Varied crops (n, 1, *shape), and which of them are upside down (n,). Uses torch's random numbers."""
    image, mirrored = turned(crops[:, None], shape, settings)
    return regreyed(image, settings), mirrored


def turned(planes: Tensor, shape: tuple[int, int], settings: CropAugmentation) -> tuple[Tensor, Tensor]:
    """Planes (n, planes, rows, columns) cut to ``shape``, those of a disc turned, shifted and scaled alike; and which
    are upside down (n,)."""
    mirrored = torch.rand(len(planes)) < settings.mirror
    return _sampled(planes, shape, _turns(mirrored, settings), torch.randn(len(planes), 2) * settings.shift), mirrored


def _turns(mirrored: Tensor, settings: CropAugmentation) -> Tensor:
    """(n, 2, 2): a step of one pixel of the result along (row, column), in pixels (row, column) of the crop."""
    count = len(mirrored)
    angle = torch.randn(count) * settings.rotation
    size = torch.exp(torch.randn(count, 1) * settings.scale + torch.randn(count, 2) * settings.stretch)
    size = torch.stack([torch.where(mirrored, -size[:, 0], size[:, 0]), size[:, 1]], dim=1)
    cosine, sine = angle.cos(), angle.sin()
    rotation = torch.stack([torch.stack([cosine, -sine], dim=1), torch.stack([sine, cosine], dim=1)], dim=1)
    return rotation * size[:, None, :]


def _sampled(planes: Tensor, shape: tuple[int, int], turns: Tensor, shifts: Tensor) -> Tensor:
    """(n, planes, *shape) round the disc's middle, linear. shifts: (n, 2) as shares of the crop's size."""
    larger = torch.tensor(planes.shape[2:], dtype=torch.float32)
    fraction = torch.tensor(CENTRE)
    steps = [torch.arange(size) - (size * at - 0.5) for size, at in zip(shape, CENTRE, strict=True)]
    grid = torch.stack(torch.meshgrid(*steps, indexing="ij"), dim=-1)
    places = torch.einsum("nij,rcj->nrci", turns, grid) + (larger * fraction - 0.5) + (shifts * larger)[:, None, None]
    normed = (places / (larger - 1.0) * 2.0 - 1.0).flip(-1)
    return functional.grid_sample(planes, normed, padding_mode="border", align_corners=True)


def regreyed(image: Tensor, settings: CropAugmentation) -> Tensor:
    """Grey values (n, 1, rows, columns) varied as scanners do, each crop for itself."""
    count, _, rows, columns = image.shape
    power = torch.exp(torch.randn(count, 1, 1, 1) * settings.gamma)
    image = (image.clamp(0.0, 1.6) + 1e-3).pow(power)
    slopes = torch.randn(count, 2, 1, 1, 1) * settings.slope
    ramp = slopes[:, 0] * torch.linspace(-1, 1, rows)[:, None] + slopes[:, 1] * torch.linspace(-1, 1, columns)
    image = image * (1.0 + ramp.clamp(-0.6, 0.6))
    image = image + torch.randn_like(image) * torch.rand(count, 1, 1, 1) * settings.noise
    soft = torch.rand(count, 1, 1, 1) < settings.blur
    return torch.where(soft, functional.avg_pool2d(image, 3, 1, 1), image)
