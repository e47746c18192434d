"""A card for each disc: how it looks, its grade with what moved it and how sure it is, its main measures."""

from __future__ import annotations

from typing import Any

from lumbardisc.pipeline.study import Disc, Study
from lumbardisc.preprocess.intensity import Image, windowed
from lumbardisc.report.evidence import crop_png, evidence_png, full_scale
from lumbardisc.report.grades import grade_card
from lumbardisc.report.measured import facts
from lumbardisc.report.structures import color_of

SHAPE = (64, 96)
"""Rows and columns of the crop of a disc that no grader saw."""


def cards(study: Study) -> list[dict[str, Any]]:
    """From the top down. Pictures are PNG; ``crop`` is None where the disc cannot be cut out, ``evidence`` and
    ``grade`` where it was not graded."""
    discs = list(study.discs.values())[::-1]
    gradings = [disc.grading for disc in discs if disc.grading]
    scale = full_scale(grading.evidence for grading in gradings)
    seen = {disc.label: disc.grading.crop for disc in discs if disc.grading}
    crops = seen if len(seen) == len(discs) else _crops(study) | seen
    return [_card(study, disc, crops.get(disc.label), scale) for disc in discs]


def _card(study: Study, disc: Disc, crop: Image | None, scale: float) -> dict[str, Any]:
    grading = disc.grading
    return {
        "level": disc.level,
        "color": color_of(disc.label),
        "flagged": bool(disc.flags),
        "crop": None if crop is None else crop_png(crop),
        "evidence": evidence_png(grading.evidence, scale) if grading else None,
        "grade": grade_card(grading) if grading else None,
        "facts": facts(study, disc),
    }


def _crops(study: Study) -> dict[int, Image]:
    """Every disc upright as a grader would see it, by label."""
    from lumbardisc.anatomy.frames import disc_crops

    image, labels = study.image.sagittal(), study.labels.sagittal()
    _, row_mm, column_mm = image.spacing
    found = disc_crops(image.array, labels.array, (row_mm, column_mm), study.working_mid_slice, SHAPE)
    return {label: windowed(slices[0]) for label, slices in found.items()}
