"""What `data check` writes and says: a table of cases, the problems, contact sheets, a configuration to begin with."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lumbardisc.errors import OutputError
from lumbardisc.io.folders import make_folder
from lumbardisc.report.contact_sheet import sheets
from lumbardisc.report.folder import write_files
from lumbardisc.training.grades.words import counted
from lumbardisc.training.labelled.check import Check, Row
from lumbardisc.training.labelled.layouts import LAYOUTS
from lumbardisc.training.labelled.oddities import name_of

COLUMNS = ("case", "patient", "part", "image", "labels", "shape", "spacing_mm", "structures", "problems")
FILES = ("cases.csv", "problems.txt")
_SHEET = "contact_sheet"


def write_check(check: Check, out: Path) -> None:
    """Write ``cases.csv``, ``problems.txt`` and the contact sheets into ``out``, all or none. Raises OutputError."""
    drawn = {_sheet_name(index): picture for index, picture in enumerate(sheets(check.rows))}
    earlier = (
        [path.name for path in sorted(out.glob(f"{_SHEET}*.png")) if path.name not in drawn] if out.is_dir() else []
    )
    texts = {"cases.csv": cases_csv(check), "problems.txt": "".join(f"{line}\n" for line in check.every_problem)}

    def fill(folder: Path) -> None:
        for name, picture in drawn.items():
            (folder / name).write_bytes(picture)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")

    write_files(out, (*drawn, *earlier, *FILES), fill)


def cases_csv(check: Check) -> str:
    """One row per case; empty where a case could not be read."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in check.rows:
        case = row.case
        sizes = "x".join(map(str, row.shape)), "x".join(f"{size:.4g}" for size in row.spacing)
        names = ";".join(name_of(label) for label in row.structures)
        files = (str(path.relative_to(check.found.folder)) if path else "" for path in (case.image, case.labels))
        writer.writerow([case.name, case.patient, case.part or "", *files, *sizes, names, "; ".join(row.problems)])
    return out.getvalue()


def summary(check: Check) -> Iterator[str]:
    """What was found, for people: the layout, how many, and in how many cases each structure is labelled."""
    patients = len({row.case.patient for row in check.usable})
    meaning = f", numbers as {check.convention} has them" if check.convention else ""
    yield f"layout: {LAYOUTS[check.found.layout].title}{meaning}"
    yield f"fit to learn from: {counted(len(check.usable), 'case')} of {counted(patients, 'patient')}"
    counts = Counter(label for row in check.usable for label in row.structures)
    yield from (f"  {name_of(label):<14}{count:>5}" for label, count in sorted(counts.items()))
    yield from _sizes(check.usable)


def write_config(check: Check, path: Path, spacing: tuple[float, float, float] | None) -> None:
    """A configuration for `train segmentation` to begin with. Raises OutputError where there is a file already."""
    lines = [
        "# Goes on from the network that ships. Every setting: docs/reference/training.md",
        f'out = "{path.stem}_run"',
        'init = "default"',
        *([f'labels = "{check.convention}"'] if check.convention else []),
        *([f"spacing_mm = {list(spacing)}"] if spacing else []),
        "",
        "[data]",
        f"labelled = {_quoted(_from(path.parent.resolve(), check.found.folder.resolve()))}",
    ]
    try:
        make_folder(path.parent)
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError:
        raise OutputError(f"{path}: is there already; name another file with --config") from None
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); name another file with --config") from None


def _sizes(rows: tuple[Row, ...]) -> Iterator[str]:
    """From the finest to the coarsest voxels."""
    if rows:
        slices, pixels = ([size for row in rows for size in row.spacing[part]] for part in (slice(0, 1), slice(1, 3)))
        yield f"slices {_range(slices)} mm apart, pixels of {_range(pixels)} mm"


def _range(sizes: list[float]) -> str:
    low, high = f"{min(sizes):.3g}", f"{max(sizes):.3g}"
    return low if low == high else f"{low} to {high}"


def _sheet_name(index: int) -> str:
    return f"{_SHEET}.png" if index == 0 else f"{_SHEET}_{index + 1}.png"


def _from(start: Path, folder: Path) -> Path:
    """Relative, so that both can be moved together, where the folder lies below the configuration."""
    return folder.relative_to(start) if folder.is_relative_to(start) else folder


def _quoted(path: Path) -> str:
    """A path as a TOML string, whatever it holds."""
    text = path.as_posix()
    return f"'{text}'" if "'" not in text else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
