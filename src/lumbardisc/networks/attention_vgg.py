"""VGG11 with fewer convolutions and channel attention on its deep features: the grading network of Ding 2024.

The paper (section 1.5) names VGG11 (Simonyan and Zisserman 2015), says that convolution layers were taken away and
that channel attention acts on the high-level features, and gives no numbers. Taken here: one convolution per stage,
five where VGG11 has eight, batch normalisation after each; squeeze-and-excitation (Hu et al., CVPR 2018, reduction 16)
after the two deepest stages; global average pooling in place of VGG's three wide dense layers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

STAGES = (64, 128, 256, 512, 512)
"""Channels of VGG11's five stages."""
ATTENDED = 2
"""Channel attention follows this many of the deepest stages."""
REDUCTION = 16


class ChannelAttention(nn.Module):
    """Squeeze-and-excitation: each channel is weighed, 0-1, by what all channels are on average."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(channels // REDUCTION, 4)
        self.weigh = nn.Sequential(
            nn.Linear(channels, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, channels), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        weights: Tensor = self.weigh(x.mean(dim=(2, 3)))
        return x * weights[:, :, None, None]


class AttentionVGG(nn.Module):
    """(batch, inputs, rows, columns) -> class scores (batch, classes); rows and columns at least 32.

    inputs: 1, the disc on its slice, or 3 with the neighbouring slices. width: factor on the channels of VGG11.
    attention: without it, the ablation of the paper. dropout: before the last layer, as in VGG.
    """

    def __init__(
        self, classes: int = 3, inputs: int = 1, width: float = 1.0, *, attention: bool = True, dropout: float = 0.5
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for stage, full in enumerate(STAGES):
            channels = max(round(full * width), 1)
            layers += [
                nn.Conv2d(inputs, channels, 3, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
            ]
            if attention and stage >= len(STAGES) - ATTENDED:
                layers.append(ChannelAttention(channels))
            layers.append(nn.MaxPool2d(2))
            inputs = channels
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(inputs, classes))

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(torch.mean(self.features(x), dim=(2, 3)))
        return scores
