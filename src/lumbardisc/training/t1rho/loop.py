"""Training of the networks that estimate T1rho: folds of patients, one visible loop, calibration on those left out."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from torch import Tensor

from lumbardisc import __version__
from lumbardisc.errors import UsageError
from lumbardisc.inference.t1rho import KINDS, PLANES, TASK, VALUES
from lumbardisc.io.folders import make_folder
from lumbardisc.networks.grader import Committee
from lumbardisc.networks.t1rho import T1rhoNetwork
from lumbardisc.training.config import T1rhoConfig, read_config
from lumbardisc.training.epochs import fit_epochs
from lumbardisc.training.export import export
from lumbardisc.training.patients import deal_folds
from lumbardisc.training.run_folder import begin_anew, keep_rows, key_of, load, log, save, state_of
from lumbardisc.training.t1rho.answers import CENTRE_MS, UNIT_MS, Answers, calibrate, out_of_fold, rows
from lumbardisc.training.t1rho.batches import plain_planes, varied_planes
from lumbardisc.training.t1rho.crops import T1rhoCrops, load_crops
from lumbardisc.training.t1rho.data import MatchedExam
from lumbardisc.training.t1rho.exams import EXAMS
from lumbardisc.training.t1rho.phantoms import phantom_exams

Progress = Callable[[str, float], None]
"""Called with what is being done and how far the run has come, 0-1."""

OUTPUTS = len(VALUES) + 1
"""The values, mean first, and the logarithm of the variance of the mean."""
EXTREMES = 0.3
"""Weight of the least and the greatest T1rho beside the mean; single noisy pixels make them."""
_LARGEST_GRADIENT = 1.0
_LOG_VARIANCE = (-6.0, 3.0)
_FINDING_SHARE = 0.3
"""Of the progress bar, for reading or drawing exams and finding their discs."""


def train(config: Path, *, resume: bool = True, progress: Progress | None = None) -> Path:
    """Train as ``config`` says; returns its folder.

    It gets ``crops.npz`` (discs as they were found; keep it where the images may be), ``fold_K.pt`` per fold,
    ``history.csv``, ``folds.csv`` (answers by networks that never saw the patient), ``notes.txt`` (what was left out),
    and ``t1rho.onnx`` with its card: the mean of all networks, calibrated on ``folds.csv``. An interrupted run goes on
    with the network it was at unless ``resume`` is false. Raises UsageError for bad settings, InputError for a bad
    table.
    """
    settings = read_config(config, T1rhoConfig)
    tell = progress or (lambda _text, _done: None)
    exams, notes = read_exams(settings)
    make_folder(settings.out)
    if not resume:
        begin_anew(settings.out)
    crops, unread = load_crops(
        exams, settings.segmentation, settings.out / "crops.npz", lambda text, done: tell(text, _FINDING_SHARE * done)
    )
    folds = deal_folds(crops.patient, settings.folds, settings.seed)
    members = [(fold, member(settings, crops, folds, fold, tell)) for fold in range(settings.folds)]
    answers = out_of_fold(members, crops, folds, settings.shape, planes_of(settings))
    card, found = calibrate(answers)
    _write_rows(settings.out / "folds.csv", answers, card)
    (settings.out / "notes.txt").write_text("".join(f"{note}\n" for note in (*notes, *unread)), encoding="utf-8")
    card = {"task": TASK, "shape": list(settings.shape), "planes": list(PLANES[: planes_of(settings)]), **card}
    card |= {"phantom_trained": bool(crops.drawn.all()), "trained_on": told(settings, crops), "out_of_fold": found}
    planes = torch.from_numpy(crops.planes[:1, : planes_of(settings)]).float()
    committee = Committee([network for _, network in members])
    export(committee, [plain_planes(planes, settings.shape)], settings.out / f"{TASK}.onnx", card)
    return settings.out


def read_exams(settings: T1rhoConfig) -> tuple[list[MatchedExam], list[str]]:
    """All exams of a configuration, and a line for each thing that is left out. Raises UsageError and InputError."""
    unknown = [name for name in settings.data if name not in EXAMS]
    if unknown:
        raise UsageError(f"data.{unknown[0]}: unknown kind of exams; known are {', '.join(EXAMS)}")
    if not (settings.data or settings.phantoms):
        raise UsageError("there is nothing to learn from; give exams under [data], or a number of phantoms")
    read = [EXAMS[name](folder) for name, folder in settings.data.items()]
    drawn = phantom_exams(range(settings.first_phantom, settings.first_phantom + settings.phantoms))
    return [*(exam for own, _ in read for exam in own), *drawn], [note for _, own in read for note in own]


def planes_of(settings: T1rhoConfig) -> int:
    """How many of ``PLANES`` the network sees."""
    return len(PLANES) if settings.nucleus else len(KINDS)


def told(settings: T1rhoConfig, crops: T1rhoCrops) -> dict[str, object]:
    """What a card says that its network learnt from."""
    patients = np.unique(crops.patient[~crops.drawn])
    drawn = {"phantom_version": __version__, "first_phantom": settings.first_phantom, "phantoms": settings.phantoms}
    return {
        "exams": sorted(settings.data),
        "patients": len(patients),
        "discs": len(crops),
        **(drawn if settings.phantoms else {}),
    }


def member(
    settings: T1rhoConfig, crops: T1rhoCrops, folds: NDArray[np.int64], fold: int, tell: Progress
) -> T1rhoNetwork:
    """The network of one fold: from its file where it is done, trained where it is not.

    Raises UsageError where the file is of other settings or discs: it may have seen the patients it is to be judged on.
    """
    path, learnt = settings.out / f"fold_{fold}.pt", crops.only(folds != fold)
    key = key_of(settings, learnt)
    torch.manual_seed(1000 * settings.seed + fold)
    network = T1rhoNetwork(OUTPUTS, planes_of(settings), width=settings.width, dropout=settings.dropout)
    if state_of(path, key) is None:
        share = (1.0 - _FINDING_SHARE) / settings.folds
        history = settings.out / "history.csv"
        keep_rows(history, lambda row: row["fold"] != str(fold))

        def advance(epoch: int, loss: float) -> None:
            log(history, {"fold": fold, "epoch": epoch, "loss": f"{loss:.5f}"})
            done = _FINDING_SHARE + share * (fold + epoch / settings.epochs)
            tell(f"fold {fold + 1} of {settings.folds}, epoch {epoch} of {settings.epochs}, loss {loss:.3f}", done)

        trained = fit(network, settings, learnt, advance)
        save({"network": trained.state_dict(), "config": settings.model_dump(mode="json"), "key": key}, path)
    return load(network, path)


def fit(
    network: T1rhoNetwork,
    settings: T1rhoConfig,
    crops: T1rhoCrops,
    tell: Callable[[int, float], None],
    loss_of: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> T1rhoNetwork:
    """Train a network as the settings say; returns the running average of its weights.

    tell: called after each epoch with its number and mean loss. loss_of: of outputs (n, OUTPUTS) and values (n, VALUES)
    in units of the network; ``t1rho_loss`` where none is given. Uses torch's random numbers.
    """
    loss_of_values = loss_of or t1rho_loss
    planes = torch.from_numpy(crops.planes[:, : planes_of(settings)])
    values = torch.from_numpy((crops.values - CENTRE_MS) / UNIT_MS).float()

    def loss_of_rows(answer: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
        batch = varied_planes(planes[rows].float(), settings.shape, settings.augmentation, settings.withhold)
        return loss_of_values(answer(batch).cpu(), values[rows])

    return fit_epochs(network, settings, len(crops), loss_of_rows, tell, _LARGEST_GRADIENT)


def t1rho_loss(outputs: Tensor, values: Tensor) -> Tensor:
    """Gaussian likelihood of the mean with the variance that the network gives (Nix and Weigend 1994), and the distance
    of least and greatest, which is not squared far out. outputs: (n, OUTPUTS). values: (n, VALUES)."""
    log_variance = outputs[:, -1].clamp(*_LOG_VARIANCE)
    squared = (outputs[:, 0] - values[:, 0]).square()
    unlikelihood = 0.5 * (log_variance + squared * torch.exp(-log_variance))
    return unlikelihood.mean() + EXTREMES * functional.smooth_l1_loss(outputs[:, 1:-1], values[:, 1:])


def _write_rows(path: Path, answers: Mapping[str, Answers], card: Mapping[str, object]) -> None:
    table = list(rows(answers, card))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
