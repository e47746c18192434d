"""Studies to report on; see report_study."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from report_study import make_study

from lumbardisc.pipeline.study import Study


@pytest.fixture
def study() -> Study:
    """A study with six discs, one flagged, in the index order of a DICOM series."""
    return make_study(flags={5: ("cut_by_fov",)}, warnings=("2 slices are missing between 3 and 4",))


@pytest.fixture
def make() -> Callable[..., Study]:
    """The maker itself, for studies that differ in something."""
    return make_study
