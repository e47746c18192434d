"""How far measures of unchanged discs differ: `python benchmarks/repeatability DATA [--results FOLDER] [--write PAGE]`.

DATA is a folder with SPIDER (``spider/midsagittal``, ``spider/series.csv``). Images that a patient had on one day are
analysed one by one, as are phantoms that lie otherwise the second time, and what differs is measurement error. Patients
of training and validation only (`splits.toml`). The tables are those behind `lumbardisc.quantify.repeatability`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

from images import SOURCES, Images
from tables import fit_table, kept_table, measure_table, told_table

from lumbardisc import __version__


def main() -> int:
    """Measure, print the tables, and keep them where asked."""
    options = _options()
    with tempfile.TemporaryDirectory() as nowhere:
        images = Images(options.data, options.results or Path(nowhere))
        pairs = {name: list(find(images, options)) for name, find in SOURCES.items()}
    parts = [
        f"Version {__version__}, {date.today()}; patients of training and validation.",
        "### The two images on each other",
        fit_table(pairs),
        *(f"### {name}\n\n{measure_table(found)}" for name, found in pairs.items()),
        "### What the package holds, beside what was measured now",
        kept_table(pairs),
        "### What would be told of discs that did not change",
        told_table(pairs),
    ]
    text = "\n\n".join(parts)
    print(text)
    if options.write:
        _keep(options.write, text)
    return 0


def _keep(page: Path, text: str) -> None:
    """Put the tables in place of those behind the mark of the page."""
    mark = "<!-- measured -->"
    head = page.read_text(encoding="utf-8").partition(mark)[0] if page.exists() else ""
    page.write_text(f"{head.rstrip()}\n\n{mark}\n\n{text}\n".lstrip(), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--phantoms", type=int, default=13, help="spines that are drawn and imaged twice")
    parser.add_argument("--results", type=Path, help="a folder that keeps what was found, so that it is not done twice")
    parser.add_argument("--write", type=Path, help="a page to keep the tables in")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
