"""Folders of small images with labels in every layout that `data check` reads, for the tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import nrrd
import numpy as np

from lumbardisc.conventions import CONVENTIONS
from lumbardisc.io import save_nifti
from lumbardisc.volume import LabelMap, Volume

AFFINE = np.array([[4.0, 0, 0, 0], [0, 0, -1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]])
"""Working order, 4 x 1 x 1 mm."""
NAMES = {1: "L5/S1 disc", 2: "disc L4-L5", 101: "L5", 100: "sacrum", 200: "canal"}


def labels() -> np.ndarray:
    """(slice, row, column) in our numbers: sacrum, two discs, L5 between them, the canal behind."""
    array = np.zeros((4, 60, 40), dtype=np.int16)
    for number, (top, bottom) in {2: (8, 12), 101: (12, 28), 1: (28, 32), 100: (32, 48)}.items():
        array[:, top:bottom, 8:24] = number
    array[:, 4:52, 28:32] = 200
    return array


def image(seed: int = 0) -> np.ndarray:
    """A bright spine on a dark ground, with noise of its own."""
    noise = np.random.default_rng(seed).normal(0, 5, labels().shape)
    return np.clip(np.where(labels() > 0, 120 + labels() % 100, 30) + noise, 0, 255).astype(np.uint8)


def renumbered(numbers: Mapping[int, int]) -> np.ndarray:
    """The labels with other numbers: ours -> theirs."""
    theirs = np.zeros_like(labels())
    for ours, number in numbers.items():
        theirs[labels() == ours] = number
    return theirs


def save(path: Path, array: np.ndarray, affine: np.ndarray = AFFINE, *, mask: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_nifti((LabelMap if mask else Volume)(array, affine), path)
    return path


def save_mha(path: Path, array: np.ndarray) -> None:
    """As SPIDER's: MHA with the direction of a sagittal stack."""
    import SimpleITK as itk  # noqa: N813

    path.parent.mkdir(parents=True, exist_ok=True)
    file = itk.GetImageFromArray(np.ascontiguousarray(array.transpose(2, 1, 0)))  # x runs over slices
    file.SetSpacing((4.0, 1.0, 1.0))
    file.SetDirection((-1.0, 0, 0, 0, 0, 1.0, 0, -1.0, 0))
    itk.WriteImage(file, str(path))


def spider(folder: Path) -> None:
    theirs = renumbered({ours: number for number, ours in CONVENTIONS["spider"].labels.items() if number != 101})
    for case in ("5_t1", "6_t2"):
        save_mha(folder / "images" / f"{case}.mha", image(int(case[0])))
        save_mha(folder / "masks" / f"{case}.mha", theirs)


def bids(folder: Path) -> None:
    for subject in ("01", "02"):
        anat = f"sub-{subject}/anat/sub-{subject}"
        save(folder / f"{anat}_T2w.nii.gz", image(int(subject)))
        save(folder / f"{anat}_T1w.nii.gz", image(int(subject) + 10))
        made = folder / "derivatives" / "manual" / f"{anat}_T2w_desc-manual_dseg.nii.gz"
        save(made, renumbered({1: 1, 2: 2, 101: 3, 100: 4, 200: 5}), mask=True)
    table = [f"{k}\t{name}" for k, name in enumerate(NAMES.values(), start=1)]
    (folder / "derivatives" / "manual" / "dseg.tsv").write_text("\n".join(["index\tname", *table]))


def nnunet(folder: Path) -> None:
    for case, part in (("a_t2", "Tr"), ("b_t2", "Tr"), ("c_t2", "Ts")):
        save(folder / f"images{part}" / f"{case}_0000.nii.gz", image(ord(case[0])))
        save(folder / f"images{part}" / f"{case}_0001.nii.gz", image(0))
        save(folder / f"labels{part}" / f"{case}.nii.gz", renumbered({1: 1, 2: 2, 101: 3, 100: 4, 200: 5}), mask=True)
    names = {"background": 0, **{name: k for k, name in enumerate(NAMES.values(), start=1)}}
    (folder / "dataset.json").write_text(json.dumps({"labels": names, "file_ending": ".nii.gz"}))


def phantoms(folder: Path) -> None:
    for case in ("x_t2", "y_t2"):
        save(folder / f"{case}.nii.gz", image(ord(case[0])))
        save(folder / "truth" / f"{case}.nii.gz", labels(), mask=True)


def analyzed(folder: Path) -> None:
    for case in ("x_t2", "y_t2"):
        save(folder / "scans" / f"{case}.nii.gz", image(ord(case[0])))
        save(folder / "out" / case / "segmentation.nii.gz", labels(), mask=True)
        (folder / "out" / case / "result.json").write_text(json.dumps({"name": case}))


def itk_snap(folder: Path) -> None:
    for case in ("x_t2", "y_t2"):
        save(folder / f"{case}.nii.gz", image(ord(case[0])))
        save(folder / f"{case}_seg.nii.gz", renumbered({k: k for k in NAMES}), mask=True)
    rows = [f'{k:5} 255 0 0 1 1 1 "{name}"' for k, name in {0: "Clear Label", **NAMES}.items()]
    (folder / "labels.txt").write_text("\n".join(["# ITK-SnAP Label Description File", *rows]))


def slicer(folder: Path) -> None:
    """One folder per case; the segmentation is cut to what it holds, as Slicer may save it."""
    for case in ("x", "y"):
        save(folder / case / "scan.nii.gz", image(ord(case)))
        part = labels()[:, 2:56, 4:36]
        header = {
            "space": "right-anterior-superior", "space directions": AFFINE[:3, :3].T,
            "space origin": AFFINE[:3, :3] @ [0, 2, 4],
        }  # fmt: skip
        for index, (number, name) in enumerate(NAMES.items()):
            header |= {f"Segment{index}_Name": name, f"Segment{index}_LabelValue": str(number)}
        nrrd.write(str(folder / case / "Segmentation.seg.nrrd"), part, header, index_order="F")


def tiff(folder: Path) -> None:
    import tifffile

    folder.mkdir(parents=True, exist_ok=True)
    for case in ("x", "y"):
        tifffile.imwrite(folder / f"{case}.tif", image(ord(case)), photometric="minisblack")
        tifffile.imwrite(folder / f"{case}_mask.tif", labels().astype(np.uint8), photometric="minisblack")
    (folder / "spacing.json").write_text('{"spacing_mm": [4.0, 1.0, 1.0]}')


LAYOUTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "spider": ("spider", spider),
    "bids": ("bids", bids),
    "nnunet": ("nnunet", nnunet),
    "phantoms": ("phantoms", phantoms),
    "analyzed": ("analyzed", analyzed),
    "itk_snap": ("pairs", itk_snap),
    "slicer": ("slicer", slicer),
    "tiff": ("pairs", tiff),
}
"""What it is -> (the layout it must be taken for, what makes it)."""
