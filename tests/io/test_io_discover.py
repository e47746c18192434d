"""What `find` finds: one study after another, each with a name, none stopping the others."""

from __future__ import annotations

import os
import pickle
import zipfile
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import nibabel
import numpy as np
import pytest
from making_dicom import Series, write
from PIL import Image
from pydicom import uid

from lumbardisc.errors import InputError, UsageError
from lumbardisc.io import deflated, find


def nifti(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    voxels = np.random.default_rng(seed).integers(0, 900, (5, 12, 10)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([4.0, 0.6, 0.6, 1.0])), path)
    return path


def names(*inputs: Path, **options) -> list[str]:
    return [source.name for source in find(inputs, **options)]


def said(path: Path, **options) -> str:
    """The one line that keeps an input from being read."""
    (source,) = find([path], **options)
    with pytest.raises(InputError) as caught:
        source.load()
    line = str(caught.value)
    assert line.startswith(str(path)), "says where"
    assert "\n" not in line
    return line


def test_a_folder_of_images_is_a_study_per_file(tmp_path):
    for name in ("b.nii.gz", "a.nii", "deep/er/c.nii.gz"):
        nifti(tmp_path / "cohort" / name)
    assert names(tmp_path / "cohort") == ["a", "b", "c"]


def test_images_of_one_stem_are_named_by_their_folders(tmp_path):
    for subject in ("sub-01", "sub-02"):
        nifti(tmp_path / "cohort" / subject / "anat" / "T2w.nii.gz")
    assert names(tmp_path / "cohort") == ["sub-01_anat_T2w", "sub-02_anat_T2w"]
    paths = [tmp_path / "cohort" / subject / "anat" / "T2w.nii.gz" for subject in ("sub-01", "sub-02")]
    assert names(*paths) == ["anat_T2w", "anat_T2w_2"]


def test_names_are_unique_and_safe(tmp_path):
    same = nifti(tmp_path / "a b" / "Müller: #1 脊柱.nii.gz")
    found = names(same, same, nifti(tmp_path / "c" / "CASE.nii"), nifti(tmp_path / "d" / "case.nii"))
    assert found == ["a_b_Müller___1_脊柱", "a_b_Müller___1_脊柱_2", "c_CASE", "d_case"]


def test_paths_with_spaces_and_other_scripts_load(tmp_path):
    path = nifti(tmp_path / "mon dossier é" / "scan π.nii.gz")
    assert find([path])[0].load().volume.shape == (5, 12, 10)
    write(tmp_path / "dossier 脊 é" / "sér ie", Series())
    assert find([tmp_path / "dossier 脊 é"])[0].load().volume.shape == (5, 24, 20)


def test_a_dicom_study_is_named_by_its_folder_never_by_its_patient(tmp_path):
    write(tmp_path / "study one" / "s1", Series())
    write(tmp_path / "study one" / "s2", Series(number=2))
    assert names(tmp_path / "study one") == ["study_one"]


def test_several_dicom_studies_and_images_in_one_folder(tmp_path):
    first, second = uid.generate_uid(), uid.generate_uid()
    write(tmp_path / "all" / "x", Series(study=first))
    write(tmp_path / "all" / "y", Series(study=second))
    nifti(tmp_path / "all" / "z.nii")
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(tmp_path / "all" / "screenshot.png")
    found = find([tmp_path / "all"])
    assert len({source.name for source in found}) == 3
    assert [source.name[:4] for source in found] == ["x", "y", "z"]
    assert all(source.load().volume.shape for source in found)
    assert first not in found[0].name


def test_dicom_studies_of_a_tree_are_named_by_their_folders(tmp_path):
    for patient in ("P1", "P2"):
        for series in ("1", "2"):
            study = uid.generate_uid(entropy_srcs=[patient])
            write(tmp_path / "tree" / patient / series, Series(study=study))
    assert names(tmp_path / "tree") == ["P1", "P2"]


def test_studies_that_share_their_folders_are_told_apart_by_a_hash(tmp_path):
    studies = uid.generate_uid(), uid.generate_uid()
    for folder in ("x", "y"):
        for number, study in enumerate(studies):
            write(tmp_path / "all" / folder / str(number), Series(study=study))
    first, second = names(tmp_path / "all")
    assert first != second
    assert {first[:4], second[:4]} == {"all_"}


def test_a_folder_of_cut_off_files_among_studies_is_told(tmp_path):
    for patient in ("P1", "P2"):
        write(tmp_path / "tree" / patient, Series(study=uid.generate_uid()))
    (tmp_path / "tree" / "P3" / "1").mkdir(parents=True)
    (tmp_path / "tree" / "P3" / "1" / "0001.dcm").write_bytes(b"\0" * 128 + b"DICM")
    (tmp_path / "tree" / "notes").mkdir()
    (tmp_path / "tree" / "notes" / "read me.txt").touch()
    *_, broken = find([tmp_path / "tree"])
    assert names(tmp_path / "tree") == ["P1", "P2", "P3"]
    with pytest.raises(InputError, match="P3: holds no image that can be read among 1 DICOM files"):
        broken.load()


