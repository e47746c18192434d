"""A reader study from its table: what is compared, how values are understood, masks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lumbardisc.errors import InputError, UsageError
from lumbardisc.evaluation.agreement.compare import Finding
from lumbardisc.io import save_nifti
from lumbardisc.io.grid import working_affine
from lumbardisc.reader_study import Agreement, agree
from lumbardisc.volume import LabelMap

HEADER = "subject,disc,reader,repeat,measure,value"
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
GRADES = [f"{patient},L4/L5,{reader},1,pfirrmann,{1 + patient % 5}" for patient in range(9) for reader in "AB"]


def table(folder: Path, rows: Sequence[str], header: str = HEADER) -> Path:
    path = folder / "ratings.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def one(result: Agreement, statistic: str, *between: str) -> Finding:
    (found,) = (
        row
        for own in result.findings.values()
        for row in own
        if (row.statistic.name, row.between) == (statistic, between)
    )
    return found


def test_shrout_and_fleiss_from_a_file(tmp_path: Path) -> None:
    """Values and intervals as R's psych prints them for the example of 1979; see test_icc.py."""
    rows = [f"{n},{'ABCD'[k]},size,{value}" for n, row in enumerate(SHROUT_FLEISS) for k, value in enumerate(row)]
    result = agree(table(tmp_path, rows, "subject,reader,measure,value"), {"size": "continuous"})
    found = one(result, "icc_2_1", *"ABCD").found
    assert [round(number, 4) for number in (found.value, found.low, found.high)] == [0.2898, 0.0188, 0.7611]


def test_first_readings_and_repeats(tmp_path: Path) -> None:
    """A read three times, B once, and not all; repeats are counted, not sorted as text."""
    rows = [f"{patient},,A,{repeat},x,{patient + repeat}.5" for patient in range(4) for repeat in (2, 10, 9)]
    rows += [f"{patient},,B,7,x,{patient}.5" for patient in range(3)]
    result = agree(table(tmp_path, rows))
    assert one(result, "bias", "A", "B").found.value == 2
    assert one(result, "bias", "A", "B").items == 3
    assert one(result, "bias", "A (repeat 2)", "A (repeat 9)").found.value == -7
    assert [side.names for side in result.findings] == [
        ("A", "B"),
        ("A (repeat 2)", "A (repeat 9)", "A (repeat 10)"),
    ]


def test_names_that_mean_the_same(tmp_path: Path) -> None:
    rows = ["007,L4-5,A,,x,1.5", "7,L4/L5,B,,x,2.5", "8,2,A,,x,3.5", "008,l4/l5,B,,x,4.5"]
    assert one(agree(table(tmp_path, rows)), "bias", "A", "B").items == 2


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("1", "2", "5"), "ordinal"),
        (("I", "III", "V"), "ordinal"),
        (("0", "1", "1"), "nominal"),
        (("1.5", "2", "5"), "continuous"),
        (("1,5", "2", "5"), "continuous"),
        (("1e3", "2", "5"), "continuous"),
        (("8000", "8005", "8100"), "continuous"),
        (("none", "bulging", "None"), "nominal"),
    ],
)
def test_kinds_are_told_from_values(tmp_path: Path, values: tuple[str, ...], kind: str) -> None:
    rows = [f"{n};;{reader};;x;{value}" for n, value in enumerate(values) for reader in "AB"]
    (side,) = agree(table(tmp_path, rows, HEADER.replace(",", ";"))).findings
    assert side.kind == kind


def test_capitals_do_not_part_categories(tmp_path: Path) -> None:
    rows = ["1,,A,,x,None", "1,,B,,x,none", "2,,A,,x,bulging", "2,,B,,x,Bulging"]
    assert one(agree(table(tmp_path, rows)), "cohen_kappa", "A", "B").found.value == 1


def test_a_kind_of_ones_own(tmp_path: Path) -> None:
    """In the order of the words severe is two steps from mild, so half of the weight is by hand 1 - 4 / 8."""
    words = [("mild", "severe"), ("severe", "severe"), ("moderate", "Moderate"), ("mild", "mild")]
    rows = [f"{n},,{reader},,x,{word}" for n, pair in enumerate(words) for reader, word in zip("AB", pair, strict=True)]
    result = agree(table(tmp_path, rows), {"x": "mild<moderate<severe"})
    ranks = np.array([[0, 2], [2, 2], [1, 1], [0, 0]])
    chance = np.mean([(a - b) ** 2 for a in ranks[:, 0] for b in ranks[:, 1]])
    assert one(result, "weighted_kappa_quadratic", "A", "B").found.value == pytest.approx(1 - 1 / chance)
    assert one(agree(table(tmp_path, GRADES), {"pfirrmann": "nominal"}), "cohen_kappa", "A", "B").items == 9


def test_rows_without_a_value_are_left_out_and_told(tmp_path: Path) -> None:
    result = agree(table(tmp_path, [*GRADES, "20,L4/L5,A,1,pfirrmann,NaN", "20,L4/L5,B,1,pfirrmann,3"]))
    assert one(result, "cohen_kappa", "A", "B").items == 9
    assert result.notes == ("ratings.csv: left out, as they have no value: rows 20",)


