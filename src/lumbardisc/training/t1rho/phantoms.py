"""Phantoms as matched exams: T1, T2 and spin-lock images of one drawn spine, the latter read as those of a patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from lumbardisc import __version__
from lumbardisc.errors import UsageError
from lumbardisc.io import Scan, Source
from lumbardisc.levels import is_disc
from lumbardisc.phantom import SEQUENCES, Artefacts, Exam, PulseSequence, lumbar_stack, make_exam, sequences_of
from lumbardisc.pipeline.t1rho import counted
from lumbardisc.quantify.noise import background_noise
from lumbardisc.quantify.relaxation import MonoExponential
from lumbardisc.quantify.t1rho import disc_t1rho, nucleus_of
from lumbardisc.training.t1rho.data import Matched, MatchedExam, Values
from lumbardisc.volume import Volume

TEST_SEEDS = range(900_000, 900_100)
"""Phantoms that nothing is learnt from and nothing is chosen by; fixed before the first network was trained."""
SAMPLES = 4
"""Points per voxel; a network sees little more."""
READING = 1
"""Version of what a seed draws and of how its values are read. Raise it when the phantom, its sequences or the reading
of T1rho change, so that exams that were kept before are drawn anew."""


@dataclass(frozen=True)
class Scanner:
    """How one phantom is imaged. snr, shading, ghost_mm: see ``phantom.Artefacts``."""

    matrix: int
    field_t: float
    artefacts: Artefacts

    @classmethod
    def draw(cls, seed: int) -> Scanner:
        """Another one for each phantom, within what clinics have."""
        rng = np.random.default_rng((seed, 1))
        artefacts = Artefacts(rng.uniform(14.0, 40.0), rng.uniform(0.3, 0.9), rng.uniform(0.0, 1.2))
        return cls(int(rng.integers(256, 449)), float(rng.choice((1.5, 3.0))), artefacts)


def phantom_exams(seeds: range) -> list[MatchedExam]:
    """An exam for each seed. Raises UsageError for seeds that are kept for the test."""
    if set(seeds) & set(TEST_SEEDS):
        raise UsageError(
            f"phantoms {seeds[0]} to {seeds[-1]} hold some of {TEST_SEEDS[0]} to {TEST_SEEDS[-1]}, which are kept for "
            "the test; choose another first_phantom"
        )
    return _exams(seeds)


def held_out_exams() -> list[MatchedExam]:
    """The exams of ``TEST_SEEDS``."""
    return _exams(TEST_SEEDS)


def _exams(seeds: Sequence[int]) -> list[MatchedExam]:
    made_by = f"{__version__} {READING}"
    return [MatchedExam(f"phantom {seed}", f"{made_by} {seed}", partial(draw, seed), drawn=True) for seed in seeds]


def draw(seed: int) -> Matched:
    """The exam of a seed, on its mid-sagittal slice: discs are found on T2 for even seeds, on T1 for odd ones."""
    scanner = Scanner.draw(seed)
    exam = make_exam(seed, geometry=lumbar_stack(scanner.matrix, slices=1), samples=SAMPLES)
    routine = {name: _image(exam, SEQUENCES[name], scanner) for name in ("t1", "t2")}
    first, second = ("t2", "t1") if seed % 2 == 0 else ("t1", "t2")
    scan, other = (Scan(routine[name], name) for name in (first, second))
    beside = Source(second, Path(f"phantom {seed}"), lambda: other)
    grades = {disc.label: disc.degeneration.grade for disc in exam.spine.discs}
    return Matched(replace(scan, companions=(beside,)), _t1rho(exam, routine["t2"], scanner), grades)


def _image(exam: Exam, sequence: PulseSequence, scanner: Scanner) -> Volume:
    return exam.image(sequence, field_t=scanner.field_t, artefacts=scanner.artefacts, seed=exam.spine.seed)


def _t1rho(exam: Exam, t2: Volume, scanner: Scanner) -> dict[int, Values]:
    """The values of every disc in view, read from noisy spin-lock images as `fit-t1rho` reads a patient's."""
    locked = sequences_of("spin-lock")
    volumes = [_image(exam, each, scanner).sagittal().array for each in locked]
    noise = background_noise(volumes)
    model = MonoExponential([each.spin_lock_ms or 0.0 for each in locked], noise=None if np.isnan(noise) else noise)
    fit = model.fit(volumes)
    times = counted(fit, fit.unbiased_ms)  # for the least and the greatest too: time_ms has them further apart
    image, labels = t2.sagittal(), exam.label_map.sagittal()
    values = {}
    for disc in filter(is_disc, labels.present):
        nucleus = nucleus_of(image.array, labels.array == disc, labels.spacing)
        found = disc_t1rho(times, fit.se_ms, nucleus, 0, labels.spacing, trusted=fit.trusted)
        read = (found.t1rho_mean_ms, found.t1rho_min_ms, found.t1rho_max_ms)
        if np.isfinite(read).all():
            values[disc] = read
    return values
