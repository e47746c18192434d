"""The grading network: evidence whose mean is the score, and the mean of several."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from lumbardisc.networks.grader import Committee, Grader, standardise  # noqa: E402

pytestmark = pytest.mark.train


@pytest.fixture
def crops() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.rand(4, 1, 64, 96)


def test_evidence_has_a_head_for_each_score(crops: torch.Tensor) -> None:
    assert Grader(3, (4, 8, 12, 16)).eval()(crops).shape == (4, 3, 4, 6)


def test_crops_are_standardised_one_by_one(crops: torch.Tensor) -> None:
    same = standardise(crops * torch.tensor([1.0, 5.0, 100.0, 1000.0])[:, None, None, None] - 3.0)
    assert torch.allclose(same, standardise(crops), atol=2e-2)
    assert standardise(torch.full((1, 1, 8, 8), 7.0)).abs().max() == 0.0


@torch.no_grad()
def test_a_committee_is_the_mean_of_its_members(crops: torch.Tensor) -> None:
    members = [Grader(3, (4, 8)).eval() for _ in range(2)]
    assert torch.allclose(Committee(members).eval()(crops), (members[0](crops) + members[1](crops)) / 2, atol=1e-5)
