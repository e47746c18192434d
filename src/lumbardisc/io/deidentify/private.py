"""Private elements that are known to be safe: numbers that `fit-t1rho` needs and that no standard attribute tells.

Scale slope and intercept of Philips are of Table E.3.10-1 of DICOM PS3.15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbardisc.io.dicom_write import PRIVATE_CREATOR, PRIVATE_GROUP, SPIN_LOCK_ELEMENT

if TYPE_CHECKING:
    from pydicom import Dataset

SAFE_PRIVATE = (
    (PRIVATE_GROUP, PRIVATE_CREATOR, SPIN_LOCK_ELEMENT, "FD"),
    (0x2005, "Philips MR Imaging DD 001", 0x0D, "FL"),
    (0x2005, "Philips MR Imaging DD 001", 0x0E, "FL"),
)
"""(group, creator, element in its block, type)."""


def safe_private(dataset: Dataset) -> set[int]:
    """The tags of those that a dataset has, with the tags that reserve their blocks; only numbers, as the type says."""
    found: set[int] = set()
    for group, creator, element, kind in SAFE_PRIVATE:
        try:
            block = dataset.private_block(group, creator)
            tag = block.get_tag(element)
            if kind == dataset[tag].VR:
                found |= {tag, group << 16 | block.block_start >> 8}
        except Exception:  # no such block or element, or bytes that are no such number
            continue
    return found
