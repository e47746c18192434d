"""The folder of results: whole or not at all, whatever goes wrong, and nobody else's files touched."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import resource
import shutil
import signal
from pathlib import Path

import nibabel
import numpy as np
import pytest
from report_study import AS_DICOM, PLAIN, make_study

from lumbardisc import levels, report
from lumbardisc.errors import OutputError
from lumbardisc.volume import AxisOrder

TEXTS = {"discs.csv", "segmentation.tsv", "segmentation.label", "result.json", "report.html"}
FILES = {*TEXTS, "segmentation.nii.gz", "segmentation.seg.nrrd", "overlay.png"}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder of results, written once."""
    out = tmp_path_factory.mktemp("written") / "out"
    report.write(make_study(name="first"), out)
    return out


@pytest.fixture
def first(written, tmp_path):
    """The results of an earlier run."""
    return Path(shutil.copytree(written, tmp_path / "first"))


def names(folder):
    """What lies in a folder, hidden files too."""
    return {path.name for path in folder.iterdir()}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_files_of_the_contract_and_no_other(study, tmp_path):
    report.write(study, tmp_path / "deep" / "Ergebnis ä 腰" / "out")
    assert names(tmp_path / "deep" / "Ergebnis ä 腰" / "out") == FILES == set(report.USUAL)
    assert names(tmp_path / "deep" / "Ergebnis ä 腰") == {"out"}


@pytest.mark.parametrize("identified", [True, False])
def test_that_there_is_no_patient_to_name_is_told_where_one_was_wanted(study, tmp_path, identified):
    report.write(study, tmp_path / "out", report.Wanted(identified=identified))
    warnings = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))["warnings"]
    assert any("names no patient" in one for one in warnings) == identified


@pytest.mark.parametrize("order", [PLAIN, AS_DICOM, AxisOrder((1, 2, 0), (False, True, True))])
def test_the_label_map_lies_on_the_grid_of_the_input(make, tmp_path, order):
    study = make(order=order)
    report.write(study, tmp_path / "out")
    saved = nibabel.load(tmp_path / "out" / "segmentation.nii.gz")
    assert saved.affine == pytest.approx(study.image.affine, abs=1e-4)
    assert np.array_equal(np.asarray(saved.dataobj), study.labels.array)
    assert np.asarray(saved.dataobj).dtype.kind in "iu"


def test_the_look_up_table_holds_the_labels_that_are_present(study, tmp_path):
    report.write(study, tmp_path / "out")
    head, *rows = (tmp_path / "out" / "segmentation.tsv").read_text("utf-8").splitlines()
    table = {int(index): (name, color) for index, name, color in (row.split("\t") for row in rows)}
    assert head == "index\tname\tcolor"
    assert set(table) == set(np.unique(study.labels.array)) - {0}
    assert table[1][0] == "L5/S1"
    assert table[levels.SACRUM][0] == "S1"
    for label in levels.table():
        if label.index in table:
            color = tuple(int(table[label.index][1][at : at + 2], 16) for at in (1, 3, 5))
            assert (table[label.index][0], color) == (label.name, label.color)


def test_an_earlier_result_is_replaced_and_other_files_are_kept(make, first):
    (first / "my notes.txt").write_text("keep me")
    (first / "sub").mkdir()
    report.write(make(name="second", discs=3), first)
    assert names(first) == FILES | {"my notes.txt", "sub"}
    assert (first / "my notes.txt").read_text() == "keep me"
    assert json.loads((first / "result.json").read_text("utf-8"))["name"] == "second"
    assert len((first / "discs.csv").read_text().splitlines()) == 4


