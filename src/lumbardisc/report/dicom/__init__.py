"""DICOM objects of a study: segmentation, measurements, report and picture, on the images that it was read from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lumbardisc.pipeline.study import Study

if TYPE_CHECKING:
    from pydicom import Dataset


def write_objects(study: Study, folder: Path, overlay_png: bytes, pdf: bytes, identified: bool) -> None:
    """Write ``segmentation.dcm``, ``measurements.dcm``, ``report.dcm`` and ``overlay.dcm`` into a folder, and
    ``image.dcm`` where the source is no DICOM. Without a structure there is no segmentation.

    identified: whether they bear the patient and the study of the source. Raises UnreadableError where the source's
    images are gone, GeometryError where DICOM cannot say how an image of another format lies.
    """
    from lumbardisc.io.dicom_header import quietly

    with quietly():
        for name, made in _objects(study, overlay_png, pdf, identified).items():
            if "PatientIdentityRemoved" in made:
                made.LongitudinalTemporalInformationModified = "REMOVED"  # dates; highdicom does not take it over
            made.save_as(folder / name, enforce_file_format=True)


def _objects(study: Study, overlay_png: bytes, pdf: bytes, identified: bool) -> dict[str, Dataset]:
    from lumbardisc.report.dicom.capture import overlay_capture
    from lumbardisc.report.dicom.document import encapsulated_pdf
    from lumbardisc.report.dicom.seg import segmentation
    from lumbardisc.report.dicom.source import reference_images
    from lumbardisc.report.dicom.sr import measurement_report

    references = reference_images(study, identified)
    segments = segmentation(study, references)
    made = {
        "image.dcm": references.made,
        "segmentation.dcm": segments,
        "measurements.dcm": measurement_report(study, references, segments),
        "report.dcm": encapsulated_pdf(pdf, study, references),
        "overlay.dcm": overlay_capture(overlay_png, study, references),
    }
    return {name: one for name, one in made.items() if one is not None}
