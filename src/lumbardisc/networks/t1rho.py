"""From T1 and T2 crops of a disc to its T1rho and how uncertain that is: WRN-22 behind what prepares the planes."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from lumbardisc.networks.grader import standardise
from lumbardisc.networks.wide_resnet import WideResNet

STEP = 2
"""Blocks of so many pixels squared become channels first, which costs a quarter and loses nothing."""


class T1rhoNetwork(nn.Module):
    """(batch, planes, rows, columns) -> (batch, outputs), the last one the log-variance of the first.

    planes: ``greys`` images, each brought to mean 0 and standard deviation 1, then masks as they are. An image that is
    not there is 0 throughout; the network is told which those are.
    """

    def __init__(self, outputs: int, planes: int, greys: int = 2, width: float = 0.5, dropout: float = 0.0) -> None:
        super().__init__()
        self.greys = greys
        self.body = WideResNet(outputs, planes * STEP**2 + greys, width, dropout)

    def forward(self, x: Tensor) -> Tensor:
        grey, masks = x[:, : self.greys], x[:, self.greys :]
        there = (grey.abs().amax(dim=(2, 3), keepdim=True) > 0).to(x.dtype)
        blocks = functional.pixel_unshuffle(torch.cat([standardise(grey), masks], dim=1), STEP)
        told = there.expand(-1, -1, *blocks.shape[2:])
        values: Tensor = self.body(torch.cat([blocks, told], dim=1))
        return values
