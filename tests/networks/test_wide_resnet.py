"""WRN-22-k: its depth, its size as counted by hand, what it takes, and that its shortcuts are open."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from lumbardisc.networks.wide_resnet import WideResNet

pytestmark = pytest.mark.train


def weights_by_hand(inputs: int, outputs: int, k: int) -> int:
    """First convolution; per block two normalisations, two convolutions, and a projection where a group begins."""
    total, before = 9 * inputs * 16, 16
    for thin in (16, 32, 64):
        wide = thin * k
        total += 2 * before + 9 * before * wide + 2 * wide + 9 * wide * wide + before * wide
        total += 2 * (2 * wide + 9 * wide * wide + 2 * wide + 9 * wide * wide)
        before = wide
    return total + 2 * before + (before + 1) * outputs


def test_twenty_two_convolutions() -> None:
    layers = [layer for layer in WideResNet(3).modules() if isinstance(layer, nn.Conv2d)]
    assert len(layers) == 22
    assert sum(layer.kernel_size == (3, 3) for layer in layers) == 1 + 3 * 3 * 2
    assert [layer.stride for layer in layers].count((2, 2)) == 4, "two groups begin with a step, and so do projections"


@pytest.mark.parametrize(("inputs", "outputs", "k"), [(1, 3, 2), (2, 6, 4), (1, 1, 10)])
def test_has_the_weights_counted_by_hand(inputs: int, outputs: int, k: int) -> None:
    with torch.device("meta"):
        network = WideResNet(outputs, inputs, width=k)
    assert sum(parameter.numel() for parameter in network.parameters()) == weights_by_hand(inputs, outputs, k)


def test_wrn_22_10_is_as_large_as_the_paper_says() -> None:
    """Its table of depths and widths: 26.8 million parameters, for ten classes of colour images."""
    with torch.device("meta"):
        network = WideResNet(10, inputs=3, width=10)
    assert sum(parameter.numel() for parameter in network.parameters()) == pytest.approx(26.8e6, rel=5e-3)


@pytest.mark.parametrize(("inputs", "rows", "columns"), [(1, 64, 96), (2, 33, 47), (3, 4, 4)])
def test_takes_crops_of_any_size(inputs: int, rows: int, columns: int) -> None:
    network = WideResNet(3, inputs, width=0.5).eval()
    images = torch.randn(2, inputs, rows, columns)
    assert network.features(images).shape == (2, 32, -(-rows // 4), -(-columns // 4))
    assert network(images).shape == (2, 3)


def test_blocks_without_convolutions_pass_their_input_on() -> None:
    network = WideResNet(3, width=1)
    block = network.features[2]
    nn.init.zeros_(block.convs[-1].weight)
    image = torch.randn(1, 16, 5, 5)
    assert torch.equal(block(image), image)


def test_a_very_thin_network_still_learns_without_harm() -> None:
    """Four channels, channels last, would end the process here."""
    network = WideResNet(3, width=0.1).to(memory_format=torch.channels_last)
    network(torch.randn(2, 1, 16, 32)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
