"""A reader study: a table of readings, and the masks it names -> how well the readers agree."""

from __future__ import annotations

from lumbardisc.reader_study.agree import Agreement, agree

__all__ = ["Agreement", "agree"]
