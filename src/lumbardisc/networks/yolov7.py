"""The detector of YOLOv7 (Wang, Bochkovskiy and Liao, CVPR 2023, arXiv 2207.02696), at any width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

STRIDES = (8, 16, 32)
"""Pixels per cell of the three maps that the network answers with, finest first."""
ANCHORS = (
    ((12, 16), (19, 36), (40, 28)),
    ((36, 75), (76, 55), (72, 146)),
    ((142, 110), (192, 243), (459, 401)),
)
"""Width and height of the paper's boxes to start from, in pixels of a 640 x 640 image, three for each map."""
ANCHOR_SIDE = 640
_LEAST = 8
"""Channels at least: with fewer, PyTorch 2.13 was seen to crash on some processors when learning."""
BOX = 5
"""Values per anchor before the classes: x, y, width, height, whether there is anything."""


def scaled_anchors(side: int) -> Tensor:
    """``ANCHORS`` for an image of ``side`` pixels: (3 maps, 3, 2)."""
    return torch.tensor(ANCHORS, dtype=torch.float32) * (side / ANCHOR_SIDE)


class YOLOv7(nn.Module):
    """(batch, inputs, side, side) -> (batch, 5 + classes, anchors): raw scores, the maps one after the other.

    The side must be divisible by 32. Within a map anchors run slowest, then rows, then columns. What the scores mean
    as boxes stands in ``inference.detection.decode``. width: factor on the paper's channels, 1 for its 37.6 million
    parameters.
    """

    def __init__(self, classes: int, width: float = 1.0, inputs: int = 3) -> None:
        super().__init__()
        self.classes, self.width, self.inputs = classes, width, inputs

        def c(channels: int) -> int:
            return max(round(channels * width), _LEAST)

        self.stem = nn.Sequential(_Conv(inputs, c(32), 3), _Conv(c(32), c(64), 3, 2), _Conv(c(64), c(64), 3))
        self.stage1 = nn.Sequential(_Conv(c(64), c(128), 3, 2), _backbone_elan(c(128), c(64), c(256)))
        self.stage2 = nn.Sequential(_Halve(c(256), c(128)), _backbone_elan(c(256), c(128), c(512)))
        self.stage3 = nn.Sequential(_Halve(c(512), c(256)), _backbone_elan(c(512), c(256), c(1024)))
        self.stage4 = nn.Sequential(_Halve(c(1024), c(512)), _backbone_elan(c(1024), c(256), c(1024)))
        self.pool = _PyramidPool(c(1024), c(512))
        self.up4 = _Up(c(512), c(1024), c(256))
        self.neck4 = _neck_elan(c(512), c(256))
        self.up3 = _Up(c(256), c(512), c(128))
        self.neck3 = _neck_elan(c(256), c(128))
        self.down4 = _Halve(c(128), c(128))
        self.join4 = _neck_elan(c(512), c(256))
        self.down5 = _Halve(c(256), c(256))
        self.join5 = _neck_elan(c(1024), c(512))
        self.heads = nn.ModuleList(
            nn.Sequential(_RepConv(c(channels), c(2 * channels)), _Head(c(2 * channels), classes))
            for channels in (128, 256, 512)
        )

    def forward(self, image: Tensor) -> Tensor:
        c3 = self.stage2(self.stage1(self.stem(image)))
        c4 = self.stage3(c3)
        p5 = self.pool(self.stage4(c4))
        p4 = self.neck4(self.up4(p5, c4))
        p3 = self.neck3(self.up3(p4, c3))
        p4 = self.join4(torch.cat([self.down4(p3), p4], dim=1))
        p5 = self.join5(torch.cat([self.down5(p4), p5], dim=1))
        maps = [head(features) for head, features in zip(self.heads, (p3, p4, p5), strict=True)]
        return torch.cat(maps, dim=2)


