"""Contrasts told from headers."""

from __future__ import annotations

import pytest

from lumbardisc.io.acquisition import Acquisition
from lumbardisc.io.contrast import contrast_of


def acquired(repetition=float("nan"), echo=float("nan"), flip=float("nan"), sequence=("SE",), **more) -> Acquisition:
    return Acquisition(repetition_time_ms=repetition, echo_time_ms=echo, flip_angle_deg=flip, sequence=sequence, **more)


@pytest.mark.parametrize(
    ("acquisition", "expected"),
    [
        # timings of SPIDER's scanners: Philips Ingenia T1 and T2, Siemens T1, Siemens SPACE
        (acquired(716, 13.8), "t1"),
        (acquired(3563, 120), "t2"),
        (acquired(446, 7), "t1"),
        (acquired(1000, 124, dimensions="3D"), "t2_space"),
        (acquired(1000, 124, slice_thickness_mm=0.9), "t2_space"),
        (acquired(3500, 60, inversion_time_ms=160), "stir"),
        (acquired(4800, 45, inversion_time_ms=220, description="t2_tirm_sag"), "stir"),
        (acquired(2000, 20, inversion_time_ms=800), "t1"),
        (acquired(100, 3, 70, sequence=("GR",)), "flash"),
        (acquired(6, 3, 5, sequence=("GR",)), None),
        (acquired(600, 20, 25, sequence=("GR",)), None),
        (acquired(3000, 20), None),
        (acquired(10, 2, 5, sequence=("GR",), image_type=("DERIVED", "PRIMARY", "W")), "water"),
        (acquired(3000, 90, image_type=("ORIGINAL", "PRIMARY", "WATER")), "water"),
        (acquired(3000, 90, image_type=("ORIGINAL", "PRIMARY", "FAT")), None),
        (acquired(sequence=(), description="T2_SAG"), "t2"),
        (acquired(sequence=(), description="sag T1-weighted"), "t1"),
        (acquired(sequence=(), description="t2_space_sag_p2"), "t2_space"),
        (acquired(sequence=(), description="STIR long TE"), "stir"),
        (acquired(sequence=(), sequence_name="*fl2d1"), "flash"),
        (acquired(sequence=(), description="spine"), None),
        (acquired(3000, 20, description="t2 pd"), None),
    ],
)
def test_contrast(acquisition, expected):
    assert contrast_of(acquisition) == expected


def test_a_silent_header_tells_nothing():
    assert contrast_of(Acquisition()) is None
    assert Acquisition().headers() == {}
