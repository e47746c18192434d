"""The structured report: valid, of the right patient, and with the numbers of the table, as others read it."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import dcmtk_tree as tree
import numpy as np
import pytest
from dicom_study import IDENTITY, marked, read_study, with_values
from highdicom import sr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from real_tools import errors, told, tool
from report_study import make_study

from lumbardisc import __version__
from lumbardisc.pipeline.study import Discs, Study
from lumbardisc.report.dicom import quantities
from lumbardisc.report.dicom.seg import segmentation
from lumbardisc.report.dicom.source import reference_images
from lumbardisc.report.dicom.sr import measurement_report
from lumbardisc.report.table import discs_csv
from lumbardisc.report.words import NOTICE
from lumbardisc.volume import LabelMap

NAN = math.nan
GRADED = {
    "pfirrmann": 4,
    **{f"pfirrmann_p{grade}": share for grade, share in enumerate((0.01, 0.04, 0.2, 0.7, 0.05), start=1)},
    "degeneration": "severe",
    "grade_confidence": 0.7,
    "herniation_probability": 0.61,
    "bulging_probability": 0.2,
}
T1RHO = {
    **{"t1rho_mean_ms": 95.126, "t1rho_min_ms": 70.0, "t1rho_max_ms": 130.0, "t1rho_mean_sd_ms": 9.5},
    **{"phase": 2, "phase_p1": 0.1, "phase_p2": 0.8, "phase_p3": 0.1},
}
UNDEFINED = {**dict.fromkeys([*GRADED, *T1RHO, "volume_mm3", "height_mm"], NAN), "degeneration": ""}


SAME_FOR_ALL = {
    "42798000": (350.6, "mm2"),
    "HEIGHT_ANT 373098007": (11.2, "mm"),
    "HEIGHT_MID 373098007": (10.1, "mm"),
    "DEPTH_AP": (36.4, "mm"),
    "WEDGE": (8.05, "deg"),
    "HEIGHT_INDEX": (0.346, "{ratio}"),
    "SIGNAL_CSF": (0.412, "{ratio}"),
    "NUCLEUS_CSF": (0.53, "{ratio}"),
    "NUCLEUS_CONTRAST": (0.2, "{ratio}"),
    "GRADE_CONF": (0.7, "1"),
    "PFIRRMANN_P1": (0.01, "1"),
    "PFIRRMANN_P5": (0.05, "1"),
    "HERNIATION_P": (0.61, "1"),
    "BULGING_P": (0.2, "1"),
}
"""What the report must say of every disc of a graded study, written down by hand."""


def without_uids(dataset: Dataset) -> None:
    del dataset.PatientID, dataset.PatientName, dataset.SOPInstanceUID, dataset.FrameOfReferenceUID


def from_array(_: Path) -> Study:
    """Of a format other than DICOM."""
    drawn = make_study(discs=3, provenance={"version": "0.1.0"})
    return replace(drawn, image=replace(drawn.image, array=np.rint(drawn.image.array)))


def empty(folder: Path) -> Study:
    """Nothing was found."""
    study = read_study(folder, discs=0, spine={"lordosis_l1_s1_deg": NAN})
    nothing = LabelMap(np.zeros_like(study.labels.array), study.labels.affine)
    return replace(study, labels=nothing, discs=Discs(()))


KINDS: dict[str, Callable[[Path], Study]] = {
    "graded": lambda folder: with_values(read_study(folder, marked, discs=7), **GRADED),
    "undefined": lambda folder: with_values(read_study(folder, discs=3), **UNDEFINED),
    "flagged": lambda folder: read_study(
        folder, flags={2: ("low_confidence",), 5: ("cut_by_fov",)}, flags_of_study=("level_ambiguous",)
    ),
    "single slice": lambda folder: read_study(folder, shape=(1, 72, 60), discs=3),
    "ungraded": lambda folder: read_study(folder, discs=3, warnings=("2 slices are missing — between 3 and 4",)),
    "t1rho": lambda folder: with_values(read_study(folder, discs=3), **GRADED, **T1RHO),
    "no identifiers": lambda folder: read_study(folder, without_uids, discs=3),
    "no DICOM": from_array,
    "empty": empty,
}


class Written:
    """A report on disk, with what it was made of."""

    def __init__(self, kind: str, folder: Path, identified: bool = False) -> None:
        self.study = KINDS[kind](folder / "images")
        references = reference_images(self.study, identified)
        self.segmentation = segmentation(self.study, references)
        self.references, self.path = references, folder / f"measurements {identified}.dcm"
        made = measurement_report(self.study, references, self.segmentation)
        made.save_as(self.path, enforce_file_format=True)

    @property
    def dataset(self) -> Dataset:
        return dcmread(self.path)

    @cached_property
    def groups(self) -> Sequence[sr.VolumetricROIMeasurementsAndQualitativeEvaluations]:
        """Those of the discs, as highdicom reads them."""
        content = sr.srread(self.path).content
        assert isinstance(content, sr.MeasurementReport)
        return content.get_volumetric_roi_measurement_groups()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Written]:
    """A report of a kind, made once."""
    made: dict[str, Written] = {}

    def get(kind: str) -> Written:
        if kind not in made:
            made[kind] = Written(kind, tmp_path_factory.mktemp("study"))
        return made[kind]

    return get


Get = Callable[[str], Written]


@pytest.mark.parametrize("kind", KINDS)
def test_the_report_is_valid(written: Get, kind: str) -> None:
    assert errors(written(kind).path) == []
    assert told(tool("dsrdump"), written(kind).path).startswith("Enhanced SR Document")


def test_an_identified_report_without_identifiers_is_valid(tmp_path: Path) -> None:
    report = Written("no identifiers", tmp_path, identified=True)
    assert errors(report.path) == []
    assert (report.dataset.PatientName, report.dataset.PatientID) == ("", "")


def test_an_identified_report_is_valid_and_tells_the_patient(tmp_path: Path) -> None:
    report = Written("graded", tmp_path, identified=True)
    assert errors(report.path) == []
    assert (report.dataset.PatientName, report.dataset.PatientID) == ("Doe^Jane", "PAT-4711")
    assert report.dataset.AccessionNumber == IDENTITY["AccessionNumber"]


def test_nothing_tells_the_patient_otherwise(written: Get) -> None:
    report = written("graded")
    raw, dataset = report.path.read_bytes(), report.dataset
    leaks = [keyword for keyword, value in IDENTITY.items() if value.encode() in raw]
    assert leaks == []
    assert dataset.PatientIdentityRemoved == "YES"
    source = dcmread(next((report.path.parent / "images").iterdir()))
    assert dataset.StudyInstanceUID == source.StudyInstanceUID  # so that it stands beside the images


def test_dcmtk_reads_level_grade_and_volume_of_each_disc(written: Get) -> None:
    groups = tree.groups(tree.content(written("graded").path))
    sites = {
        **{"L5/S1": "715056000", "L4/L5": "84020006", "L3/L4": "62551000", "L2/L3": "67459009"},
        **{"L1/L2": "80064006", "T12/L1": "76206002", "T11/T12": "1537001"},
    }
    assert list(groups) == [*sites, "Lumbar spine"]
    for count, (level, site) in enumerate(sites.items(), start=1):
        said = tree.answers(groups[level])
        assert said["363698007"] == site
        assert (said["121071"], said["PFIRRMANN"], said["DEGENERATION"]) == ("360499006", "PFIRRMANN_4", "24484000")
        assert said["HERNIATION"] == "52101004"
        assert "BULGING" not in said
        measured = {name: (value, unit) for name, value, unit in tree.numbers(groups[level])}
        assert measured["118565006"] == (round(12345.678 - 700 * count, 1), "mm3")
        assert measured["121207 373098007"] == (round(9.876 - 0.4 * count, 2), "mm")
        assert measured["LEVEL_CONF"] == (round(0.98 - 0.03 * count, 3), "1")
        assert measured.items() >= SAME_FOR_ALL.items()
        assert ("HEIGHT_POST 373098007" in measured) == (count != 3)


def test_dcmtk_reads_the_angles_of_the_spine(written: Get) -> None:
    group = tree.groups(tree.content(written("graded").path))["Lumbar spine"]
    assert list(tree.numbers(group)) == [("LORDOSIS_L1_S1", 47.25, "deg")]
    assert tree.answers(group)["363698007"] == "122496007"


@pytest.mark.parametrize("kind", ["t1rho", "undefined", "no DICOM"])
def test_highdicom_reads_the_very_numbers_of_the_table(written: Get, kind: str) -> None:
    report = written(kind)
    table = list(csv.DictReader(discs_csv(report.study).splitlines()))
    assert [group.tracking_identifier for group in report.groups] == [row["level"] for row in table]
    for group, row in zip(report.groups, table, strict=True):
        expected = {
            (one.concept.value, one.derivation.value if one.derivation else None): float(row[one.column])
            for one in quantities.QUANTITIES
            if row.get(one.column)
        }
        found = {
            (item.name.value, item.derivation.value if item.derivation else None): item.value
            for item in group.get_measurements()
        }
        assert found == expected
        assert found


NUMBERS = st.fixed_dictionaries({}, optional={row.column: st.floats(width=32) for row in quantities.QUANTITIES})


@given(NUMBERS)
@settings(max_examples=8, deadline=None)
def test_whatever_the_numbers_are_the_defined_ones_are_told(values: dict[str, float]) -> None:
    study = with_values(make_study(discs=1, provenance={"input": {"sha256": "1"}}), **values)
    references = reference_images(study, identified=False)
    content = measurement_report(study, references, segmentation(study, references)).ContentSequence
    (disc, _) = named(content, "126010")[0].ContentSequence
    told = [item.ConceptNameCodeSequence[0].CodeValue for item in disc.ContentSequence if item.ValueType == "NUM"]
    defined = study.discs["L5/S1"].values
    rows = [row for row in quantities.QUANTITIES if math.isfinite(defined.get(row.column, NAN))]
    assert told == [row.concept.value for row in rows]


def named(items: Iterable[Dataset], code: str) -> list[Dataset]:
    """Content items of a name."""
    return [item for item in items if item.ConceptNameCodeSequence[0].CodeValue == code]


def test_a_report_of_t1rho_has_its_phase_and_how_sure_it_is(written: Get) -> None:
    group = tree.groups(tree.content(written("t1rho").path))["L4/L5"]
    found = {name: value for name, value, _ in tree.numbers(group)}
    assert (found["T1RHO 373098007"], found["T1RHO 255605001"], found["T1RHO 56851009"]) == (95.13, 70.0, 130.0)
    assert tree.answers(group)["PHASE"] == "PHASE_2"
    (mean,) = [item for item in group.findall("num") if item.findtext("value") == "95.13"]
    (error,) = tree.inside(mean, "371884006")
    assert (error.findtext("value"), error.findtext("unit/value")) == ("9.5", "ms")


def test_what_is_undefined_is_left_out(written: Get) -> None:
    for level, group in tree.groups(tree.content(written("undefined").path)).items():
        names = {name for name, _, _ in tree.numbers(group)}
        assert not names & {"118565006", "121207 373098007", "GRADE_CONF", "T1RHO 373098007"}
        assert not {"PFIRRMANN", "DEGENERATION", "PHASE"} & set(tree.answers(group))
        assert ("42798000" in names) == (level != "Lumbar spine")


def test_a_volume_that_is_not_whole_is_a_lower_bound(written: Get) -> None:
    report = written("flagged")
    for group in report.groups:
        (volume,) = group.get_measurements(name=quantities_code("volume_mm3"))
        whole = report.study.discs[group.tracking_identifier].values["volume_complete"]
        assert (volume.qualifier is None) == whole
        assert whole or volume.qualifier.value == "LOWER_BOUND"


def quantities_code(column: str) -> sr.CodedConcept:
    """The concept of a column."""
    (row,) = [row for row in quantities.QUANTITIES if row.column == column]
    return sr.CodedConcept(row.concept.value, row.concept.scheme, row.concept.meaning)


def test_flags_are_coded_and_explained(written: Get) -> None:
    root = tree.content(written("flagged").path)
    groups = tree.groups(root)
    assert tree.answers(groups["L1/L2"])["CAUTION"] == "CUT_BY_FOV"
    (comment,) = tree.texts(groups["L1/L2"])
    assert "lower bound" in comment
    assert tree.texts(groups["L5/S1"]) == []
    (remarks,) = tree.inside(root, "C0034375")
    assert tree.answers(remarks) == {"CAUTION": "LEVEL_AMBIGUOUS"}


def test_notice_and_warnings_are_told_first_and_whole(written: Get) -> None:
    (remarks,) = tree.inside(tree.content(written("ungraded").path), "C0034375")
    assert tree.texts(remarks) == [NOTICE, *written("ungraded").study.warnings]


def test_each_disc_refers_to_its_own_segment_and_to_the_images_that_show_it(written: Get) -> None:
    report = written("graded")
    segments = {item.SegmentNumber: item for item in report.segmentation.SegmentSequence}
    for group in report.groups:
        reference = group.referenced_segment
        assert reference.referenced_sop_instance_uid == report.segmentation.SOPInstanceUID
        segment = segments[reference.referenced_segment_numbers[0]]
        assert segment.SegmentLabel == group.tracking_identifier == segment.TrackingID
        assert segment.TrackingUID == group.tracking_uid
        disc = report.study.discs[group.tracking_identifier]
        shown = np.flatnonzero((report.study.labels.array == disc.label).any(axis=(1, 2)))
        images = [image.referenced_sop_instance_uid for image in reference.source_images_for_segmentation]
        assert images == [report.references.images[index].SOPInstanceUID for index in shown]


def test_frames_of_one_image_are_named_by_number(written: Get) -> None:
    report = written("no DICOM")
    (image,) = report.references.images
    for group in report.groups:
        (source,) = group.referenced_segment.source_images_for_segmentation
        disc = report.study.discs[group.tracking_identifier]
        shown = np.flatnonzero((report.study.labels.sagittal().array == disc.label).any(axis=(1, 2)))
        assert source.referenced_sop_instance_uid == image.SOPInstanceUID
        assert source.referenced_frame_numbers == [index + 1 for index in shown]


def test_all_that_it_refers_to_is_listed_as_evidence(written: Get) -> None:
    report = written("graded")
    (study,) = report.dataset.CurrentRequestedProcedureEvidenceSequence
    listed = {
        (series.SeriesInstanceUID, item.ReferencedSOPInstanceUID)
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    made = [*report.references.images, report.segmentation]
    assert listed == {(one.SeriesInstanceUID, one.SOPInstanceUID) for one in made}
    named = set(element.get("uid") for element in tree.content(report.path).iter("instance"))
    assert named == {one.SOPInstanceUID for one in made}


@pytest.mark.parametrize(
    ("kind", "completion"),
    [("graded", "COMPLETE"), ("ungraded", "PARTIAL"), ("undefined", "PARTIAL"), ("empty", "PARTIAL")],
)
def test_a_report_without_grades_is_partial_and_none_is_verified(written: Get, kind: str, completion: str) -> None:
    dataset = written(kind).dataset
    assert (dataset.CompletionFlag, dataset.VerificationFlag) == (completion, "UNVERIFIED")
    assert dataset.PreliminaryFlag == "PRELIMINARY"
    assert "PredecessorDocumentsSequence" not in dataset


def test_software_and_weights_are_told(written: Get) -> None:
    root = tree.content(written("graded").path)
    (name,), (uid,) = tree.inside(root, "121015"), tree.inside(root, "121012")
    assert name.findtext("value") == "lumbardisc 0.1.0"
    assert uid.findtext("value", "").startswith("2.25.")
    group = tree.groups(root)["L5/S1"]
    parameters = [item.findtext("value", "") for item in tree.inside(group, "111002")]
    assert parameters == [f"segmentation weights, SHA-256 {'ab' * 32}", f"grading weights, SHA-256 {'cd' * 32}"]


def test_a_second_run_has_new_uids_but_tracks_the_same_discs(written: Get) -> None:
    first = written("graded")
    again = measurement_report(first.study, first.references, first.segmentation)
    assert again.SOPInstanceUID != first.dataset.SOPInstanceUID
    assert again.SeriesInstanceUID != first.dataset.SeriesInstanceUID
    assert tracked(again) == tracked(first.dataset)
    assert len(set(tracked(again))) == 8


def tracked(report: Dataset) -> list[str]:
    """The tracking UIDs of all groups."""
    (measurements,) = named(report.ContentSequence, "126010")
    return [group.ContentSequence[1].UID for group in measurements.ContentSequence]


def test_our_own_codes_are_declared(written: Get) -> None:
    (scheme,) = written("graded").dataset.CodingSchemeIdentificationSequence
    assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeVersion) == ("99LUMBARDISC", __version__)
    root = tree.content(written("graded").path)
    used = {item.text for item in root.iter("designator")}
    assert used == {"DCM", "SCT", "UCUM", "LN", "UMLS", "RFC5646", "99LUMBARDISC"}
