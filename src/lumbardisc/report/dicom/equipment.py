"""What all our DICOM objects say of what made them: the software, its networks, and the series they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from lumbardisc import __version__, levels
from lumbardisc.pipeline.study import Study

NAME = "lumbardisc"

SERIES = {
    "image": (9800, "lumbardisc: image"),
    "segmentation": (9801, "lumbardisc: segmentation"),
    "measurements": (9802, "lumbardisc: measurements"),
    "report": (9803, "lumbardisc: report"),
    "overlay": (9804, "lumbardisc: overlay"),
}
"""Number and description of each object's series; high, so that they stand behind those of a scanner."""


@dataclass(frozen=True)
class Algorithm:
    """What found and measured. parameters: part -> SHA-256 of the weights it used."""

    name: str
    version: str
    parameters: Mapping[str, str]


def algorithm(study: Study) -> Algorithm:
    """The software as the study records it."""
    provenance = study.provenance
    return Algorithm(NAME, str(provenance.get("version", __version__)), dict(provenance.get("weights", {})))


def heading(kind: str, study: Study) -> dict[str, Any]:
    """Series, instance and equipment of a new object, as the arguments that highdicom's classes have in common.

    kind: a key of ``SERIES``. The UIDs are new with every call.
    """
    from pydicom.uid import generate_uid

    number, description = SERIES[kind]
    made_by = algorithm(study)
    return {
        "series_instance_uid": generate_uid(prefix=None),
        "series_number": number,
        "series_description": description,
        "sop_instance_uid": generate_uid(prefix=None),
        "instance_number": 1,
        "manufacturer": NAME,
        "manufacturer_model_name": NAME,
        "device_serial_number": _serial_number(made_by),
        "software_versions": made_by.version,
    }


def tracking(study_uid: str, label: int) -> tuple[str, str]:
    """Identifier and UID by which a structure is followed; a second run on the same study gives the same."""
    from lumbardisc.io.dicom_write import uid_of

    name = next(row.name for row in levels.table() if row.index == label)
    return name, str(uid_of(f"{study_uid} {name} {NAME} {__version__}"))


def _serial_number(made_by: Algorithm) -> str:
    """Enhanced equipment must have one (PS3.3 C.7.5.2): software of one version with the same networks is the same."""
    text = " ".join([made_by.version, *made_by.parameters.values()])
    return sha256(text.encode()).hexdigest()[:16]