def test_pictures_in_a_folder_count_with_spacing_or_alone(tmp_path):
    nifti(tmp_path / "z.nii")
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(tmp_path / "picture.png")
    assert names(tmp_path) == ["z"]
    assert names(tmp_path, spacing=(4, 1, 1)) == ["picture", "z"]
    (tmp_path / "z.nii").unlink()
    assert names(tmp_path) == ["picture"]


def test_dicom_files_named_one_by_one_are_one_study(tmp_path):
    paths = write(tmp_path / "study", Series())
    (source,) = find(paths)
    assert source.name == "study"
    assert source.load().volume.shape[0] == 5
    assert names(paths[0]) == [paths[0].name]


def test_one_bad_input_does_not_stop_the_others(tmp_path):
    good = nifti(tmp_path / "good.nii")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.dcm").write_text("no image")
    found = find([tmp_path / "absent", good, tmp_path / "empty", tmp_path / "text.dcm"])
    failed = []
    for source in found:
        try:
            source.load()
        except InputError:
            failed.append(source.name)
    assert sorted(failed) == ["absent", "empty", "text"]
    assert len(found) == 4


def test_bad_inputs_say_what_is_wrong(tmp_path):
    assert "no such file" in said(tmp_path / "absent.nii")
    assert "no such file" in said(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    assert "is empty" in said(tmp_path / "empty")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    assert "no image that is read here" in said(tmp_path / "notes")
    for name in ("x.dcm", "x.jpg", "x"):
        (tmp_path / name).write_bytes(b"\xff\xd8 no DICOM" * 50)
        assert "is not an image" in said(tmp_path / name)
    (tmp_path / "zero.nii.gz").touch()
    assert "is empty" in said(tmp_path / "zero.nii.gz")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_may_not_be_read(tmp_path):
    path = nifti(tmp_path / "scan.nii")
    path.chmod(0)
    assert "permission denied" in said(path)


def test_a_refusal_of_the_system_is_one_line(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    path = nifti(tmp_path / "scan.nii")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "permission denied" in said(path)


def test_zips_of_images_are_read_in_memory(tmp_path):
    image = nifti(tmp_path / "scan.nii.gz")
    with ZipFile(tmp_path / "cohort.zip", "w") as archive:
        archive.write(image, "a/one.nii.gz")
        archive.write(image, "b/two.nii.gz")
        archive.writestr("../../outside.nii.gz", image.read_bytes())
        archive.writestr("notes.txt", "text")
    before = sorted(tmp_path.rglob("*"))
    found = find([tmp_path / "cohort.zip"])
    assert [source.name for source in found] == ["one", "two"], "a member that leads out of the archive is left alone"
    assert np.array_equal(found[0].load().volume.array, find([image])[0].load().volume.array)
    assert sorted(tmp_path.rglob("*")) == before, "nothing is unpacked"


def test_bad_zips_say_what_is_wrong(tmp_path):
    empty, text, cut = (tmp_path / name for name in ("empty.zip", "text.zip", "cut.zip"))
    with ZipFile(empty, "w"):
        pass
    assert "is empty" in said(empty)
    text.write_text("no zip")
    assert "not a whole zip archive" in said(text)
    with ZipFile(cut, "w") as archive:
        archive.write(nifti(tmp_path / "scan.nii"))
    cut.write_bytes(cut.read_bytes()[:-30])
    assert "not a whole zip archive" in said(cut)


def test_a_damaged_member_is_told(tmp_path):
    with ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.write(nifti(tmp_path / "scan.nii"), "scan.nii")
    whole = bytearray((tmp_path / "study.zip").read_bytes())
    whole[500] ^= 255
    (tmp_path / "study.zip").write_bytes(whole)
    assert "damaged inside the archive" in said(tmp_path / "study.zip")


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "bomb.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("scan.nii", bytes(deflated.BOMB_BYTES + 1))
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    assert "too much for a study" in said(path)


def test_a_locked_zip_is_told(tmp_path):
    with ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.write(nifti(tmp_path / "scan.nii"), "scan.nii")
    whole = bytearray((tmp_path / "study.zip").read_bytes())
    whole[6] |= 1  # the flag of encryption in the member's own header
    whole[whole.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    (tmp_path / "study.zip").write_bytes(whole)
    assert "locked by a password" in said(tmp_path / "study.zip")


def test_contrast_is_the_users_where_given(tmp_path):
    path = nifti(tmp_path / "scan.nii")
    assert find([path], contrast="stir")[0].load().contrast == "stir"
    write(tmp_path / "study", Series())
    assert find([tmp_path / "study"], contrast="t1")[0].load().contrast == "t1"
    with pytest.raises(UsageError, match="not one of t1, t2"):
        find([path], contrast="t3")


def test_finding_reads_no_pixels(tmp_path, monkeypatch):
    write(tmp_path / "study", Series())
    nifti(tmp_path / "scan.nii")
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    assert len(find([tmp_path])) == 2


def test_sources_can_be_handed_to_another_process(tmp_path):
    write(tmp_path / "study", Series())
    again = pickle.loads(pickle.dumps(find([tmp_path / "study"])[0]))
    assert again.load().volume.shape == (5, 24, 20)


def test_a_companion_goes_with_the_one_study_there_is(tmp_path):
    main, companion = nifti(tmp_path / "t2.nii"), nifti(tmp_path / "t1.nii", seed=1)
    (source,) = find([main], companion=companion)
    scan = pickle.loads(pickle.dumps(source)).load()
    assert [one.name for one in scan.companions] == ["t1"]
    assert scan.companions[0].load().sha256 not in ("", scan.sha256)
    with pytest.raises(UsageError, match=r"--with .*t1.nii: goes with one study, not with 2"):
        find([main, companion], companion=companion)


def test_a_companion_that_is_not_there_says_so_only_when_it_is_read(tmp_path):
    (source,) = find([nifti(tmp_path / "t2.nii")], companion=tmp_path / "t1.nii")
    (missing,) = source.load().companions
    with pytest.raises(InputError, match="there is no such file"):
        missing.load()


def test_only_pictures_have_no_place_in_space(tmp_path):
    Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(tmp_path / "a.png")
    (picture,) = find([tmp_path / "a.png"], spacing=(4.0, 1.0, 1.0))
    (volume,) = find([nifti(tmp_path / "b.nii")])
    assert (picture.load().placed, volume.load().placed) == (False, True)


def test_an_unreadable_file_among_good_ones_becomes_a_warning(tmp_path, monkeypatch):
    paths = write(tmp_path / "study", Series())
    opened = Path.open

    def refuse_one(path, *options, **named):
        if path == paths[0]:
            raise PermissionError(13, "Permission denied")
        return opened(path, *options, **named)

    monkeypatch.setattr(Path, "open", refuse_one)
    (source,) = find([tmp_path / "study"])
    assert any("permission denied" in warning for warning in source.load().warnings)


def test_inputs_may_be_relative_and_the_current_folder(tmp_path, monkeypatch):
    nifti(tmp_path / "here" / "scan.nii")
    write(tmp_path / "here" / "dicom", Series())
    monkeypatch.chdir(tmp_path / "here" / "dicom")
    assert names(Path()) == ["dicom"]
    monkeypatch.chdir(tmp_path / "here")
    assert names(Path("scan.nii")) == ["scan"]


def test_libraries_stay_silent_about_bad_files(tmp_path, capfd, recwarn):
    """What is wrong is said once, by the error; nothing else reaches the terminal."""
    scan = nifti(tmp_path / "scan.nii").read_bytes()
    (tmp_path / "odd.nii").write_bytes(scan[:76] + bytes(16) + scan[92:])
    (tmp_path / "cut.tif").write_bytes(b"II*\0\x08\0\0\0\x02\0" + bytes(8))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    too_long = "0.6\\0.60000000000000000001"
    paths = write(tmp_path / "study", Series(), PatientBirthDate="not a date", PixelSpacing=too_long)
    paths[0].write_bytes(paths[0].read_bytes()[:-100])
    recwarn.clear()  # those of writing such files
    for source in find([tmp_path / name for name in ("odd.nii", "cut.tif", "broken.png", "study")], spacing=(4, 1, 1)):
        with suppress(InputError):
            source.load()
    assert capfd.readouterr() == ("", "")
    assert [str(warning.message) for warning in recwarn] == []


def test_the_masks_of_phantoms_are_no_scans(tmp_path):
    nifti(tmp_path / "phantoms" / "seed-0000_t2.nii.gz")
    nifti(tmp_path / "phantoms" / "truth" / "seed-0000_t2.nii.gz")
    (tmp_path / "phantoms" / "truth" / "truth.csv").write_text("study\n")
    assert names(tmp_path / "phantoms") == ["seed-0000_t2"]
    with ZipFile(tmp_path / "sent.zip", "w") as archive:
        for path in (tmp_path / "phantoms").rglob("*.*"):
            archive.write(path, path.relative_to(tmp_path / "phantoms"))
    assert names(tmp_path / "sent.zip") == ["seed-0000_t2"]
