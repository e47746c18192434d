"""Says of files and folders without an image what they are instead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lumbardisc.errors import UnreadableError
from lumbardisc.io.blobs import Blob

READ = "DICOM, NIfTI, MHA, NRRD, PNG, TIFF"
DICOM_LIST = "DICOMDIR"


def not_an_image(path: Path) -> UnreadableError:
    """Why a file is no image."""
    if path.name.upper() == DICOM_LIST:
        return _only_a_list(Blob(path))
    if path.stat().st_size == 0:
        return UnreadableError(f"{path}: is empty; copy or download it again")
    return UnreadableError(f"{path}: is not an image that is read here ({READ}); check the file or convert it")


def nothing_in(root: Path, blobs: Sequence[Blob]) -> UnreadableError:
    """Why a folder or a zip with these files holds no study."""
    if not blobs:
        return UnreadableError(f"{root}: is empty; check the path")
    if lists := [blob for blob in blobs if blob.name.upper() == DICOM_LIST]:
        return _only_a_list(lists[0])
    told = f"holds no image that is read here ({READ}) among {len(blobs)} files"
    return UnreadableError(f"{root}: {told}; check the path")


def _only_a_list(blob: Blob) -> UnreadableError:
    return UnreadableError(
        f"{blob}: is a list of DICOM files, without an image of its own; pass the folder with the files"
    )
