"""The grading network of Ding 2024: its size as counted by hand, what attention does, every shape it must take."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from lumbardisc.networks.attention_vgg import AttentionVGG, ChannelAttention
from lumbardisc.networks.unet import UNet

pytestmark = pytest.mark.train

CHANNELS = (64, 128, 256, 512, 512)


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("inputs", [1, 3])
def test_full_width_has_the_weights_counted_by_hand(inputs: int) -> None:
    before = (inputs, *CHANNELS[:-1])
    convolutions = sum(9 * a * b + 2 * b for a, b in zip(before, CHANNELS, strict=True))  # and batch normalisation
    attention = 2 * (512 * 32 + 32 + 32 * 512 + 512)
    with torch.device("meta"):
        assert count(AttentionVGG(inputs=inputs)) == convolutions + attention + 512 * 3 + 3
        assert count(AttentionVGG(inputs=inputs, attention=False)) == convolutions + 512 * 3 + 3


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("inputs", [1, 3])
def test_takes_both_published_crops(inputs: int, attention: bool) -> None:
    network = AttentionVGG(inputs=inputs, width=1 / 16, attention=attention).eval()
    assert network(torch.zeros(2, inputs, 128, 256)).shape == (2, 3)


def test_attention_weighs_channels_by_all_of_them() -> None:
    attention = ChannelAttention(32)
    image = torch.randn(2, 32, 5, 7)
    weighed = attention(image) / image
    assert torch.allclose(weighed, weighed[:, :, :1, :1].expand_as(weighed), atol=1e-4), "one weight per channel"
    assert ((weighed > 0) & (weighed < 1)).all()
    for layer in (attention.weigh[0], attention.weigh[2]):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    assert torch.allclose(attention(image), image / 2), "the sigmoid of nothing is a half"


def test_the_published_unet_builds_at_full_width() -> None:
    """Four poolings from 64 channels: 31 million weights, as the U-Net of 2015."""
    with torch.device("meta"):
        network = UNet(2, [64, 128, 256, 512, 1024], inputs=1)
        assert network(torch.zeros(1, 1, 512, 512)).shape == (1, 2, 512, 512)
    assert network.stride == 16
    assert 30e6 < count(network) < 32e6
