"""Round 1 of Markhali 2024 on SPIDER's SPACE images: `python benchmarks/tuning SPIDER OUT [--write docs/tuning.md]`.

SPIDER is the folder with `space` and `gradings.csv`. OUT gets the images and disc masks of its training and validation
patients, the two configurations that lie here, and the study; runs that were finished there are not repeated. --write
puts the tables behind the mark of a page, and the figures into `images` beside it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from lumbardisc.cli.main import run
from lumbardisc.training.splits import part_of

HERE = Path(__file__).parent
SOURCE, MASK, DISC = "spider_space", "_mask.nii.gz", 1
MARK = "<!-- measured -->"
FIGURES = ("dice_versions", "dice_leaderboard", "dice_by_grade", "dice_by_level")


def main() -> None:
    """Prepare, run, write."""
    options = _options()
    prepare(options.spider, options.out)
    code = run(["tune", str(options.out / "tune.toml")])
    if options.write and code < 2:
        write(options.out / "tuning", options.write)


def prepare(spider: Path, out: Path) -> None:
    """The folder that the configurations name: discs alone, and no test patient."""
    space = out / "space"
    space.mkdir(parents=True, exist_ok=True)
    for path in sorted((spider / "space").glob(f"*{MASK}")):
        case = path.name.removesuffix(MASK)
        if part_of(SOURCE, case.split("_")[0]) == "test":
            continue
        mask = nib.load(path)
        discs = (np.asarray(mask.dataobj) == DISC).astype(np.uint8)
        nib.save(nib.Nifti1Image(discs, mask.affine), space / path.name)
        shutil.copyfile(path.with_name(f"{case}.nii.gz"), space / f"{case}.nii.gz")
    shutil.copyfile(spider / "gradings.csv", out / "gradings.csv")
    for config in HERE.glob("*.toml"):
        shutil.copyfile(config, out / config.name)


def write(study: Path, page: Path) -> None:
    """Tables behind the mark of the page, figures beside it."""
    record = json.loads((study / "analysis.json").read_text(encoding="utf-8"))
    shown = [name for name in FIGURES if (study / f"{name}.png").exists()]
    for name in shown:
        shutil.copyfile(study / f"{name}.png", page.parent / "images" / f"tuning_{name}.png")
    pictures = "\n".join(f"![{name.replace('_', ' ')}](images/tuning_{name}.png)\n" for name in shown)
    parts = [f"Run on {date.today()}.", *map(compared, record["comparisons"]), *map(grouped, record["groups"])]
    notes = [f"- {note}" for note in (*record["failed"], *record["notes"])]
    head = page.read_text(encoding="utf-8").split(MARK)[0]
    text = "\n\n".join([*parts, *(["\n".join(notes)] if notes else []), "## Figures", pictures])
    page.write_text(f"{head}{MARK}\n\n{text}", encoding="utf-8")


def compared(one: dict[str, Any]) -> str:
    """The versions by one score, and the effects."""
    rows = [
        [own["version"], own["runs"], *map(number, map(own.get, ("mean", "between_runs", "between_subjects")))]
        for own in one["versions"]
    ]
    rows = [[*row, own["letters"]] for row, own in zip(rows, one["versions"], strict=True)]
    effects = {"version": one["model"]["effect"], **one["factors"]}
    tests = [
        [name, number(own["f"]), f"{own['degrees_of_freedom']}, {own['residual_degrees_of_freedom']}", p(own["p"])]
        for name, own in effects.items()
    ]
    return "\n\n".join(
        [
            f"## {one['title']}",
            table(["version", "runs", "mean", "SD of runs", "SD of subjects", "letters"], rows),
            table(["effect", "F", "degrees of freedom", "p"], tests),
        ]
    )


def grouped(one: dict[str, Any]) -> str:
    """Discs of the best run in groups."""
    rows = [
        [name, len(scores), number(float(np.mean(scores))), one["letters"][name]]
        for name, scores in one["scores"].items()
    ]
    title = f"## {one['title']} of {one['run']} by {one['by']}, Kruskal-Wallis p {p(one['overall']['p'])}"
    return "\n\n".join([title, table([one["by"], "discs", "mean", "letters"], rows)])


def table(heads: list[str], rows: list[list[Any]]) -> str:
    """Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def number(value: float | None) -> str:
    """Three decimals; empty where undefined."""
    return "" if value is None else f"{value:.3f}"


def p(value: float | None) -> str:
    """As in the page of the study."""
    return "undefined" if value is None else "<0.001" if value < 0.001 else f"{value:.3f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spider", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--write", type=Path, metavar="PAGE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
