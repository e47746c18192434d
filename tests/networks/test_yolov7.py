"""YOLOv7: the published size, shapes, what its maps see."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from lumbardisc.networks.yolov7 import BOX, YOLOv7  # noqa: E402

pytestmark = pytest.mark.train


def _deployed(network: nn.Module) -> int:
    """Parameters once batch normalisation, 1 x 1 twins and implicit knowledge are folded into the convolutions."""
    twins = {id(layer) for name, layer in network.named_modules() if ".narrow." in name}
    convs = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d) and id(layer) not in twins]
    return sum(conv.weight.numel() + conv.out_channels for conv in convs)


def test_at_full_width_it_has_the_published_number_of_parameters() -> None:
    """36.9 million for the 80 classes of COCO: Wang et al. 2023, Table 2."""
    assert round(_deployed(YOLOv7(80)) / 1e6, 1) == 36.9


@pytest.mark.parametrize("width", [0.0625, 0.25])
def test_scores_of_three_anchors_for_every_cell(width: float) -> None:
    network = YOLOv7(9, width, inputs=1).eval()
    scores = network(torch.zeros(2, 1, 64, 64))
    assert scores.shape == (2, BOX + 9, 3 * (8 * 8 + 4 * 4 + 2 * 2))


def test_few_cells_hold_anything_at_first() -> None:
    scores = YOLOv7(9, 0.0625, inputs=1).eval()(torch.rand(1, 1, 64, 64))
    assert scores[0, 4].sigmoid().max() < 0.1


def test_every_parameter_learns() -> None:
    network = YOLOv7(2, 0.0625, inputs=1)
    network(torch.rand(2, 1, 64, 64)).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
