"""How right the main job is on real patients: `python benchmarks/accuracy DATA [--what PART] [--write PAGE]`.

DATA is a folder with the public data sets under the names of `lumbardisc.training.sources`. Every image goes through
the pipeline as a file, end to end (``LUMBARDISC_WEIGHTS`` names another segmentation than that of the package). The
patients are those of `splits.toml`. ``--folds`` makes the tables of grading from the predictions of a cross-validation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from detection import detection_section
from grading import folds_section, grading_section
from naming import naming_section
from pages import keep
from structures import structures_section
from volumes import volumes_section

from lumbardisc.errors import LumbardiscError

PARTS: dict[str, Callable[[argparse.Namespace], tuple[str, int]]] = {
    "structures": structures_section,
    "volumes": volumes_section,
    "volumes_folds": volumes_section,
    "grading": grading_section,
    "detection": detection_section,
    "naming": naming_section,
    "folds": folds_section,
}
"""What can be measured: each gives its section of the page, and how many images made the program fail."""


def main() -> int:
    """Measure, print the tables, and keep them where asked."""
    options = _options()
    crashes = 0
    for name in _wanted(options):
        try:
            text, failed = PARTS[name](options)
        except LumbardiscError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        print(text, end="\n\n")
        crashes += failed
        if options.write:
            keep(options.write, name, text)
    return 1 if crashes else 0


def _wanted(options: argparse.Namespace) -> list[str]:
    measured = ["structures", "volumes", "grading", "detection"] if options.what == "all" else [options.what]
    if options.refiner:
        measured = ["volumes_folds"]
    return [*(measured if options.data else []), *(["folds"] if options.folds else [])]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument(
        "--what",
        choices=("structures", "volumes", "grading", "detection", "naming", "all"),
        default="all",
        help="what to measure on DATA; naming, by which the cross-check is set, is not among all",
    )
    parser.add_argument("--part", choices=("train", "validation", "test", "all"), default="test")
    parser.add_argument("--folds", type=Path, help="a CSV of out-of-fold predictions (columns: see folds.py)")
    parser.add_argument("--weights", type=Path, help="an exported detector in place of that of the package")
    parser.add_argument(
        "--refiner",
        type=Path,
        action="append",
        default=[],
        help="exported refiners: disc volumes alone, each for the patients it left out (leave_out in its TOML)",
    )
    parser.add_argument("--write", type=Path, help="a page to keep the tables in; figures go into images/ beside it")
    parser.add_argument("--verbose", action="store_true", help="a line per image on standard error")
    options = parser.parse_args()
    if not (options.data or options.folds):
        parser.error("give DATA, --folds, or both")
    return options


if __name__ == "__main__":
    sys.exit(main())
