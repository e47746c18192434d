"""What all tests of whole evaluations share."""

from __future__ import annotations

from functools import partial

import pytest

from lumbardisc.evaluation import bootstrap
from lumbardisc.evaluation.agreement import compare


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals are tested elsewhere."""
    monkeypatch.setattr(compare, "clustered_intervals", partial(bootstrap.clustered_intervals, samples=5))
