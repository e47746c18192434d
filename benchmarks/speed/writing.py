"""What the DICOM objects and the PDF of a study add to the time of writing it.

In seconds of the processor, which other work on the machine changes little: writing is one thread that waits for
nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

_TIMED = """
import pickle, sys, time
from pathlib import Path
from lumbardisc import report
study = pickle.loads(Path(sys.argv[1]).read_bytes())
report.write(study, Path(sys.argv[2]), report.Wanted())  # what every study gets is loaded before
for number in range(3):
    for name, wanted in (("plain", report.Wanted()), ("all", report.Wanted(dicom=True, pdf=True))):
        start = time.process_time()
        report.write(study, Path(sys.argv[2]), wanted)
        print(name, time.process_time() - start)
"""


def time_of_writing(study: Path, folder: Path, repeats: int) -> list[str]:
    """Rows of the table. study: a folder of DICOM images. Each repeat is a process of its own, so that the first
    study of a process is told from those after it."""
    import pickle

    from lumbardisc import analyze

    kept = folder / "study.pickle"
    kept.write_bytes(pickle.dumps(analyze(study)))
    plain, cold, warm = [], [], []
    for _ in range(repeats):
        command = [sys.executable, "-c", _TIMED, str(kept), str(folder / "written")]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        times = list(map(float, lines[1::2]))
        plain += times[::2]
        cold.append(times[1])
        warm += times[3::2]
    usual = median(plain)
    return [
        f"| `report.write` of that study, time of the processor as below | {usual:.2f} s |",
        f"| what `--dicom --pdf` add to it, libraries loaded first | {min(cold) - usual:.2f} s |",
        f"| the same for every further study | {min(warm) - min(plain):.2f} s |",
    ]
