"""What a user wishes to have beside the files that every study gets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """dicom: DICOM SEG, SR, encapsulated PDF and a picture. pdf: the report as PDF. identified: whether these and the
    page bear the patient and the study of the source; where not, no name, birth date or institution leaves it."""

    dicom: bool = False
    pdf: bool = False
    identified: bool = False
