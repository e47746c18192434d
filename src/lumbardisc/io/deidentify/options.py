"""What may be kept beyond the Basic Profile: the options of DICOM PS3.15 E.3 that matter for MR, a row each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lumbardisc.errors import UsageError


@dataclass(frozen=True)
class Option:
    """code, meaning: in context group 7050 of PS3.16. actions: keyword -> what is tried before the profile's own.

    dates, uids, private: whether every date of the profile, every UID, or the safe private elements are meant.
    """

    code: str
    meaning: str
    actions: Mapping[str, str] = field(default_factory=dict)
    dates: bool = False
    uids: bool = False
    private: bool = False


def _all(action: str, keywords: str) -> dict[str, str]:
    return dict.fromkeys(keywords.split(), action)


BASIC_PROFILE = Option("113100", "Basic Application Confidentiality Profile")
OPTIONS = {
    "dates": Option("113107", "Retain Longitudinal Temporal Information Modified Dates Option", dates=True),
    "patient": Option(
        "113108",
        "Retain Patient Characteristics Option",
        {**_all("K", "PatientSex PatientSize PatientWeight"), "PatientAge": "A"},
    ),
    "device": Option(
        "113109",
        "Retain Device Identity Option",
        _all(
            "K",
            "StationName DeviceSerialNumber DeviceUID GantryID UniqueDeviceIdentifier PerformedStationName "
            "PerformedStationAETitle",
        ),
    ),
    "uids": Option("113110", "Retain UIDs Option", uids=True),
    "private": Option("113111", "Retain Safe Private Option", private=True),
    "descriptions": Option(
        "113105",
        "Clean Descriptors Option",
        _all(
            "C",
            "StudyDescription SeriesDescription ProtocolName ImageComments FrameComments DerivationDescription "
            "PerformedProcedureStepDescription RequestedProcedureDescription AcquisitionProtocolDescription "
            "AcquisitionDeviceProcessingDescription",
        ),
    ),
}


def chosen(names: Iterable[str]) -> tuple[Option, ...]:
    """The options by name, in the order of the table. Raises UsageError for one that there is not."""
    wanted = set(names)
    if unknown := sorted(wanted - set(OPTIONS)):
        raise UsageError(f"--keep {unknown[0]}: is not one of {', '.join(OPTIONS)}")
    return tuple(option for name, option in OPTIONS.items() if name in wanted)
