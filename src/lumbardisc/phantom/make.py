"""One phantom study in memory: a spine drawn from a seed, examined once, imaged with any number of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lumbardisc.errors import UsageError
from lumbardisc.phantom.acquire import SAMPLES, Artefacts, Exam, Geometry, examine
from lumbardisc.phantom.anatomy import SpineShape, draw_spine
from lumbardisc.phantom.sequence import PulseSequence, sequences_of
from lumbardisc.phantom.truth import DiscTruth
from lumbardisc.volume import LabelMap, Volume


@dataclass(frozen=True, eq=False)
class Phantom:
    """One image and what is true of it. image: float32, (slice, row, column). labels: on the same grid.

    lordosis_deg: between the upper endplates of L1 and S1.
    """

    image: Volume
    labels: LabelMap
    truth: tuple[DiscTruth, ...]
    spine: SpineShape
    sequence: PulseSequence
    geometry: Geometry
    field_t: float
    lordosis_deg: float


def make_phantom(
    seed: int,
    *,
    sequence: str = "t2",
    lumbar_bodies: int | None = None,
    grades: Sequence[int] | None = None,
    geometry: Geometry | None = None,
    field_t: float = 3.0,
    artefacts: Artefacts | None = None,
    samples: int = SAMPLES,
) -> Phantom:
    """One phantom with one sequence; for several sequences of the same spine see ``make_exam`` and ``image_of``.

    The same seed gives the same spine at every geometry and sequence. Raises UsageError for a sequence, grade or number
    of lumbar bodies that does not exist, or a sequence name that stands for several.
    """
    chosen = sequences_of(sequence)
    if len(chosen) > 1:
        raise UsageError(
            f"'{sequence}' stands for {len(chosen)} sequences; ask for one of them, such as {chosen[0].name}"
        )
    exam = make_exam(seed, lumbar_bodies=lumbar_bodies, grades=grades, geometry=geometry, samples=samples)
    return image_of(exam, chosen[0], field_t=field_t, artefacts=artefacts)


def make_exam(
    seed: int,
    *,
    lumbar_bodies: int | None = None,
    grades: Sequence[int] | None = None,
    geometry: Geometry | None = None,
    samples: int = SAMPLES,
) -> Exam:
    """Draw a spine and sample it; the default geometry is a usual sagittal lumbar stack."""
    spine = draw_spine(seed, lumbar_bodies=lumbar_bodies, grades=grades)
    return examine(spine, geometry or lumbar_stack(), samples=samples)


def image_of(
    exam: Exam, sequence: PulseSequence, *, field_t: float = 3.0, artefacts: Artefacts | None = None
) -> Phantom:
    """Image an exam with one sequence. The same exam, sequence and settings give the same image."""
    settings = Artefacts() if artefacts is None else artefacts
    return Phantom(
        image=exam.image(sequence, field_t=field_t, artefacts=settings, seed=exam.spine.seed),
        labels=exam.label_map,
        truth=exam.truth,
        spine=exam.spine,
        sequence=sequence,
        geometry=exam.geometry,
        field_t=field_t,
        lordosis_deg=exam.spine.lordosis_deg,
    )


def lumbar_stack(matrix: int = 448, *, slices: int = 15, field_of_view_mm: float = 270.0) -> Geometry:
    """15 sagittal slices of 4 mm, 0.4 mm apart, from about T11 to S3; 0.6 mm pixels at the default matrix."""
    pixel = field_of_view_mm / matrix
    return Geometry.plan(slices=slices, matrix=(matrix, matrix), pixel_mm=(pixel, pixel), centre=(0.0, 22.0, -22.0))
