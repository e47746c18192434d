"""Tuning studies: versions of a recipe, each trained again and again, and what tells them apart."""

from lumbardisc.tuning.study import Run, Study, tune

__all__ = ["Run", "Study", "tune"]