def test_writing_into_an_empty_folder_and_through_a_link(study, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    report.write(study, tmp_path / "link")
    assert names(tmp_path / "real") == FILES


def test_results_are_as_readable_as_any_other_file(study, tmp_path):
    (tmp_path / "plain").mkdir()
    report.write(study, tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_file_in_the_way(study, tmp_path):
    (tmp_path / "out").write_text("mine")
    for place in (tmp_path / "out", tmp_path / "out" / "below"):
        with pytest.raises(OutputError, match="a file stands where the folder should be"):
            report.write(study, place)
    assert contents(tmp_path) == {"out": b"mine"}


def test_a_folder_in_the_place_of_a_file(study, first):
    (first / "discs.csv").unlink()
    (first / "discs.csv").mkdir()
    with pytest.raises(OutputError, match=r"discs\.csv is a folder"):
        report.write(study, first)
    assert names(first) == FILES


def test_the_error_is_one_line_with_place_reason_and_advice(study, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError) as caught:
        report.write(study, tmp_path / "out")
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"{tmp_path / 'out'}: ")
    assert "-o" in line


@pytest.mark.parametrize("victim", sorted(FILES))
def test_a_failing_write_of_any_file_leaves_no_trace(study, first, tmp_path, monkeypatch, victim):
    before = contents(first)
    fail_on(monkeypatch, victim, OSError(errno.ENOSPC, "No space left on device"))
    for place in (first, tmp_path / "new"):
        with pytest.raises(OutputError, match=r"No space left on device.*free some space") as caught:
            report.write(study, place)
        assert ".lumbardisc-" not in str(caught.value)
    assert contents(first) == before
    assert names(tmp_path) == {first.name}


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_the_reason_is_the_system_s_own(study, tmp_path, monkeypatch, code):
    fail_on(monkeypatch, "segmentation.nii.gz", OSError(code, os.strerror(code)))
    with pytest.raises(OutputError, match=os.strerror(code)):
        report.write(study, tmp_path / "new")


@pytest.mark.parametrize("victim", ["discs.csv", "segmentation.nii.gz"])
def test_an_interruption_leaves_no_trace(study, tmp_path, monkeypatch, victim):
    fail_on(monkeypatch, victim, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        report.write(study, tmp_path / "out")
    assert names(tmp_path) == set()


def fail_on(monkeypatch, name, error):
    """Let every write to a file whose name holds ``name`` put down half of it and then fail."""
    whole = Path.write_bytes

    def half(path, data):
        if name not in path.name:
            return whole(path, data)
        whole(path, data[: len(data) // 2])
        raise error

    monkeypatch.setattr(Path, "write_bytes", half)
    monkeypatch.setattr(Path, "write_text", lambda path, text, **_: half(path, text.encode()))


CASES = [(at, KeyboardInterrupt()) for at in range(1, 2 * len(FILES) + 1)]


@pytest.mark.parametrize(("at", "error"), [*CASES, (9, PermissionError(errno.EACCES, "open elsewhere"))])
def test_an_exchange_that_fails_gives_the_earlier_results_back(study, first, monkeypatch, at, error):
    moves, before, replace = [], contents(first), Path.replace

    def failing(path, target):
        moves.append(path)
        if len(moves) == at:
            raise error
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises((KeyboardInterrupt, OutputError)):
        report.write(study, first)
    assert contents(first) == before


def run(target, *parts):
    """Exit code of a function run in a process of its own."""
    process = multiprocessing.get_context("fork").Process(target=target, args=parts)
    process.start()
    process.join(60)
    return process.exitcode


def write_with_little_space(out, limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        report.write(make_study(), out)
    except OutputError as error:
        os._exit(7 if "free some space" in str(error) else 8)


@pytest.mark.parametrize("limit", [100, 5_000, 40_000])
def test_a_disk_that_really_takes_no_more(tmp_path, limit):
    assert run(write_with_little_space, tmp_path / "out", limit) == 7
    assert names(tmp_path) == set()


def write_and_die(out, name):
    """Killed outright, as by the system when memory runs out, while one of the files is being written."""
    patch = pytest.MonkeyPatch()
    whole = Path.write_bytes

    def dying(path, data):
        if name in path.name:
            whole(path, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(path, data)

    patch.setattr(Path, "write_bytes", dying)
    report.write(make_study(name="second"), out)


@pytest.mark.parametrize("name", ["segmentation.nii.gz", "overlay.png"])
def test_killed_half_way_leaves_the_earlier_results_or_none(first, tmp_path, name):
    assert run(write_and_die, tmp_path / "new", name) == -signal.SIGKILL
    assert not (tmp_path / "new").exists()
    before = contents(first)
    assert run(write_and_die, first, name) == -signal.SIGKILL
    assert {path.name: path.read_bytes() for path in first.glob("[!.]*")} == before


def write_as_nobody(out):
    if os.geteuid() == 0:
        os.setuid(65534)  # root may write anywhere
    try:
        report.write(make_study(), out)
    except OutputError as error:
        os._exit(7 if "choose a folder you may write to" in str(error) else 8)


@pytest.mark.usefixtures("first")
def test_a_folder_one_may_not_write_to(tmp_path):
    (tmp_path / "theirs").mkdir(mode=0o555)
    assert run(write_as_nobody, tmp_path / "theirs" / "out") == 7
    assert names(tmp_path / "theirs") == set()
