"""BIDS: which images of a data set are looked at, which names break its rules, and derivatives named by them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import nibabel
import numpy as np
import pytest

from lumbardisc.cli.main import run
from lumbardisc.cohort.bids import images
from lumbardisc.errors import UnreadableError, UsageError

# of the specification: entities as key-label, alphanumeric, once each and in their order, then the suffix
NAME = re.compile(
    r"sub-[a-zA-Z0-9]+(_ses-[a-zA-Z0-9]+)?(_acq-[a-zA-Z0-9]+)?(_run-[0-9]+)?(_space-[a-zA-Z0-9]+)?(_desc-[a-zA-Z0-9]+)?"
    r"_[a-zA-Z0-9]+\.(nii\.gz|tsv|json|png|html)"
)


def dataset(root: Path, *paths: str) -> Path:
    """A data set of empty files, by nothing but its names."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    root.mkdir(exist_ok=True)
    (root / "dataset_description.json").write_text('{"Name": "phantoms", "BIDSVersion": "1.9.0"}')
    return root


def test_t1w_and_t2w_of_every_subject_and_session_are_found(tmp_path: Path) -> None:
    root = dataset(
        tmp_path,
        "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/anat/sub-01_T2w.nii",
        "sub-01/anat/sub-01_T2w.json",
        "sub-01/func/sub-01_task-rest_bold.nii.gz",
        "sub-02/ses-a/anat/sub-02_ses-a_acq-sag_run-1_T2w.nii.gz",
        "derivatives/x/sub-01/anat/sub-01_desc-x_T2w.nii.gz",
    )
    found, wrong = images(root)
    assert [one.stem for one in found] == ["sub-01_T1w", "sub-01_T2w", "sub-02_ses-a_acq-sag_run-1_T2w"]
    assert wrong == {}
    assert [one.stem for one in images(root, ["sub-02"])[0]] == ["sub-02_ses-a_acq-sag_run-1_T2w"]
    assert len(images(root, ["01", "02"])[0]) == 3


def test_an_image_that_is_there_twice_is_told(tmp_path: Path) -> None:
    root = dataset(tmp_path, "sub-01/anat/sub-01_T2w.nii", "sub-01/anat/sub-01_T2w.nii.gz")
    found, wrong = images(root)
    assert [one.path for one in found] == ["sub-01/anat/sub-01_T2w.nii"]
    assert wrong == {
        "sub-01/anat/sub-01_T2w.nii.gz": "sub-01/anat/sub-01_T2w.nii.gz: is beside sub-01/anat/sub-01_T2w.nii, of the "
        "same name; remove one of them"
    }


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("sub-01/anat/sub-02_T2w.nii.gz", "not those of its folders"),
        ("sub-01/ses-a/anat/sub-01_T2w.nii.gz", "not those of its folders"),
        ("sub-01/anat/sub-01_ses-a_T2w.nii.gz", "not those of its folders"),
        ("sub-01/anat/acq-sag_sub-01_T2w.nii.gz", "not those of its folders"),
        ("sub-01/more/anat/sub-01_T2w.nii.gz", "not those of its folders"),
        ("sub-01/anat/sub-01_acq-a_acq-b_T2w.nii.gz", "twice"),
        ("sub-01/anat/sub-01_acq-a.b_T2w.nii.gz", "not named by BIDS"),
        ("sub-01/anat/sub-01_sagittal_T2w.nii.gz", "not named by BIDS"),
    ],
)
def test_a_name_that_breaks_a_rule_is_told_with_the_rule(tmp_path: Path, path: str, said: str) -> None:
    found, wrong = images(dataset(tmp_path, path))
    assert found == []
    assert said in wrong[path]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"Name": "x"}'])
def test_a_folder_that_is_no_data_set(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "dataset_description.json").write_text(text)
    with pytest.raises(UnreadableError, match=r"dataset_description\.json"):
        images(tmp_path)


def test_no_image_and_no_such_participant(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no image"):
        images(dataset(tmp_path, "sub-01/anat/sub-01_PDw.nii.gz"))
    with pytest.raises(UsageError, match="has no folder sub-9"):
        images(tmp_path, ["01", "9"])


def test_participant_then_group(spine_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way of one phantom, written by nibabel, beside a broken image and one that is never analysed."""
    names = ("sub-01/ses-a/anat/sub-01_ses-a_acq-sag_T2w.nii.gz", "sub-02/anat/sub-02_T1w.nii.gz")
    root, out = dataset(tmp_path / "data", *names), tmp_path / "data" / "derivatives" / "lumbardisc"
    nibabel.save(nibabel.load(spine_file), root / names[0])
    call = ["bids", str(root), str(out)]
    assert run([*call, "group"]) == 2
    assert "run level participant first" in capsys.readouterr().err
    assert run([*call, "participant", "--participant-label", "01", "02"]) == 1
    assert "sub-02_T1w.nii.gz: is empty" in capsys.readouterr().err

    made = sorted(path for path in out.glob("sub-*/**/*") if path.is_file())
    assert all(NAME.fullmatch(path.name) for path in made)
    stem = "sub-01/ses-a/anat/sub-01_ses-a_acq-sag_space-T2w_desc-lumbardisc"
    labels = nibabel.load(out / f"{stem}_dseg.nii.gz")
    assert np.allclose(labels.affine, nibabel.load(root / names[0]).affine)
    sidecar = json.loads((out / f"{stem}_dseg.json").read_text())
    link = json.loads((out / "dataset_description.json").read_text())["DatasetLinks"]["raw"]
    data, path = sidecar["SpatialReference"].removeprefix("bids:").split(":")
    assert (data, (out / link / path).resolve()) == ("raw", (root / names[0]).resolve())
    with (out / f"{stem}_discs.tsv").open() as file:
        discs = list(csv.DictReader(file, delimiter="\t"))
    assert discs[0]["level"] == "L5/S1"
    assert "" not in {cell for disc in discs for cell in disc.values()}
    assert set(discs[0]) == set(json.loads((out / f"{stem}_discs.json").read_text()))

    assert run([*call, "participant", "--participant-label", "sub-01", "-v"]) == 0
    assert "done by an earlier run" in capsys.readouterr().out
    assert run([*call, "group"]) == 1
    assert (out / "failures.csv").read_text().splitlines()[1].startswith("sub-02_T1w,sub-02/anat/sub-02_T1w.nii.gz,")
    with (out / "cohort.csv").open() as file:
        cohort = list(csv.DictReader(file))
    assert {row["study"] for row in cohort} == {"sub-01_ses-a_acq-sag_T2w"}
    assert [row["level"] for row in cohort] == [disc["level"] for disc in discs]
    assert f'href="{stem}_report.html"' in (out / "qc.html").read_text()
