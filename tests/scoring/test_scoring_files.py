"""Files are found and paired by the names that tools give them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbardisc.errors import InputError, UsageError
from lumbardisc.scoring.files import LabelFile, find_maps, pair


def touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return root


def found(root: Path, marked: str = "") -> list[str]:
    return [one.name for one in find_maps(root, marked)]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("22_t2_SPACE_mask.nii.gz", "22_t2_SPACE"),
        ("sub-01_T2w_dseg.nii.gz", "sub-01_T2w"),
        ("sub-01_mod-T2w_seg-vert_msk.nii.gz", "sub-01_mod-T2w"),
        ("case_001.mha", "case_001"),
        ("scan.seg.nrrd", "scan"),
        ("7_t2/segmentation.nii.gz", "7_t2"),
        ("9.nii", "9"),
    ],
)
def test_names_lose_their_endings(tmp_path: Path, file: str, name: str) -> None:
    assert found(touch(tmp_path, file)) == [name]
    assert found(tmp_path / file) == [name]


def test_what_is_no_label_map_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "1_t2.nii.gz", "1_t2_mask.nii.gz", "notes.txt", ".hidden.nii.gz", "contact.png")
    touch(tmp_path, "2/segmentation.nii.gz", "2/overlay.png", "2/t1rho.nii.gz")
    assert found(tmp_path) == ["1_t2", "2"]


def test_pictures_count_where_there_is_nothing_else(tmp_path: Path) -> None:
    assert found(touch(tmp_path, "1.png", "2.png")) == ["1", "2"]


def test_files_of_a_tool_that_writes_two(tmp_path: Path) -> None:
    touch(tmp_path, "1_seg-vert_msk.nii.gz", "1_seg-spine_msk.nii.gz")
    assert found(tmp_path, "seg-vert") == ["1"]
    with pytest.raises(InputError, match=r"called 1 \(1_seg-spine_msk.nii.gz and 1_seg-vert_msk.nii.gz\)"):
        find_maps(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no label map"):
        find_maps(tmp_path)
    with pytest.raises(InputError, match="no such file or folder"):
        find_maps(tmp_path / "absent")


def files(*names: str) -> list[LabelFile]:
    return [LabelFile(name, Path(f"{name}.nii.gz"), plain=True) for name in names]


def test_pairs_misses_and_strays() -> None:
    pairs, notes = pair(files("1", "2", "9"), files("1", "2", "3"))
    assert [(one.name, one.predicted and one.predicted.name) for one in pairs] == [
        ("1", "1.nii.gz"),
        ("2", "2.nii.gz"),
        ("3", None),
    ]
    assert notes == (
        "1 truth without a prediction, each disc counted as missed: 3",
        "1 prediction without a truth, left out: 9",
    )


def test_one_of_each_are_a_pair_and_a_name_may_go_on() -> None:
    assert pair(files("result"), files("gold"))[0][0].predicted == Path("result.nii.gz")
    pairs, notes = pair(files("seed-0", "seed-1"), files("seed-0_t2", "seed-1_t2"))
    assert [one.predicted for one in pairs] == [Path("seed-0.nii.gz"), Path("seed-1.nii.gz")]
    assert notes == ()


def test_an_ambiguous_beginning_is_no_pair() -> None:
    pairs, _ = pair(files("1", "2"), files("1_t1", "1_t2", "2"))
    assert [one.predicted for one in pairs] == [None, None, Path("2.nii.gz")]


def test_nothing_in_common_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"predictions: a and b; truth: c and d"):
        pair(files("a", "b"), files("c", "d"))
