"""How long the main job takes and how much memory: `python benchmarks/speed [--write docs/speed.md]`.

A study of 15 slices of 512 x 512 pixels is written by the phantom as a DICOM series; the command is run on it as a
process of its own, from cold start to written report. Beside it, in the same run, the same network on the same slices
in the inference runtime and in eager PyTorch (where that is installed), and the start of `lumbardisc --help`.
`--batch 100` analyses that many small studies in one process instead and reads its memory (10 minutes and more).
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from batch import memory_of_a_batch
from writing import time_of_writing

from lumbardisc import io
from lumbardisc.anatomy.frames import disc_crops, disc_frames
from lumbardisc.inference.detection import Detector
from lumbardisc.inference.grading import Grader
from lumbardisc.inference.refinement import Refiner
from lumbardisc.inference.runtime import Network
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.inference.weights import default_weights, load_weights
from lumbardisc.io import load_labels
from lumbardisc.phantom import write_phantom
from lumbardisc.pipeline.refine import refine_discs
from lumbardisc.volume import Volume

_MEASURED, _BATCH = "<!-- measured -->", "<!-- batch -->"
LUMBARDISC = (sys.executable, "-m", "lumbardisc")


def main() -> int:
    """Measure, print the table, and keep it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", type=Path, help="a page to keep the table in")
    parser.add_argument("--batch", type=int, metavar="N", help="memory of a batch of N small studies instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.batch:
            rows, mark, how = memory_of_a_batch(Path(folder), options.batch), _BATCH, "one run"
        else:
            rows, mark, how = _measure(Path(folder), options.repeats), _MEASURED, f"best of {options.repeats} runs"
    cores = len(os.sched_getaffinity(0))
    text = "\n".join([f"{cores} cores, {how}.", "", "| what | measured |", "|---|---:|", *rows])
    print(text)
    if options.write:
        _keep(options.write, mark, text)
    return 0


def _keep(page: Path, mark: str, text: str) -> None:
    """Put a table behind its mark, in place of the one there."""
    before, _, after = page.read_text(encoding="utf-8").partition(mark) if page.exists() else ("", "", "")
    _, _, rest = after.partition("\n## ")
    page.write_text(f"{before}{mark}\n\n{text}\n" + (f"\n## {rest}" if rest else ""), encoding="utf-8")


def _measure(folder: Path, repeats: int) -> list[str]:
    (source,) = io.find(write_phantom(folder / "study", seed=1, matrix=512))
    volume = source.load().volume.sagittal()
    command = [*LUMBARDISC, "analyze", str(source.path), "-o", str(folder / "out"), "-q"]
    seconds = _best(lambda: subprocess.run(command, check=True), repeats)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    help_ = _best(lambda: subprocess.run([*LUMBARDISC, "--help"], check=True, stdout=subprocess.DEVNULL), repeats)
    rows = [
        f"| `analyze`, {' x '.join(map(str, volume.shape))} DICOM, cold process to written report | {seconds:.2f} s |",
        f"| peak memory of it | {peak:.0f} MB |",
        f"| `lumbardisc --help` | {help_:.2f} s |",
    ]
    labels = load_labels(folder / "out" / "segmentation.nii.gz").sagittal().array
    steps = [*_outlines(volume, labels, repeats), *_grading(volume, labels, repeats), *_cross_check(volume, repeats)]
    steps += time_of_writing(source.path, folder, repeats)
    return [*rows, *steps, *_networks(volume.array, volume.spacing[1:], repeats)]


def _outlines(volume: Volume, labels: np.ndarray, repeats: int) -> list[str]:  # type: ignore[type-arg]
    """What drawing the outlines of the discs anew adds, as for grading."""
    pixel = (volume.spacing[1], volume.spacing[2])
    refiner = Refiner()
    discs = sum(len(disc_frames(section, pixel)) for section in labels)
    cold = _best(lambda: refine_discs(Refiner(), volume.array, labels, pixel), repeats)
    warm = _best(lambda: refine_discs(refiner, volume.array, labels, pixel), repeats)
    return [
        f"| outlines drawn anew in it, {discs} discs on slices, network loaded first | {cold:.2f} s |",
        f"| the same for every further study | {warm:.2f} s |",
    ]


def _grading(volume: Volume, labels: np.ndarray, repeats: int) -> list[str]:  # type: ignore[type-arg]
    """What grading adds to that study: with the network to load, as in a process for one study, and without."""
    grader = Grader()
    pixel, middle = (volume.spacing[1], volume.spacing[2]), len(volume.array) // 2

    def grade(grader: Grader) -> int:
        crops = disc_crops(volume.array, labels, pixel, middle, grader.shape)
        grader(crops, "t2")
        return sum(map(len, crops.values()))

    crops = grade(grader)
    cold, warm = _best(lambda: grade(Grader()), repeats), _best(lambda: grade(grader), repeats)
    return [
        f"| grading in it, {crops} crops of discs, network loaded first | {cold:.2f} s |",
        f"| the same for every further study | {warm:.2f} s |",
    ]


def _cross_check(volume: Volume, repeats: int) -> list[str]:
    """What the second reading of the names adds; nothing where no detector is installed."""
    if not default_weights("detection").exists():
        return []
    middle, pixel = volume.array[len(volume.array) // 2], (volume.spacing[1], volume.spacing[2])
    detector = Detector()
    cold, warm = _best(lambda: Detector()(middle, pixel), repeats), _best(lambda: detector(middle, pixel), repeats)
    return [
        f"| cross-check of the names in it, one slice, network loaded first | {cold:.2f} s |",
        f"| the same for every further study | {warm:.2f} s |",
    ]


def _networks(image: np.ndarray, pixel: tuple[float, float], repeats: int) -> list[str]:  # type: ignore[type-arg]
    weights = load_weights(default_weights("segmentation"), "segmentation")
    inputs = list(Segmenter().network_inputs(image, pixel))
    sizes = " and ".join(sorted({" x ".join(map(str, i.shape[1:])) for i in inputs}))
    runtime = Network(weights.path)
    ours = _best(lambda: list(runtime.run(inputs)), repeats)
    table = [f"| the network alone, {len(inputs)} inputs of {sizes}, inference runtime | {ours:.2f} s |"]
    if find_spec("torch") is None:
        return [*table, "| the same in eager PyTorch | not installed |"]
    eager = _eager(weights.settings["widths"], inputs, repeats)
    return [*table, f"| the same in eager PyTorch | {eager:.2f} s ({eager / ours:.1f} times as long) |"]


def _eager(widths: list[int], inputs: list[np.ndarray], repeats: int) -> float:  # type: ignore[type-arg]
    import torch

    from lumbardisc.networks.unet import UNet

    network = UNet(6, widths, inputs=2).eval()

    @torch.no_grad()
    def run() -> None:
        for image in inputs:
            network(torch.from_numpy(image)[None])

    return _best(run, repeats)


def _best(call: Callable[[], object], repeats: int) -> float:
    """Shortest wall-clock seconds of several calls."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
