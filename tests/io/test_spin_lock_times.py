"""Spin-lock times are found where scanners put them, and nowhere else."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import making_dicom
import numpy as np
import pytest
from making_dicom import T1, Series
from pydicom import Dataset

from lumbardisc.errors import SeriesError, UsageError
from lumbardisc.io.spin_lock import load_spin_lock
from lumbardisc.io.spin_lock_times import Element, times_in

TIMES = (2.0, 15.0, 30.0, 45.0)
TEXTS = {
    "T1rho TSL 15 ms": (15.0,),
    "SAG_T1RHO_TSL_15": (15.0,),
    "t1rho-tsl=15.5ms": (15.5,),
    "T1\u03c1 SL15": (15.0,),
    "seed-0001_spin-lock-15": (15.0,),
    "spin lock time: 15 ms": (15.0,),
    "T1rho 250Hz TSL 15": (15.0,),
    "3DMAPPS_TSL_0_10_40_80ms": (0.0, 10.0, 40.0, 80.0),
    "T1rho spin-lock 250 Hz": (),
    "T1rho SL 4 mm": (),
    "t2 tse sag SL15": (),
    "t2_tse_sag_p2_FSE_15": (),
    "TSL 5000": (),
}


@pytest.mark.parametrize("text", TEXTS)
def test_times_in_words(text: str) -> None:
    assert times_in(text) == TEXTS[text]


def test_a_short_word_counts_where_the_header_speaks_of_t1rho() -> None:
    assert times_in("SL15", of_t1rho=True) == (15.0,)


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("0019,1001", Element(0x19, "", 0x1001)),
        ("(0019,10A8)", Element(0x19, "", 0x10A8)),
        ('0019,"GEMS_ACQU_01",a8', Element(0x19, "GEMS_ACQU_01", 0xA8)),
    ],
)
def test_a_tag_is_understood(text: str, element: Element) -> None:
    assert Element.parse(text) == element


@pytest.mark.parametrize("text", ["", "19,1001", "EchoTime", "0019,10011", '0019,"A",1001', "0019,zz01"])
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--tsl-tag .* is no DICOM tag; write it as"):
        Element.parse(text)


def exam(folder: Path, description: str = "t1rho", **of_time: Any) -> Path:
    """One series for each time, with tags that are functions of the time."""
    for number, time in enumerate(TIMES, start=1):
        tags = {"RescaleSlope": 1.0, "RescaleIntercept": time} | {key: value(time) for key, value in of_time.items()}
        series = Series(number=number, description=tags.pop("SeriesDescription", description), tags={**T1, **tags})
        making_dicom.write(folder, series)
    return folder


def one_series(folder: Path, description: str = "T1rho", times: tuple[float, ...] = TIMES, **of_time: Any) -> Path:
    """One series of all times, whose images have tags that are functions of the time; numbered time after time."""
    series = Series(description=description, tags=dict(T1))
    folder.mkdir(exist_ok=True)
    for turn, time in enumerate(times):
        for index in range(series.slices):
            dataset = making_dicom.image(series, index, **{key: value(time) for key, value in of_time.items()})
            dataset.RescaleSlope, dataset.RescaleIntercept = 1.0, time
            dataset.InstanceNumber = turn * series.slices + index + 1
            making_dicom.save(dataset, folder / f"IM{turn}{index}")
    return folder


def with_element(folder: Path, add: Any) -> Path:
    """One series for each time, with an element that ``add`` puts into every image."""
    for number, time in enumerate(TIMES, start=1):
        series = Series(number=number, description="T1rho", tags=dict(T1))
        for index in range(series.slices):
            dataset = making_dicom.image(series, index, RescaleSlope=1.0, RescaleIntercept=time)
            add(dataset, time)
            folder.mkdir(exist_ok=True)
            making_dicom.save(dataset, folder / f"IM{number}{index}")
    return folder


def private(dataset: Dataset, time: float, value: Any = float, kind: str = "DS") -> None:
    dataset.private_block(0x19, "SOMEBODY ELSE", create=True).add_new(1, "LO", "another's")
    dataset.private_block(0x19, "OUR SEQUENCE", create=True).add_new(0xA8, kind, value(time))


@pytest.mark.parametrize(
    ("tags", "source"),
    [
        ({"SeriesDescription": lambda time: f"SAG T1rho TSL {time:g} ms"}, "the series descriptions"),
        ({"SeriesDescription": lambda time: f"T1rho_SL{time:g}"}, "the series descriptions"),
        ({"ProtocolName": lambda time: f"spin-lock {time:g}"}, "the protocol names"),
    ],
)
def test_one_series_for_each_time(tmp_path: Path, tags: dict[str, Any], source: str) -> None:
    read = load_spin_lock([exam(tmp_path / "dicom", **tags)])
    assert (read.times_ms, read.times_from) == (TIMES, source)


@pytest.mark.parametrize(
    ("description", "tags", "source"),
    [
        ("T1rho", {"ImageComments": lambda time: f"TSL = {time:g} ms"}, "the image comments"),
        ("T1rho_TSL_2_15_30_45ms", {"TriggerTime": float}, "Trigger Time of a series that is called T1rho"),
        ("CubeQuant T1rho", {"EchoTime": float}, "Echo Time of a series that is called T1rho"),
    ],
)
def test_one_series_of_all_times(tmp_path: Path, description: str, tags: dict[str, Any], source: str) -> None:
    read = load_spin_lock([one_series(tmp_path / "dicom", description, **tags)])
    assert (read.times_ms, read.times_from) == (TIMES, source)
    assert {volume.shape for volume in read.volumes} == {(5, 24, 20)}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (float, "DS"),
        (float, "FD"),
        (lambda time: f"TSL {time:g} ms", "LO"),
        (lambda time: struct.pack("<d", time), "UN"),
        (lambda time: f"{time:g}".encode().ljust(4), "UN"),
    ],
)
def test_a_private_element_that_the_user_names(tmp_path: Path, value: Any, kind: str) -> None:
    folder = with_element(tmp_path / "dicom", lambda dataset, time: private(dataset, time, value, kind))
    for tag in ('0019,"OUR SEQUENCE",a8', "0019,11a8"):
        assert load_spin_lock([folder], tag=tag).times_ms == TIMES


def test_philips_scaling_is_undone(tmp_path: Path) -> None:
    def scaled(dataset: Dataset, time: float) -> None:
        dataset.RescaleSlope, dataset.RescaleIntercept = time, 0.5 * time * time
        dataset.private_block(0x2005, "Philips MR Imaging DD 001", create=True).add_new(0x0E, "FL", 0.5)
        dataset.ImageComments = f"TSL {time:g}"

    read = load_spin_lock([with_element(tmp_path / "dicom", scaled)])
    expected = 2.0 * np.stack([Series().values(index) for index in range(5)])  # stored value over scale slope
    for volume, time in zip(read.volumes, TIMES, strict=True):
        np.testing.assert_allclose(np.sort(volume.array.ravel()), np.sort(expected.ravel()) + time, rtol=1e-6)


@pytest.mark.parametrize(
    ("description", "tags"),
    [
        ("t2 mapping", {"EchoTime": float}),  # nothing says T1rho
        ("T1rho", {"EchoTime": float, "TriggerTime": float}),  # which of the two?
        ("T1rho", {"TriggerTime": lambda time: 1000.0 + time}),  # no spin lock is that long
        ("T1rho", {}),
    ],
)
def test_where_nothing_tells_the_line_says_what_was_looked_for(
    tmp_path: Path, description: str, tags: dict[str, Any]
) -> None:
    folder = one_series(tmp_path / "dicom", description, **tags)
    with pytest.raises(SeriesError) as error:
        load_spin_lock([folder])
    line = str(error.value)
    assert line.startswith(f"{folder}: no spin-lock time was found in the phantom's private element, the series desc")
    assert "--tsl 2,15,30,45" in line
    assert "--tsl-tag" in line


def test_a_carrier_that_misses_an_image_is_not_believed(tmp_path: Path) -> None:
    folder = one_series(tmp_path / "dicom", TriggerTime=float)
    (folder / "IM21").unlink()
    with pytest.raises(SeriesError, match="no spin-lock time was found"):
        load_spin_lock([folder])


def test_times_of_a_tag_in_seconds_are_refused(tmp_path: Path) -> None:
    folder = with_element(tmp_path / "dicom", lambda dataset, time: private(dataset, time / 1000.0))
    with pytest.raises(UsageError, match=r"the spin-lock times 0\.002, 0\.015, .* look like seconds; give ms"):
        load_spin_lock([folder], tag='0019,"OUR SEQUENCE",a8')


def test_an_element_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeriesError, match=r"no spin-lock time was found in the element \(0019,1001\)"):
        load_spin_lock([one_series(tmp_path / "dicom")], tag="0019,1001")
