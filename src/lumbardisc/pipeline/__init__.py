"""One study: from an input to a `Study`."""

from __future__ import annotations

from lumbardisc.pipeline.analyze import Pipeline, analyze, analyze_scan, default_pipeline
from lumbardisc.pipeline.study import Disc, Discs, Study

__all__ = ["Disc", "Discs", "Pipeline", "Study", "analyze", "analyze_scan", "default_pipeline"]
