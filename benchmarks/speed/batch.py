"""Memory of one process that analyses many studies, one after the other: does it stay flat?"""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from lumbardisc import io
from lumbardisc.cohort import StudyFolder, Task, analyze_cohort
from lumbardisc.jobs import Engine, Outcome
from lumbardisc.phantom import write_phantom
from lumbardisc.report import Wanted

PHANTOMS = 5
SETTLED = 0.2
"""After this share of the studies every library is loaded and every pool has grown; growth is counted from there."""


def memory_of_a_batch(folder: Path, count: int) -> list[str]:
    """Rows of the table: resident memory after each tenth of ``count`` studies, and how much each study adds.

    Every study is read from DICOM and written with all DICOM objects and the PDF, in this process.
    """
    phantoms = write_phantom(folder / "studies", seed=1, count=min(PHANTOMS, count), matrix=256, slices=5)
    wanted = Wanted(dicom=True, pdf=True)
    tasks = []
    for number, path in enumerate(islice(cycle(phantoms), count), start=1):
        (source,) = io.find([path])
        name = f"{number:04d}"
        tasks.append(Task(replace(source, name=name), StudyFolder(folder / "out", name, wanted), {"number": number}))
    used: list[float] = []

    def tell(outcome: Outcome) -> None:
        if outcome.error:
            raise RuntimeError(outcome.error)
        used.append(resident_mb())

    analyze_cohort(tasks, folder / "out", {}, Engine(), tell)
    return rows_of(used)


def resident_mb() -> float:
    """Memory of this process that is in RAM now, by Linux's count."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def rows_of(used: list[float]) -> list[str]:
    """The table's rows of the memory in MB after each study."""
    count = len(used)
    at = sorted({1, *(round(count * tenth / 10) for tenth in range(1, 11))} - {0})
    told = ", ".join(f"{used[study - 1]:.0f}" for study in at)
    settled = np.array(used[int(SETTLED * count) :])
    slope = np.polyfit(np.arange(len(settled)), settled, 1)[0] if len(settled) > 1 else float("nan")
    return [
        f"| memory after study {', '.join(map(str, at))} of a batch in one process | {told} MB |",
        f"| what each study adds to it after the first {SETTLED:.0%} (least squares) | {slope:+.2f} MB |",
    ]
