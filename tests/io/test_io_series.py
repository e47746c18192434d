"""The choice of a series: what is refused, what is preferred, what is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from making_dicom import AXIAL, CORONAL, SAGITTAL, STUDY, T1, T2, Series, image, save, write
from scipy.spatial.transform import Rotation

from lumbardisc.errors import GeometryError, InputError, SeriesError
from lumbardisc.io import Scan, find

STIR = {**T2, "ScanningSequence": ["SE", "IR"], "InversionTime": 160, "EchoTime": 60}


def study(folder: Path, *series: Series) -> Path:
    for one in series:
        write(folder / f"s{one.number}", one)
    return folder


def load(path: Path, **options) -> Scan:
    (source,) = find([path], **options)
    return source.load()


def chosen(scan: Scan) -> int:
    return scan.choice["chosen"]["series_number"]


def reason(scan: Scan, number: int) -> str:
    return next(one["reason"] for one in scan.choice["refused"] if one["series_number"] == number)


def named(number: int, description: str, **options) -> Series:
    """A tall enough series: 24 rows of 8 mm."""
    return Series(number=number, description=description, columns=24, **options)


def test_t2_before_t1_before_stir_by_timing_not_by_name(tmp_path):
    path = study(
        tmp_path,
        named(1, "stir sag", tags=STIR),
        named(2, "called t2 but is t1", tags=T1),
        named(3, "no telling name", tags=T2),
    )
    scan = load(path)
    assert chosen(scan) == 3
    assert [one["series_number"] for one in scan.choice["also_fit"]] == [2, 1]
    assert [one["contrast"] for one in scan.choice["also_fit"]] == ["t1", "stir"]


def test_refusals_and_their_reasons(tmp_path):
    path = study(
        tmp_path,
        named(1, "t2 sag"),
        named(2, "t2 tra", orientation=AXIAL),
        named(3, "t2 cor", orientation=CORONAL),
        named(4, "localizer_sag"),
        named(5, "t2 sag MIP"),
        named(6, "small", pixel=(4.0, 4.0)),
        named(7, "made from others", tags={**T2, "ImageType": ["DERIVED", "SECONDARY", "OTHER"]}),
        named(8, "fat", tags={**T2, "ImageType": ["DERIVED", "PRIMARY", "DIXON", "FAT"]}),
        named(9, "ct", tags={"Modality": "CT"}),
        named(10, "phase", tags={**T2, "ImageType": ["ORIGINAL", "PRIMARY", "P"]}),
    )
    scan = load(path)
    assert chosen(scan) == 1
    expected = {
        2: "axial",
        3: "coronal",
        4: "localizer",
        5: "derived",
        6: "92 mm of height",
        7: "derived",
        8: "fat",
        9: "not MR",
        10: "phase",
    }
    assert {number for number in expected if expected[number] in reason(scan, number)} == set(expected)
    json.dumps(scan.choice)


def test_a_three_plane_localizer_without_a_telling_name_is_refused(tmp_path):
    planes = [named(1, "first", orientation=o, slices=3) for o in (SAGITTAL, AXIAL, CORONAL)]
    for i, plane in enumerate(planes):
        plane.series = planes[0].series
        write(tmp_path / f"plane{i}", plane)
    with pytest.raises(SeriesError, match="localizer"):
        load(tmp_path)


def test_disc_aligned_axial_slabs_are_axial_slabs(tmp_path):
    for i, angle in enumerate((-20, 0, 25)):
        matrix = Rotation.from_euler("x", angle, degrees=True).as_matrix()
        tilted = (*matrix @ AXIAL[:3], *matrix @ AXIAL[3:])
        write(tmp_path / f"slab{i}", named(4, "t2 tra discs", orientation=tilted, series=f"{STUDY[:50]}.7"))
    write(tmp_path / "sag", named(1, "sag"))
    scan = load(tmp_path)
    assert chosen(scan) == 1
    assert len(scan.choice["refused"]) == 3
    assert reason(scan, 4) == "is axial"


def test_the_lower_of_two_stations_is_lumbar(tmp_path):
    path = study(
        tmp_path,
        named(1, "t2 sag upper", origin=(0, 0, 400)),
        named(2, "t1 sag lower", tags=T1, origin=(0, 0, 40)),
    )
    assert chosen(load(path)) == 2


def test_a_name_of_another_part_comes_last_and_is_told(tmp_path):
    both = study(tmp_path / "both", named(1, "T2 sag C-Spine"), named(2, "T1 sag L-Spine", tags=T1))
    assert chosen(load(both)) == 2
    knee = study(tmp_path / "knee", named(1, "T2 sag knee"))
    assert "another part of the body ('knee')" in load(knee).warnings[0]


def test_sagittal_up_to_35_degrees(tmp_path):
    for angle, fits in ((30, True), (40, False)):
        matrix = Rotation.from_euler("z", angle, degrees=True).as_matrix()
        turned = (*matrix @ SAGITTAL[:3], *matrix @ SAGITTAL[3:])
        path = study(tmp_path / str(angle), named(1, "t2", orientation=turned))
        if fits:
            assert "30 degrees from left-right" in load(path).choice["chosen"]["reasons"][0]
        else:
            with pytest.raises(SeriesError, match="series 1"):
                load(path)


def test_a_whole_stack_before_a_single_slice(tmp_path):
    path = study(tmp_path, named(1, "t2 one", slices=1), named(2, "t1 stack", slices=9, tags=T1))
    assert chosen(load(path)) == 2


def test_series_asked_for_by_number_uid_or_name(tmp_path):
    t1 = named(2, "T1_tse_sag", tags=T1)
    path = study(tmp_path, named(1, "t2"), t1, named(3, "t2 tra", orientation=AXIAL))
    for wanted in ("2", t1.series, "t1_TSE"):
        scan = load(path, series=wanted)
        assert chosen(scan) == 2
        assert scan.choice["chosen"]["reasons"] == ["asked for with --series"]
    with pytest.raises(SeriesError, match=r"'9' is not in this study; there are: series 1 \(t2\), series 2"):
        load(path, series="9")


def companions(scan: Scan) -> list[str]:
    return [one.name for one in scan.companions]


@pytest.mark.parametrize(("series", "companion"), [(None, "series 2 (T1_tse_sag)"), ("2", "series 1 (t2)")])
def test_t1_beside_t2_and_t2_beside_t1(tmp_path, series, companion):
    tags = {**T2, "MRAcquisitionType": "3D"}
    path = study(tmp_path, named(1, "t2"), named(2, "T1_tse_sag", tags=T1), named(3, "space", tags=tags, slices=2))
    scan = load(path, series=series)
    assert companions(scan) == [companion]
    (source,) = scan.companions
    beside = source.load()
    assert beside.contrast != scan.contrast
    assert beside.volume.shape == scan.volume.shape
    assert beside.sha256 != scan.sha256
    assert [f"series {one['series_number']} ({one['description']})" for one in scan.choice["companions"]] == [companion]


@pytest.mark.parametrize(
    ("name", "options", "tags"),
    [
        ("another place", {"origin": (12.0, -30.0, 240.0)}, {}),
        ("another frame", {}, {"FrameOfReferenceUID": "1.2.3"}),
        ("no frame", {}, {"FrameOfReferenceUID": ""}),
        ("t1 localizer", {}, {}),
        ("t1 tra", {"orientation": AXIAL}, {}),
        ("of the same contrast", {}, T2),
    ],
)
def test_what_is_no_companion(tmp_path, name, options, tags):
    frame = {"FrameOfReferenceUID": ""} if name == "no frame" else {}
    path = study(
        tmp_path,
        named(1, "t2", tags={**T2, **frame}),
        named(2, name, **options, tags={**T1, "SeriesNumber": 2, **tags}),
    )
    scan = load(path, series="1")
    assert companions(scan) == []
    assert scan.choice["companions"] == []


def test_stir_has_no_companion(tmp_path):
    path = study(tmp_path, named(1, "stir", tags=STIR), named(2, "t1", tags=T1))
    assert companions(load(path, series="1")) == []


def test_a_companion_that_vanished_fails_only_when_it_is_asked_for(tmp_path):
    path = study(tmp_path, named(1, "t2"), named(2, "t1", tags=T1))
    scan = load(path)
    for file in (tmp_path / "s2").iterdir():
        file.unlink()
    with pytest.raises(InputError):
        scan.companions[0].load()


def test_asking_for_a_refused_series_reads_it_and_says_so(tmp_path):
    path = study(tmp_path, named(1, "t2"), named(2, "sag localizer"))
    assert "is a localizer; it was read as asked for" in load(path, series="2").warnings[0]


def test_thick_axial_slices_stay_refused_even_if_asked_for(tmp_path):
    path = study(tmp_path, named(1, "t2 tra", orientation=AXIAL, pixel=(1.0, 1.0)))
    with pytest.raises(GeometryError, match=r"is axial \(5 slices of 4 mm\)"):
        load(path, series="1")


def test_no_sagittal_series_lists_what_there_is(tmp_path):
    path = study(tmp_path, named(1, "t2 tra", orientation=AXIAL), named(2, "t1 cor", orientation=CORONAL))
    with pytest.raises(SeriesError, match=r"series 1 \(t2 tra\): is axial; series 2 \(t1 cor\): is coronal"):
        load(path)


def test_a_series_without_position_is_refused(tmp_path):
    one = image(named(1, "t2"), 0)
    del one.ImagePositionPatient
    save(one, tmp_path / "one")
    with pytest.raises(SeriesError, match="does not say where"):
        load(tmp_path)
