"""The unpadded U-Net: published sizes, number of weights, and where each answer lies on the input."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from lumbardisc.networks.unpadded_unet import UnpaddedUNet
from lumbardisc.preprocess.unpadded import Contraction, answered

pytestmark = pytest.mark.train

PUBLISHED = (64, 128, 256, 512, 1024)


def answer(side: int, widths: tuple[int, ...], **options: object) -> tuple[int, ...]:
    """The shape of the answer; on the meta device nothing is computed."""
    with torch.device("meta"):
        network = UnpaddedUNet(2, widths, **options)
        return tuple(network(torch.empty(1, 1, side, side)).shape)


@pytest.mark.parametrize("options", [{}, {"batch_norm": True}, {"dropout": 0.8}, {"dilation": 2}])
def test_every_published_version_makes_388_of_512(options: dict[str, object]) -> None:
    assert answer(512, PUBLISHED, **options) == (1, 2, 388, 388)


def test_ronnebergers_own_makes_388_of_572() -> None:
    assert answer(572, PUBLISHED, padded=False) == (1, 2, 388, 388)


@pytest.mark.parametrize("contraction", ["padded", "unpadded"])
@pytest.mark.parametrize("levels", [2, 3, 4])
def test_the_arithmetic_is_that_of_the_network(levels: int, contraction: Contraction) -> None:
    widths = tuple(range(1, levels + 1))
    sides = [side for side in range(16, 260) if answered(side, levels, contraction)]
    assert len(sides) > 10
    for side in sides[::7]:
        assert answer(side, widths, padded=contraction == "padded")[2] == answered(side, levels, contraction)


def test_weights_of_the_published_network_by_hand() -> None:
    def convs(inputs: int, outputs: int) -> int:
        return 9 * inputs * outputs + outputs + 9 * outputs * outputs + outputs

    down = sum(convs(inputs, outputs) for inputs, outputs in [(1, 64), (64, 128), (128, 256), (256, 512), (512, 1024)])
    up = sum(4 * 2 * width * width + width + convs(2 * width, width) for width in (512, 256, 128, 64))
    network = UnpaddedUNet(2, PUBLISHED)
    assert sum(one.numel() for one in network.parameters()) == down + up + 64 * 2 + 2 == 31_030_658


@pytest.mark.parametrize(("padded", "dilation"), [(True, 1), (False, 1), (True, 2)])
def test_an_answer_lies_in_the_middle_of_what_it_depends_on(padded: bool, dilation: int) -> None:
    network = UnpaddedUNet(2, (2, 2, 2), padded=padded, dilation=dilation).eval()
    network.pool = torch.nn.AvgPool2d(2)  # with weights of 1 everything counts, and a maximum would choose
    for weight in network.parameters():
        torch.nn.init.ones_(weight)
    image = torch.rand(1, 1, 128, 128, requires_grad=True)
    scores = network(image)
    row, column = scores.shape[2] // 2 - 6, scores.shape[3] // 2 + 9
    scores[0, 0, row, column].backward()
    spare = (128 - scores.shape[2]) // 2
    places, counts = torch.arange(128), image.grad[0, 0]
    assert float((places * counts.sum(1)).sum() / counts.sum()) == pytest.approx(row + spare, abs=1.6)
    assert float((places * counts.sum(0)).sum() / counts.sum()) == pytest.approx(column + spare, abs=1.6)


def test_dropout_is_for_training_alone() -> None:
    torch.manual_seed(0)
    network = UnpaddedUNet(2, (4, 8), dropout=0.8)
    image = torch.rand(1, 1, 32, 32)
    assert not torch.equal(network(image), network(image))
    network.eval()
    assert torch.equal(network(image), network(image))
