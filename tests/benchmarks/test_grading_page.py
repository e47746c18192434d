"""The benchmark of grading: who is counted, what a lost disc costs, a cross-validation's CSV, a page kept in parts."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import graded
import grading_tables
import numpy as np
import pytest
from folds import COLUMNS, read_folds
from pages import keep
from PIL import Image
from readings import NOT_FOUND, T1, T2, Cohort, Reading, chosen, cohort, reading

from lumbardisc.errors import InputError, NoSpineError
from lumbardisc.pipeline import Disc
from lumbardisc.training.grades import DiscGrade, GradedData, GradedImage

SURE = {1: (0.9, 0.1, 0, 0, 0), 4: (0, 0, 0.1, 0.8, 0.1), 5: (0, 0, 0, 0.2, 0.8)}


def disc(label: int, grade: float, *, flags: tuple[str, ...] = (), **more: float) -> Disc:
    shares = SURE.get(int(grade), (0.2,) * 5) if grade == grade else (np.nan,) * 5
    columns = {f"pfirrmann_p{one}": share for one, share in enumerate(shares, start=1)}
    values = {"pfirrmann": grade, **columns, "grade_confidence": max(shares), **more}
    return Disc(f"disc {label}", label, values, flags)


class TestReadings:
    def test_the_columns_of_a_disc(self) -> None:
        found = reading(disc(2, 4, herniation_probability=0.25))
        assert (found.grade, found.confidence, found.certain) == (4, 0.8, True)
        assert found.probabilities == SURE[4]
        assert found.findings == {"herniation": 0.25}
        assert not reading(disc(2, 4, flags=("low_confidence",))).certain

    def test_a_disc_without_a_grade_was_not_graded(self) -> None:
        assert reading(disc(1, float("nan"))) == NOT_FOUND

    @pytest.mark.parametrize(
        ("available", "wanted", "expected"),
        [
            ({"t1", "t2", "t2_space"}, [T2], ("t2",)),
            ({"t1", "t2_space"}, [T2], ("t2_space",)),
            ({"t1", "t2_space"}, [T2, T1], ("t2_space", "t1")),
            ({"t2"}, [T2, T1], None),
            ({"t2"}, [T1], None),
        ],
    )
    def test_images_of_an_input(self, available: set[str], wanted: list, expected: tuple[str, ...] | None) -> None:
        assert chosen(available, wanted) == expected


class TestFromFiles:
    """Two test patients: 17 with T1 and T2 and three graded discs, 29 with T1 alone and one."""

    @pytest.fixture
    def run(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable], graded.Graded]:
        images = []
        for patient, contrast in (("17", "t1"), ("17", "t2"), ("29", "t1"), ("1", "t2")):
            path = tmp_path / f"{patient}_{contrast}.png"
            Image.fromarray(np.arange(1600, dtype=np.uint8).reshape(40, 40)).save(path)
            images.append(GradedImage(patient, path.stem, path, contrast, (4.0, 1.0, 1.0)))
        grades = {
            "17": {1: DiscGrade(5, {}), 2: DiscGrade(4, {}), 3: DiscGrade(1, {})},
            "29": {1: DiscGrade(1, {})},
            "1": {1: DiscGrade(1, {})},  # a training patient
        }
        data = GradedData("spider_midsagittal", tuple(images), grades)
        monkeypatch.setitem(graded.GRADES, graded.SOURCE, lambda _: data)

        def grade(pipeline: Callable) -> graded.Graded:
            monkeypatch.setattr(graded, "PIPELINE", SimpleNamespace(run=pipeline))
            return graded.grade_files(tmp_path, "test")

        return grade

    def test_every_graded_disc_counts(self, run: Callable[[Callable], graded.Graded]) -> None:
        def pipeline(*_: object) -> SimpleNamespace:
            discs = {"a": disc(1, 5), "b": disc(2, 1), "c": disc(7, 1)}  # disc 3 is missing, 7 was never graded
            return SimpleNamespace(discs=discs, provenance={"timings": {"grading_s": 0.25}})

        found = run(pipeline)
        assert {name: sorted(set(one.patients)) for name, one in found.cohorts.items()} == {
            "T2": ["17"],
            "T1 alone": ["17", "29"],
            "T1 and T2": ["17"],
        }
        assert found.cohorts["T2"].truth.tolist() == [5, 4, 1]
        assert found.cohorts["T2"].predicted.tolist() == [5, 1, 0]
        assert found.seconds == [0.25]
        assert found.failures == []

    def test_both_images_are_graded_together(self, run: Callable[[Callable], graded.Graded]) -> None:
        seen = []

        def pipeline(scan: SimpleNamespace, name: str) -> SimpleNamespace:
            seen.append((name, scan.contrast, [source.name for source in scan.companions]))
            return SimpleNamespace(discs={}, provenance={"timings": {"grading_s": 0.1}})

        run(pipeline)
        assert seen == [
            ("17_t2", "t2", []),
            ("17_t1", "t1", []),
            ("29_t1", "t1", []),
            ("17_t2", "t2", ["17_t1"]),
        ]

    @pytest.mark.parametrize(
        ("error", "word"),
        [(NoSpineError("no spine here"), "refused: no spine"), (ZeroDivisionError("x"), "crash: Zero")],
    )
    def test_a_refused_image_costs_all_its_discs(
        self, run: Callable[[Callable], graded.Graded], error: Exception, word: str
    ) -> None:
        def pipeline(*_: object) -> SimpleNamespace:
            raise error

        found = run(pipeline)
        assert found.cohorts["T2"].predicted.tolist() == [0, 0, 0]
        assert word in found.failures[0]


def rows(**changes: object) -> list[dict[str, object]]:
    """Six discs of three patients in two folds, on T2 and T1; one of them was not found on T2."""
    made = []
    for patient, fold in (("a", 0), ("b", 1), ("c", 1)):
        for number, truth in ((1, 5), (2, 1)):
            for contrast in ("t2", "t1"):
                shares = dict(zip(COLUMNS[5:10], SURE[truth], strict=True))
                row = {"patient": patient, "disc": number, "contrast": contrast, "truth": truth, "fold": fold}
                made.append(
                    {**row, **shares, "found": 1, "bulging": int(truth == 5), "bulging_probability": 0.1 * truth}
                )
    made[0] |= {"found": 0, **dict.fromkeys(COLUMNS[5:10], "")}
    made[1] |= changes
    return made


def write(path: Path, made: list[dict[str, object]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(made[0]))
        writer.writeheader()
        writer.writerows(made)
    return path


class TestFolds:
    def test_cohorts(self, tmp_path: Path) -> None:
        cohorts, folds = read_folds(write(tmp_path / "folds.csv", rows()))
        assert folds == {"a": "0", "b": "1", "c": "1"}
        assert list(cohorts) == ["T2", "T1 alone"]
        assert cohorts["T2"].predicted.tolist() == [0, 1, 5, 1, 5, 1]
        assert cohorts["T1 alone"].correct.all()
        assert cohorts["T2"].confidence[1:].tolist() == [0.9, 0.8, 0.9, 0.8, 0.9]

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"truth": 6}, "patient a, disc 1, t1: truth '6' is no grade 1-5"),
            ({"p1": "x"}, "patient a, disc 1, t1: could not convert"),
            ({"p1": 0.7}, "sum to 1.7"),
            ({"contrast": "t2"}, "line 3: patient a, disc 1, t2 stands there twice"),
        ],
    )
    def test_a_bad_row_is_named(self, tmp_path: Path, changes: dict[str, object], message: str) -> None:
        with pytest.raises(InputError, match=message):
            read_folds(write(tmp_path / "folds.csv", rows(**changes)))

    def test_a_missing_column_is_named(self, tmp_path: Path) -> None:
        made = [{key: value for key, value in row.items() if key not in ("p3", "fold")} for row in rows()]
        with pytest.raises(InputError, match="has no column fold, p3"):
            read_folds(write(tmp_path / "folds.csv", made))

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot be read"):
            read_folds(tmp_path / "folds.csv")


def cells(table: str) -> dict[str, list[str]]:
    """Rows of a Markdown table by their first cell."""
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {row[0]: row[1:] for row in split}


class TestTables:
    @pytest.fixture(autouse=True)
    def few_samples(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(grading_tables, "SAMPLES", 20)

    @pytest.fixture
    def cohorts(self, tmp_path: Path) -> dict[str, Cohort]:
        return read_folds(write(tmp_path / "folds.csv", rows()))[0]

    def test_five_grades(self, cohorts: dict[str, Cohort]) -> None:
        found = cells(grading_tables.five_grade_table(cohorts))
        assert found["patients"] == ["3", "3"]
        assert found["of these not found"] == ["1", "0"]
        assert found["accuracy"][0].startswith("0.833 (")
        assert found["balanced accuracy"][0].startswith("0.833 (")
        assert found["quadratic kappa"][1] == "1.000 (1.000, 1.000)"
        assert found["mean absolute error (grades)"][0].startswith("0.667 (")
        assert found["expected calibration error"][1].startswith("0.150 (")  # 0.8 and 0.9, all right

    def test_three_classes_beside_the_published_figures(self, cohorts: dict[str, Cohort]) -> None:
        found = cells(grading_tables.three_class_table(cohorts))
        assert found["ACC"][0] == "0.913"
        assert found["ACC"][1].startswith(
            "0.889 ("
        )  # the lost severe disc counts as mild: wrong in two of three tables
        assert found["AUC mild / severe"][:2] == ["0.950", found["AUC mild / severe"][1]]
        assert found["AUC mild / severe"][1].startswith("0.667 (")  # one of three severe discs below every mild one
        assert found["share of discs with the right class"][0] == ""

    def test_confusion_findings_flags_and_coverage(self, cohorts: dict[str, Cohort]) -> None:
        assert cells(grading_tables.confusion_table(cohorts["T2"]))["grade 5"][:6] == ["0", "0", "0", "0", "2", "1"]
        findings = cells(grading_tables.findings_table(cohorts))
        assert findings["bulging"][:2] == ["3 of 6", findings["bulging"][1]]
        assert findings["bulging"][2] == "1.000 (1.000, 1.000)"
        assert len(findings) == 3  # head, rule, and the one finding that is given
        assert cells(grading_tables.flag_table(cohorts["T2"]))["not found"][:2] == ["1", "0.000 (0.000, 0.000)"]
        coverage = cells(grading_tables.coverage_table(cohorts["T2"]))
        assert coverage["50.0%"][:2] == ["0.900", "1.000 (1.000, 1.000)"]
        assert coverage["100.0%"][0] == "not found"

    def test_folds_and_figures(self, cohorts: dict[str, Cohort], tmp_path: Path) -> None:
        found = cells(grading_tables.fold_table(cohorts["T2"], {"a": "0", "b": "1", "c": "1"}))
        assert (found["0"][0], found["1"][0]) == ("2", "4")
        assert found["0"][4] == "0.500"
        assert found["mean ± SD"][4] == "0.750 ± 0.250"
        names = grading_tables.draw(cohorts, tmp_path / "images", "folds")
        assert all(Image.open(tmp_path / "images" / name).format == "PNG" for name in names)

    def test_no_findings_no_table(self) -> None:
        one = cohort([("a", DiscGrade(1, {}), Reading(1, 0.9, True, SURE[1])), ("b", DiscGrade(5, {}), NOT_FOUND)])
        assert grading_tables.findings_table({"T2": one}) == ""


def test_a_section_is_measured_again_without_the_others(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\nWords.\n")
    keep(page, "one", "first")
    keep(page, "two", "second")
    keep(page, "one", "better")
    text = page.read_text()
    assert text.startswith("# Title\n\nWords.\n\n<!-- one -->\n\nbetter\n\n<!-- end of one -->\n")
    assert text.count("second") == 1
    assert "first" not in text
    keep(page, "two", "second")
    assert page.read_text() == text
