"""Wide residual network (Zagoruyko and Komodakis 2016, arXiv 1605.07146): few layers, many channels.

WRN-d-k has d = 6 n + 4 convolutions in three groups of n pre-activation blocks, and k times the channels of the thin
network. Li 2024 (doi 10.1002/jmri.29499) takes d = 22, so n = 3, and does not tell k.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

THIN = (16, 32, 64)
"""Channels of the three groups at width 1; the first convolution has the first of them at any width."""
BLOCKS = 3
"""Blocks per group: 22 = 6 * 3 + 4."""
FEWEST = 8
"""Channels come in multiples of this. With fewer, channels-last convolutions of PyTorch 2.13 on a CPU write beyond
their memory when they go backward, and the process dies."""


class Block(nn.Module):
    """Normalisation, ReLU and 3 x 3 convolution, twice; the shortcut is the identity, or 1 x 1 where shapes differ."""

    def __init__(self, inputs: int, outputs: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.activate = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(inplace=True))
        self.convs = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
        )
        differs = inputs != outputs or stride > 1
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if differs else None

    def forward(self, x: Tensor) -> Tensor:
        active = self.activate(x)
        out: Tensor = self.convs(active) + (self.shortcut(active) if self.shortcut else x)
        return out


class WideResNet(nn.Module):
    """(batch, inputs, rows, columns) -> (batch, outputs): WRN-22-``width``, for values rather than classes.

    outputs: as many values as are regressed. width: k, a fraction for networks thinner than the paper's. dropout:
    between the two convolutions of a block, as there.
    """

    def __init__(self, outputs: int, inputs: int = 1, width: float = 2.0, dropout: float = 0.0) -> None:
        super().__init__()
        channels = THIN[0]
        layers: list[nn.Module] = [nn.Conv2d(inputs, channels, 3, 1, 1, bias=False)]
        for group, thin in enumerate(THIN):
            wide = FEWEST * max(round(thin * width / FEWEST), 1)
            for block in range(BLOCKS):
                layers.append(Block(channels, wide, 2 if group and not block else 1, dropout))
                channels = wide
        self.features = nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU(inplace=True))
        self.head = nn.Linear(channels, outputs)

    def forward(self, x: Tensor) -> Tensor:
        values: Tensor = self.head(torch.mean(self.features(x), dim=(2, 3)))
        return values
