"""What is written of a cohort: the table of all discs, the failures, and the page to look through."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FILES = ("cohort.csv", "cohort.parquet", "failures.csv", "qc.html")
_NA = "n/a"  # an undefined value in a table of BIDS


@dataclass(frozen=True)
class Failure:
    """A study without results, where it came from, and why."""

    study: str
    input: str
    reason: str


def can_write_parquet() -> bool:
    """Whether the same table can be written as Parquet too."""
    return find_spec("pyarrow") is not None


def write_cohort(results: Mapping[str, Mapping[str, Any]], failures: Sequence[Failure], root: Path) -> None:
    """Write ``FILES`` into ``root``, all or none; Parquet only where pyarrow is installed.

    results: study -> what ``analyze_study`` said of it; its tables are read from ``root`` one at a time. Raises
    OutputError.
    """
    from lumbardisc.cohort.page import quality_html
    from lumbardisc.report.folder import write_files

    tables = {name: root / result["files"]["table"] for name, result in results.items()}

    def fill(folder: Path) -> None:
        _write_table(tables, folder / "cohort.csv")
        if can_write_parquet():
            _write_parquet(folder / "cohort.csv", folder / "cohort.parquet")
        _write_failures(failures, folder / "failures.csv")
        (folder / "qc.html").write_text(quality_html(results, failures, root.name), encoding="utf-8", newline="\n")

    write_files(root, FILES, fill)


def _write_table(tables: Mapping[str, Path], path: Path) -> None:
    """One row per disc of every study, with all columns that any of them has."""
    from lumbardisc.report.table import in_order

    names = dict.fromkeys(name for table in tables.values() for name in _header(table))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["study", *in_order(names)], restval="", lineterminator="\n")
        writer.writeheader()
        for study, table in tables.items():
            writer.writerows({"study": study, **row} for row in _rows(table))


def _header(table: Path) -> list[str]:
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=_delimiter(table)).fieldnames or ())


def _rows(table: Path) -> Iterator[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=_delimiter(table)):
            yield {name: "" if value == _NA else value for name, value in row.items()}


def _delimiter(table: Path) -> str:
    return "\t" if table.suffix == ".tsv" else ","


def _write_parquet(table: Path, path: Path) -> None:
    """Numbers and truth values become such; empty ones are null. Study and names stay text, whatever they look like."""
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet, string

    text = dict.fromkeys(("study", "level", "degeneration", "flags"), string())
    options = arrow_csv.ConvertOptions(column_types=text)
    parquet.write_table(arrow_csv.read_csv(table, convert_options=options), path)


def _write_failures(failures: Sequence[Failure], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["study", "input", "reason"])
        writer.writerows([one.study, one.input, one.reason] for one in failures)
