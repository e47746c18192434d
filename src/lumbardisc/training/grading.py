"""Training of the grading networks: folds of patients, one visible loop, calibration on the patients left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from torch import Tensor

from lumbardisc.errors import UsageError
from lumbardisc.inference.grading import THRESHOLDS
from lumbardisc.io.folders import make_folder
from lumbardisc.networks.grader import Committee, Grader
from lumbardisc.training.config import GradingConfig, read_config
from lumbardisc.training.epochs import fit_epochs
from lumbardisc.training.export import export
from lumbardisc.training.grade_batches import plain, varied
from lumbardisc.training.grade_calibration import calibrate, out_of_fold, readings_of, summary, write_folds
from lumbardisc.training.grade_crops import GradedCrops, load_crops
from lumbardisc.training.grades import FINDINGS, GRADES, GradedData
from lumbardisc.training.patients import deal_folds
from lumbardisc.training.run_folder import FREE, Network, begin_anew, keep_rows, key_of, load, log, save, state_of
from lumbardisc.training.splits import part_of

Progress = Callable[[str, float], None]
"""Called with what is being done and how far the run has come, 0-1."""

HEADS = THRESHOLDS + len(FINDINGS)
_SWAPPED = {"upper_endplate": "lower_endplate", "lower_endplate": "upper_endplate"}
MIRRORED = [
    *range(THRESHOLDS),
    *(THRESHOLDS + FINDINGS.index(_SWAPPED.get(name, name)) for name in FINDINGS),
]
"""For each head the one that takes its part in a crop that is upside down."""
_FINDING_SHARE = 0.1
"""Of the progress bar, for finding the discs."""


def train(config: Path, *, resume: bool = True, progress: Progress | None = None) -> Path:
    """Train as ``config`` says; returns its folder.

    It gets ``crops.npz`` (discs as they were found; keep it where the images may be), ``fold_K_S.pt`` per fold and
    seed, ``history.csv``, ``folds.csv`` (predictions by networks that never saw the patient), ``notes.txt`` (what was
    left out), and ``grading.onnx`` with its card: the mean of all networks, calibrated on ``folds.csv``. An
    interrupted run goes on with the network it was at unless ``resume`` is false. The fixed test patients of public
    data sets are left out.
    Raises UsageError for bad settings or grades.
    """
    settings = read_config(config, GradingConfig)
    tell = progress or (lambda _text, _done: None)
    make_folder(settings.out)
    if not resume:
        begin_anew(settings.out)
    sets = read_grades(settings)
    crops, notes = load_crops(
        sets,
        settings.segmentation,
        settings.out / "crops.npz",
        lambda text, done: tell(text, _FINDING_SHARE * done),
    )
    folds = deal_folds(crops.patient, settings.folds, settings.seed)
    members = [
        (fold, member(settings, crops, folds, fold, seed, tell))
        for fold in range(settings.folds)
        for seed in range(settings.seeds)
    ]
    scores = out_of_fold(members, crops, folds, settings.shape)
    card, readings = calibrate(readings_of(crops, scores, folds))
    write_folds(settings.out / "folds.csv", readings, card, sets)
    card |= {"task": "grading", "shape": list(settings.shape), "trained_on": sorted(settings.data)}
    card["out_of_fold"] = summary(readings, card)
    (settings.out / "notes.txt").write_text("".join(f"{note}\n" for note in notes), encoding="utf-8")
    committee = Committee([network for _, network in members])
    export(committee, [plain(_tensor(crops.crops[:1]), settings.shape)], settings.out / "grading.onnx", card)
    return settings.out


def read_grades(settings: GradingConfig) -> list[GradedData]:
    """All data sets of a configuration, without the images of fixed test patients. Raises UsageError."""
    unknown = [name for name in settings.data if name not in GRADES]
    if unknown:
        raise UsageError(f"data.{unknown[0]}: unknown kind of data set; known are {', '.join(GRADES)}")
    return [_without_test(GRADES[name](folder)) for name, folder in settings.data.items()]


def _without_test(data: GradedData) -> GradedData:
    test = {patient for patient in data.grades if part_of(data.source, patient) == "test"}
    images = tuple(image for image in data.images if image.patient not in test)
    grades = {patient: own for patient, own in data.grades.items() if patient not in test}
    note = f"{len(test)} patients of the fixed test set are left out, see training/splits.toml"
    return GradedData(data.source, images, grades, (*data.notes, note) if test else data.notes)


def member(
    settings: GradingConfig, crops: GradedCrops, folds: NDArray[np.int64], fold: int, seed: int, tell: Progress
) -> Grader:
    """The network of one fold and seed: from its file where it is done, trained where it is not.

    Raises UsageError where the file is of other settings or discs: it may have seen the patients it is to be judged on.
    """
    path, learnt = settings.out / f"fold_{fold}_{seed}.pt", crops.only(folds != fold)
    key = key_of(settings, learnt, free=FREE | {"seeds"})
    place = fold * settings.seeds + seed
    torch.manual_seed(1000 * settings.seed + 10 * fold + seed)
    network = Grader(HEADS, settings.widths, settings.dropout)
    if state_of(path, key) is None:
        share = (1.0 - _FINDING_SHARE) / (settings.folds * settings.seeds)
        history = settings.out / "history.csv"
        keep_rows(history, lambda row: (row["fold"], row["seed"]) != (str(fold), str(seed)))

        def advance(epoch: int, loss: float) -> None:
            log(history, {"fold": fold, "seed": seed, "epoch": epoch, "loss": f"{loss:.5f}"})
            done = _FINDING_SHARE + share * (place + epoch / settings.epochs)
            tell(f"fold {fold + 1} of {settings.folds}, epoch {epoch} of {settings.epochs}, loss {loss:.3f}", done)

        trained = fit(network, settings, learnt, advance)
        save({"network": trained.state_dict(), "config": settings.model_dump(mode="json"), "key": key}, path)
    return load(network, path)


def fit(
    network: Network,
    settings: GradingConfig,
    crops: GradedCrops,
    tell: Callable[[int, float], None],
    loss_of_grades: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> Network:
    """Train a network as the settings say; returns the running average of its weights.

    It must answer crops (n, 1, rows, columns) with evidence (n, heads, ...) as ``Grader`` does. tell: called after each
    epoch with its number and mean loss. loss_of_grades: of scores (n, heads) and grades (n,); ``grade_loss`` where none
    is given. Uses torch's random numbers.
    """
    loss_of_grades = loss_of_grades or grade_loss
    images, grades, findings = _tensor(crops.crops), torch.from_numpy(crops.grade), torch.from_numpy(crops.findings)

    def loss_of(answer: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
        batch, mirrored = varied(images[rows], settings.shape, settings.augmentation)
        scores = answer(batch).mean(dim=(2, 3)).cpu()
        scores = torch.where(mirrored[:, None], scores[:, MIRRORED], scores)
        return loss_of_grades(scores, grades[rows]) + settings.finding_weight * finding_loss(scores, findings[rows])

    return fit_epochs(network, settings, len(crops), loss_of, tell)


def grade_loss(scores: Tensor, grades: Tensor) -> Tensor:
    """Mean cross-entropy of "above grade 1" ... "above grade 4" (Frank and Hall 2001). grades: (n,) 1-5."""
    above = (grades[:, None] > torch.arange(1, THRESHOLDS + 1)).float()
    return functional.binary_cross_entropy_with_logits(scores[:, :THRESHOLDS], above)


def finding_loss(scores: Tensor, findings: Tensor) -> Tensor:
    """Mean cross-entropy of the findings that are known; 0 where none is. findings: (n, FINDINGS) 0, 1 or NaN."""
    known = ~findings.isnan()
    if not known.any():
        return scores.sum() * 0.0
    return functional.binary_cross_entropy_with_logits(scores[:, THRESHOLDS:][known], findings[known])


def _tensor(crops: NDArray[np.float16]) -> Tensor:
    return torch.from_numpy(crops.astype(np.float32))
