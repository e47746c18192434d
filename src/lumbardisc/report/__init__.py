"""What is written about a study or its readers: tables, label map, JSON, picture, page; lines for the terminal."""

from __future__ import annotations

from lumbardisc.report.folder import FILES, write
from lumbardisc.report.t1rho import write_t1rho
from lumbardisc.report.terminal import summary, told

__all__ = ["FILES", "summary", "told", "write", "write_t1rho"]
