"""One study: from an input to a `Study`."""

from __future__ import annotations

from lumbardisc.pipeline.analyze import analyze, analyze_scan, default_pipeline, pipeline_for
from lumbardisc.pipeline.earlier import Prior, find_prior
from lumbardisc.pipeline.job import Pipeline
from lumbardisc.pipeline.study import Disc, Discs, Study
from lumbardisc.pipeline.t1rho import T1rhoStudy, fit_t1rho

__all__ = [
    "Disc",
    "Discs",
    "Pipeline",
    "Prior",
    "Study",
    "T1rhoStudy",
    "analyze",
    "analyze_scan",
    "default_pipeline",
    "find_prior",
    "fit_t1rho",
    "pipeline_for",
]