def test_a_measure_that_cannot_be_compared_stops_no_other(tmp_path: Path) -> None:
    result = agree(table(tmp_path, [*GRADES, "1,,A,1,volume,8000.5", "2,,A,1,volume,8000.5"]))
    (line,) = result.left_out
    assert "volume: one reader (A) read once" in line


BAD = {
    "one reader": (["1,,A,1,x,1", "2,,A,1,x,2"], "one reader (A) read once; agreement needs a second reader"),
    "one subject": (["1,L4/L5,A,1,x,1", "1,L4/L5,B,1,x,2"], "all readings are of one subject (1)"),
    "nothing in common": (["1,,A,1,x,1", "2,,B,1,x,2"], "no two subjects were read twice"),
    "twice": ([*GRADES, GRADES[0]], "row 20: pfirrmann of disc L4/L5 of subject 0 by A, repeat 1, stands in row 2"),
    "mixed": ([*GRADES, "30,,A,1,pfirrmann,3b"], "row 20: pfirrmann is '3b', and other values of it are numbers"),
    "infinite": ([*GRADES, "30,,A,1,pfirrmann,inf"], "row 20: pfirrmann is 'inf'"),
    "no subject": ([*GRADES, ",,A,1,pfirrmann,3"], "row 20: names no subject"),
    "no reader": ([*GRADES, "1,,,1,pfirrmann,3"], "row 20: names no reader"),
    "no measure": ([*GRADES, "1,,A,1,,3"], "row 20: names no measure"),
    "no value": (["1,,A,1,x,", "1,,B,1,x,nan"], "holds no reading; fill the column value"),
    "no row": ([], "holds a header"),
}


@pytest.mark.parametrize(("rows", "said"), BAD.values(), ids=BAD)
def test_bad_tables_are_one_clear_line(tmp_path: Path, rows: list[str], said: str) -> None:
    with pytest.raises(InputError) as error:
        agree(table(tmp_path, rows))
    assert said in str(error.value)
    assert "ratings.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no columns reader, value"):
        agree(table(tmp_path, ["1,x"], "subject,measure"))


@pytest.mark.parametrize(
    ("kinds", "kind", "said"),
    [
        ({"pfirmann": "ordinal"}, UsageError, "no such measure (it has pfirrmann)"),
        ({"pfirrmann": "grades"}, UsageError, "give one of nominal, ordinal, continuous, mask"),
        ({"pfirrmann": "1<2<3"}, InputError, "row 8: pfirrmann is '4', which is not in the order 1<2<3"),
        ({"pfirrmann": "mask"}, InputError, "row 2: "),
    ],
)
def test_bad_kinds(tmp_path: Path, kinds: dict[str, str], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as error:
        agree(table(tmp_path, GRADES), kinds)
    assert said in str(error.value)


def mask(path: Path, rows: slice, label: int = 2, size: int = 10) -> None:
    labels = np.zeros((2, size, 10), dtype=np.int16)
    labels[:, rows] = label
    save_nifti(LabelMap(labels, working_affine((4.0, 1.0, 1.0))), path)


def masks(folder: Path) -> list[str]:
    """Two readers who outline 4 rows of 10, shifted by one (subject 1) and by none (subject 2)."""
    for name, start in (("1a", 2), ("1b", 3), ("2a", 2), ("2b", 2)):
        mask(folder / f"{name}.nii.gz", slice(start, start + 4))
    return [f"{subject},L4/L5,{reader},1,disc,{subject}{reader.lower()}.nii.gz" for subject in "12" for reader in "AB"]


def test_dice_of_label_files(tmp_path: Path) -> None:
    result = agree(table(tmp_path, masks(tmp_path)))
    assert one(result, "dice", "A", "B").found.value == pytest.approx((0.75 + 1) / 2)


def test_without_a_disc_all_labels_count_and_a_number_is_a_label(tmp_path: Path) -> None:
    rows = masks(tmp_path)
    mask(tmp_path / "1b.nii.gz", slice(2, 6), label=201)
    everything = agree(table(tmp_path, [row.replace("L4/L5", "") for row in rows]))
    assert one(everything, "dice", "A", "B").found.value == 1
    mask(tmp_path / "1a.nii.gz", slice(2, 6), label=201)
    numbered = agree(table(tmp_path, [row.replace("1,L4/L5", "1,201") for row in rows]))
    assert one(numbered, "dice", "A", "B").found.value == 1


def test_bad_masks_are_one_clear_line(tmp_path: Path) -> None:
    rows = masks(tmp_path)
    with pytest.raises(InputError, match=r"row 3: .*gone\.nii\.gz"):
        agree(table(tmp_path, [rows[0], rows[1].replace("1b", "gone"), *rows[2:]]))
    with pytest.raises(InputError, match="row 2: 'lowest' is no disc that is known"):
        agree(table(tmp_path, [row.replace("L4/L5", "lowest") for row in rows]))
    mask(tmp_path / "1b.nii.gz", slice(2, 6), size=12)
    with pytest.raises(InputError, match=r"row 3: 1b\.nii\.gz lies on another grid than 1a\.nii\.gz \(row 2\)"):
        agree(table(tmp_path, rows))


def test_a_disc_in_neither_file_is_told_with_the_labels_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"row 3: L5/S1 is neither in 1a.* \(labels there: 2\); name the disc by"):
        agree(table(tmp_path, [row.replace("L4/L5", "L5/S1") for row in masks(tmp_path)]))
