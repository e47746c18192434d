"""Li et al. 2024: degeneration phases from routine T1 images, by detected discs and regressed T1rho. Wiring.

doi 10.1002/jmri.29499. Settings stand in ``li2024_config``, tables and figures in ``li2024_results``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lumbardisc.errors import InputError, UsageError
from lumbardisc.inference.detection import Detector
from lumbardisc.inference.svm import Svm
from lumbardisc.io.folders import make_folder
from lumbardisc.recipes.li2024_config import Li2024Config, read_config
from lumbardisc.recipes.li2024_parts import PHASES, REGRESSOR, Stages, detection_settings, regressor
from lumbardisc.recipes.li2024_results import write_results
from lumbardisc.recipes.li2024_tables import Fold
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.detection.training import detector, export_detector, fit
from lumbardisc.training.patients import deal, deal_folds, write_split
from lumbardisc.training.phases.crops import MeasuredDisc, measured_discs, shown
from lumbardisc.training.phases.data import KINDS, PhaseData
from lumbardisc.training.phases.regression import Array, Regressor, of_boxes, regress, train_regressor
from lumbardisc.training.phases.svm import fit_svm
from lumbardisc.training.sgd import Progress, seed
from lumbardisc.training.splits import Part


def run(path: Path, progress: Progress | None = None) -> Path:
    """Train the three stages, cross-validate, evaluate on the test patients, write tables; returns the folder.

    A run that was interrupted goes on where it stopped. Raises UsageError, InputError and OutputError.
    """
    config = read_config(path)
    data = [_read(name, folder, config) for name, folder in config.data.items()]
    patients = [(one.source, patient) for one in data for patient in one.discs]
    split = deal(patients, 0.0, config.test_share, config.split_seed)
    parts = {"all": data, **{part: _of_part(data, part, split.own) for part in ("train", "test")}}
    make_folder(config.out)
    write_split(split, patients, config.out / "split.csv")
    train = measured_discs(parts["train"])
    found = train_detection(config, [piece for one in parts["train"] for piece in one.slices], progress)
    folds = cross_validate(config, train, progress)
    final = train_regression(config, train, "final", progress)
    svm = fit_phases(config, train, final, folds)
    stages = Stages(found, final, svm, config.regression.shape)
    write_stage_3(config, svm, drawn=any(one.drawn for one in data))
    write_results(config, stages, folds, parts)
    return config.out


def train_detection(config: Li2024Config, slices: Sequence[BoxedSlice], progress: Progress | None = None) -> Detector:
    """Stage 1: boxes with levels."""
    settings = detection_settings(config, len(slices))
    settings.out.mkdir(exist_ok=True)
    trained = fit(detector(settings), slices, settings, lambda _: {}, progress=_named(progress, "detection"))
    network = settings.out / "detection.onnx"
    export_detector(trained, settings, network)
    return Detector(network)


def cross_validate(config: Li2024Config, discs: Sequence[MeasuredDisc], progress: Progress | None = None) -> list[Fold]:
    """Stages 2 and 3 with each fold of the training patients left out in turn, on the boxes that people drew."""
    dealt = deal_folds(np.array([disc.patient for disc in discs]), config.folds, config.split_seed)
    folds = []
    for fold in range(config.folds):
        learnt = [disc for disc, of_fold in zip(discs, dealt, strict=True) if of_fold != fold]
        held = [disc for disc, of_fold in zip(discs, dealt, strict=True) if of_fold == fold]
        network = train_regression(config, learnt, f"fold_{fold + 1}", progress)
        svm = _fitted(config, values_of(config, network, learnt), learnt)
        folds.append(Fold(held, values_of(config, network, held), svm))
    return folds


def train_regression(
    config: Li2024Config, discs: Sequence[MeasuredDisc], name: str, progress: Progress | None = None
) -> Regressor:
    """Stage 2: T1rho from crops. name: of its folder."""
    stage = config.regression
    seed(stage.schedule.seed)
    network = regressor(config)
    folder, told = config.out / REGRESSOR / name, _named(progress, f"regression {name.replace('_', ' ')}")
    train_regressor(network, discs, stage.shape, stage.variation, stage.schedule, folder, told)
    return network


def fit_phases(config: Li2024Config, discs: Sequence[MeasuredDisc], network: Regressor, folds: Sequence[Fold]) -> Svm:
    """Stage 3: phases from values, of training patients alone."""
    if config.phases.fitted_on == "training":
        return _fitted(config, values_of(config, network, discs), discs)
    held = [disc for fold in folds for disc in fold.discs]
    return _fitted(config, np.concatenate([fold.values for fold in folds]), held)


def values_of(config: Li2024Config, network: Regressor, discs: Sequence[MeasuredDisc]) -> Array:
    """Maximum, minimum and mean (discs, 3), in ms, by the boxes that people drew."""
    return regress(network, of_boxes(discs, config.regression.shape))


def write_stage_3(config: Li2024Config, svm: Svm, drawn: bool) -> None:
    """The machine as JSON, and whether it has learnt from phantoms."""
    beside = config.out / f"{PHASES}.part"
    beside.write_text(json.dumps({"phantom_trained": drawn, "svm": svm.to_json()}) + "\n", encoding="utf-8")
    beside.replace(config.out / PHASES)


def _fitted(config: Li2024Config, values: Array, discs: Sequence[MeasuredDisc]) -> Svm:
    phases = np.array([disc.measured.phase for disc in discs])
    return fit_svm(values, phases, penalty=config.phases.penalty, seed=config.phases.seed)


def _read(name: str, folder: Path, config: Li2024Config) -> PhaseData:
    """A data set, its slices through the window."""
    try:
        data = KINDS[name](folder)
    except OSError as error:
        raise InputError(f"data.{name}: {error.filename or folder}: {error.strerror or error}") from None
    return replace(data, slices=tuple(replace(one, image=shown(one.image, config.window)) for one in data.slices))


def _of_part(data: Sequence[PhaseData], part: Part, parts: Mapping[str, Part]) -> list[PhaseData]:
    """The slices and discs of the patients of a part. Raises UsageError where it has none."""
    own = [
        replace(
            one,
            slices=tuple(piece for piece in one.slices if parts[piece.patient] == part),
            discs={patient: discs for patient, discs in one.discs.items() if parts[patient] == part},
        )
        for one in data
    ]
    if not any(one.discs for one in own):
        raise UsageError(f"data: no patient is left for {part}; give more patients, or another test_share")
    return own


def _named(progress: Progress | None, name: str) -> Progress | None:
    return (lambda text, done: progress(f"{name}: {text}", done)) if progress else None
