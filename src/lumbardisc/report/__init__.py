"""What is written about a study or its readers: tables, label map, JSON, picture, page; lines for the terminal."""

from __future__ import annotations

from lumbardisc.report.folder import FILES, USUAL, write
from lumbardisc.report.t1rho import write_t1rho
from lumbardisc.report.terminal import summary, told
from lumbardisc.report.wanted import Wanted

__all__ = ["FILES", "USUAL", "Wanted", "summary", "told", "write", "write_t1rho"]
