"""The default grader: a small residual network whose scores are means over a map, so that every place has its share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class Block(nn.Module):
    """Two convolutions and a shortcut (He et al. 2016, doi 10.1109/CVPR.2016.90), which is pooled by ``stride``."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.convs = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(stride), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = torch.relu(self.convs(x) + self.shortcut(x))
        return out


class Grader(nn.Module):
    """Crops (batch, 1, rows, columns), any grey scale -> evidence (batch, heads, rows / 16, columns / 16).

    The score of a head is the mean of its evidence. Every crop is brought to mean 0 and standard deviation 1 first.
    widths: channels of the four levels. dropout: share of the last features left out in training.
    """

    def __init__(self, heads: int, widths: Sequence[int] = (24, 48, 96, 144), dropout: float = 0.2) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, widths[0], 5, 2, 2, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True)
        )
        self.blocks = nn.Sequential(
            Block(widths[0], widths[0], 1),
            *(Block(fine, coarse, 2) for fine, coarse in pairwise(widths)),
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Conv2d(widths[-1], heads, 1)

    def forward(self, x: Tensor) -> Tensor:
        evidence: Tensor = self.head(self.dropout(self.blocks(self.stem(standardise(x)))))
        return evidence


class Committee(nn.Module):
    """The mean evidence of several graders."""

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([member(x) for member in self.members]).mean(dim=0)


def standardise(x: Tensor) -> Tensor:
    """Mean 0 and standard deviation 1 over each crop; a constant crop becomes 0."""
    centred = x - x.mean(dim=(2, 3), keepdim=True)
    deviation: Tensor = centred.square().mean(dim=(2, 3), keepdim=True).sqrt()
    return centred / (deviation + 1e-3)
