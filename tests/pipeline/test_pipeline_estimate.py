"""T1rho in the main job: columns, flag and warning; what of a disc the network is shown. The network is a stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from reference import drawn_scan  # scripts/reference.py

from lumbardisc.inference.t1rho import PLANES, T1rhoEstimate, T1rhoEstimator
from lumbardisc.io import Source
from lumbardisc.pipeline import Pipeline, Study
from lumbardisc.pipeline.estimate import disc_planes
from lumbardisc.pipeline.images import LabelledImage
from lumbardisc.report.page import context, report_html
from lumbardisc.report.record import record
from lumbardisc.report.terminal import summary
from lumbardisc.report.view import view

SCAN, NETWORK = drawn_scan()
COLUMNS = [
    "t1rho_mean_ms",
    "t1rho_min_ms",
    "t1rho_max_ms",
    "t1rho_mean_sd_ms",
    "phase",
    *(f"phase_p{p}" for p in "123"),
]


class KnownT1rho:
    """Says the same of every disc but the ``blind``, and keeps what it was shown."""

    shape = (32, 48)
    weights = SimpleNamespace(sha256="b" * 64)

    def __init__(self, phantom_trained: bool = True, blind: int = 0) -> None:
        self.phantom_trained, self.blind, self.shown = phantom_trained, blind, {}  # type: ignore[var-annotated]

    def __call__(self, discs: Mapping[int, np.ndarray]) -> dict[int, T1rhoEstimate]:
        self.shown = discs
        return {disc: T1rhoEstimate(96.4, 71.2, 150.0, 9.3, (0.1, 0.8, 0.1)) for disc in discs if disc != self.blind}


def run(known: KnownT1rho, **changes: Any) -> Study:
    estimator: T1rhoEstimator = known  # type: ignore[assignment]
    return Pipeline(NETWORK, estimator=estimator).run(replace(SCAN, **changes), "drawn")


def test_the_columns_of_a_disc() -> None:
    disc = run(KnownT1rho()).discs["L4/L5"]
    assert [disc.values[name] for name in COLUMNS] == [96.4, 71.2, 150.0, 9.3, 2, 0.1, 0.8, 0.1]


def test_a_disc_that_was_not_seen_has_undefined_columns_and_no_flag() -> None:
    disc = run(KnownT1rho(blind=2)).discs["L4/L5"]
    assert all(np.isnan(float(disc.values[name])) for name in COLUMNS)
    assert "phantom_trained" not in disc.flags


def test_weights_that_have_seen_no_patient_are_flagged_everywhere() -> None:
    study = run(KnownT1rho())
    assert all("phantom_trained" in disc.flags for disc in study.discs.values())
    assert any("seen no patient" in line for line in study.warnings)
    assert "seen no patient" in summary(study)
    assert "96 ± 9" in summary(study)
    assert all("phantom_trained" in disc["flags"] for disc in record(study)["discs"])
    assert study.provenance["weights"]["t1rho"] == "b" * 64
    page = report_html(context(study, view(study)))
    assert "seen no patient, only computed phantoms" in page
    assert "96 ± 9" in page


def test_weights_that_have_seen_patients_are_not() -> None:
    study = run(KnownT1rho(phantom_trained=False))
    assert not any("phantom_trained" in disc.flags for disc in study.discs.values())
    assert not any("seen no patient" in line for line in study.warnings)
    page = report_html(context(study, view(study)))
    assert "T1rho, estimated" in page
    assert "seen no patient" not in page


def test_it_is_off_by_default() -> None:
    study = Pipeline(NETWORK).run(SCAN, "drawn")
    assert not set(COLUMNS) & set(study.discs["L4/L5"].values)
    assert "T1rho" not in report_html(context(study, view(study)))


def test_both_images_are_shown_each_on_its_planes() -> None:
    known = KnownT1rho()
    run(known, contrast="t2", companions=(Source("t1", Path("x"), lambda: replace(SCAN, contrast="t1")),))
    assert {planes.shape for planes in known.shown.values()} == {(len(PLANES), *known.shape)}
    assert all(planes.any(axis=(1, 2)).all() for planes in known.shown.values())
    run(known, contrast="t1")
    assert [bool(plane.any()) for plane in known.shown[1]] == [True, False, True, False]


def test_what_is_shown_is_upright_and_the_nucleus_lies_in_the_disc() -> None:
    volume = SCAN.volume.sagittal()
    labels = Pipeline(NETWORK).run(SCAN, "drawn").labels.sagittal().array
    image = LabelledImage("drawn", volume, labels, 4, "t2")
    same = disc_planes([image], (32, 48))
    first_counts = disc_planes([image, replace(image, mid_slice=3)], (32, 48))
    for label, planes in same.items():
        nucleus = planes[PLANES.index("t2_nucleus")]
        assert 0.05 < nucleus.mean() < 0.35, "less than the disc, which spans the crop of so few pixels"
        assert abs(np.nonzero(nucleus > 0.5)[0].mean() - 15.5) < 2, "the middle of the crop"
        assert planes[PLANES.index("t2")].max() <= 3.0
        assert np.array_equal(planes, first_counts[label]), "of two T2 images the first"