class _Conv(nn.Sequential):
    """Convolution, batch normalisation, SiLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
            nn.SiLU(inplace=True),
        )


class _ELAN(nn.Module):
    """Efficient layer aggregation: two short branches and a chain of 3 x 3 convolutions, all of ``kept`` joined.

    kept: which outputs are joined: 0 and 1 are the short branches, 2 and up the chain.
    """

    def __init__(self, inputs: int, branch: int, chain: int, outputs: int, kept: Sequence[int]) -> None:
        super().__init__()
        self.first, self.second = _Conv(inputs, branch), _Conv(inputs, branch)
        self.chain = nn.ModuleList(_Conv(branch if i == 0 else chain, chain, 3) for i in range(4))
        widths = [branch, branch, *[chain] * 4]
        self.kept = tuple(kept)
        self.join = _Conv(sum(widths[i] for i in kept), outputs)

    def forward(self, x: Tensor) -> Tensor:
        made = [self.first(x), self.second(x)]
        for conv in self.chain:
            made.append(conv(made[-1]))
        return cast(Tensor, self.join(torch.cat([made[i] for i in self.kept], dim=1)))


def _backbone_elan(inputs: int, branch: int, outputs: int) -> _ELAN:
    return _ELAN(inputs, branch, branch, outputs, kept=(0, 1, 3, 5))


def _neck_elan(inputs: int, outputs: int) -> _ELAN:
    """ELAN-W: narrower chain, every output joined."""
    return _ELAN(inputs, outputs, max(outputs // 2, _LEAST), outputs, kept=range(6))


class _Halve(nn.Module):
    """Half the resolution by pooling and by a convolution with stride, joined: twice ``branch`` channels."""

    def __init__(self, inputs: int, branch: int) -> None:
        super().__init__()
        self.pooled = nn.Sequential(nn.MaxPool2d(2), _Conv(inputs, branch))
        self.strided = nn.Sequential(_Conv(inputs, branch), _Conv(branch, branch, 3, 2))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.strided(x), self.pooled(x)], dim=1)


class _PyramidPool(nn.Module):
    """SPPCSPC: pooling over 1, 5, 9 and 13 cells beside a plain branch."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.before = nn.Sequential(_Conv(inputs, outputs), _Conv(outputs, outputs, 3), _Conv(outputs, outputs))
        self.pools = nn.ModuleList(nn.MaxPool2d(size, 1, size // 2) for size in (5, 9, 13))
        self.after = nn.Sequential(_Conv(4 * outputs, outputs), _Conv(outputs, outputs, 3))
        self.plain = _Conv(inputs, outputs)
        self.join = _Conv(2 * outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        before = self.before(x)
        pooled = self.after(torch.cat([before, *(pool(before) for pool in self.pools)], dim=1))
        return cast(Tensor, self.join(torch.cat([pooled, self.plain(x)], dim=1)))


class _Up(nn.Module):
    """A coarse map at twice its resolution, joined to a finer one; both are brought to ``outputs`` channels."""

    def __init__(self, coarse: int, fine: int, outputs: int) -> None:
        super().__init__()
        self.coarse = nn.Sequential(_Conv(coarse, outputs), nn.Upsample(scale_factor=2.0, mode="nearest"))
        self.fine = _Conv(fine, outputs)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        return torch.cat([self.fine(fine), self.coarse(coarse)], dim=1)


class _RepConv(nn.Module):
    """A 3 x 3 and a 1 x 1 convolution side by side, which could be one at inference."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.wide, self.narrow = (
            nn.Sequential(
                nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
                nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
            )
            for kernel in (3, 1)
        )
        self.activation = nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.activation(self.wide(x) + self.narrow(x)))


class _Head(nn.Module):
    """Scores of three anchors per cell, with the implicit knowledge of YOLOR (arXiv 2105.04206) added and multiplied.

    Scores begin as in RetinaNet (arXiv 1708.02002): few cells hold anything.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.values = BOX + classes
        anchors = len(ANCHORS[0])
        self.conv = nn.Conv2d(inputs, anchors * self.values, 1)
        self.added = nn.Parameter(torch.empty(1, inputs, 1, 1).normal_(std=0.02))
        self.multiplied = nn.Parameter(torch.empty(1, anchors * self.values, 1, 1).normal_(mean=1.0, std=0.02))
        with torch.no_grad():
            bias = self.conv.bias.view(anchors, self.values)  # type: ignore[union-attr]
            bias[:, 4] -= 5.0
            bias[:, BOX:] -= 2.0

    def forward(self, x: Tensor) -> Tensor:
        scores = self.multiplied * self.conv(x + self.added)
        batch, _, rows, columns = scores.shape
        by_anchor = scores.view(batch, -1, self.values, rows * columns)
        return cast(Tensor, by_anchor.permute(0, 2, 1, 3).reshape(batch, self.values, -1))
