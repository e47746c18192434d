"""The U-Net that pads nothing on its way up (Ronneberger et al. 2015), and its variants of Markhali 2024."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn


class _Convs(nn.Sequential):
    """Two convolutions of 3 x 3, each with its activation.

    Unpadded ones take two pixels off rows and columns each; dilated ones are padded until they take as many.
    """

    def __init__(self, inputs: int, outputs: int, *, padded: bool, batch_norm: bool, dilation: int) -> None:
        layers: list[nn.Module] = []
        for channels in (inputs, outputs):
            padding = dilation if padded else dilation - 1
            layers.append(nn.Conv2d(channels, outputs, 3, padding=padding, dilation=dilation, bias=not batch_norm))
            layers += [nn.BatchNorm2d(outputs)] if batch_norm else []
            layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)


class UnpaddedUNet(nn.Module):
    """(batch, 1, side, side) -> class scores (batch, classes, answer, answer), see ``preprocess.unpadded.answered``.

    widths: channels of each level, finest first. padded: whether the convolutions of the contraction keep its size.
    dropout: share of the coarsest features that training leaves out.
    """

    def __init__(
        self,
        classes: int,
        widths: Sequence[int],
        *,
        padded: bool = True,
        batch_norm: bool = False,
        dropout: float = 0.2,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        convs = partial(_Convs, batch_norm=batch_norm, dilation=dilation)
        *fine, coarsest = widths
        ways_down = list(pairwise((1, *fine)))
        ways_up = list(pairwise(reversed(widths)))
        self.down = nn.ModuleList(convs(inputs, outputs, padded=padded) for inputs, outputs in ways_down)
        self.pool = nn.MaxPool2d(2)
        self.bottleneck = convs(fine[-1], coarsest, padded=False)
        self.dropout = nn.Dropout(dropout)
        self.up = nn.ModuleList(nn.ConvTranspose2d(inputs, outputs, 2, stride=2) for inputs, outputs in ways_up)
        self.join = nn.ModuleList(convs(2 * outputs, outputs, padded=False) for _, outputs in ways_up)
        self.head = nn.Conv2d(widths[0], classes, 1)
        self.apply(_draw)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.down:
            skips.append(down(x))
            x = self.pool(skips[-1])
        x = self.dropout(self.bottleneck(x))
        for up, join, skip in zip(self.up, self.join, reversed(skips), strict=True):
            x = up(x)
            x = join(torch.cat([_middle(skip, x.shape[-1]), x], dim=1))
        scores: Tensor = self.head(x)
        return scores


def _middle(x: Tensor, side: int) -> Tensor:
    start = (x.shape[-1] - side) // 2
    return x[:, :, start : start + side, start : start + side]


def _draw(layer: nn.Module) -> None:
    """First weights with a standard deviation of sqrt(2 / inputs), as the U-Net's authors advise (He et al. 2015)."""
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
