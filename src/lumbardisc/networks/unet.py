"""The 2D U-Net of the segmentation: Ronneberger et al. 2015, padded, with batch normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


def _conv(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class _Up(nn.Module):
    """Upsampling by a transposed convolution, concatenation of the skip connection, convolutions."""

    def __init__(self, inputs: int, outputs: int, depth: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        self.convs = nn.Sequential(_conv(2 * outputs, outputs), *(_conv(outputs, outputs) for _ in range(depth - 1)))

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        out: Tensor = self.convs(torch.cat([self.up(x), skip], dim=1))
        return out


class UNet(nn.Module):
    """(batch, inputs, rows, columns) -> class scores (batch, classes, rows, columns).

    Rows and columns must be divisible by ``stride``.

    widths: channels of each level, finest first. The finest level has one convolution on its way up, for speed.
    """

    def __init__(self, classes: int, widths: Sequence[int] = (16, 32, 64, 128, 192), inputs: int = 1) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.stem = nn.Sequential(_conv(inputs, widths[0]), _conv(widths[0], widths[0]))
        self.down = nn.ModuleList(nn.Sequential(_conv(fine, coarse), _conv(coarse, coarse)) for fine, coarse in pairs)
        self.up = nn.ModuleList(
            _Up(coarse, fine, depth=1 if level == 0 else 2) for level, (fine, coarse) in enumerate(pairs)
        )
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Conv2d(widths[0], classes, 1)
        self.stride = 2 ** len(pairs)
        self.widths = tuple(widths)

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.stem(x)]
        for down in self.down:
            skips.append(down(self.pool(skips[-1])))
        x = skips.pop()
        for up, skip in zip(reversed(self.up), reversed(skips), strict=True):
            x = up(x, skip)
        scores: Tensor = self.head(x)
        return scores
