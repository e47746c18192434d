"""What networks say of discs of exams that they did not learn from, and the card that follows: uncertainty, phases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lumbardisc.evaluation.calibration import expected_calibration_error
from lumbardisc.evaluation.grading import accuracy, auc
from lumbardisc.inference.t1rho import KINDS, PHASES, VALUES, in_ms, only, phases
from lumbardisc.networks.t1rho import T1rhoNetwork
from lumbardisc.quantify.t1rho import PHASE_LIMITS_MS, phase_of
from lumbardisc.training.grade_calibration import surprise
from lumbardisc.training.phases.svm import FEWEST, fit_svm
from lumbardisc.training.t1rho.batches import plain_planes
from lumbardisc.training.t1rho.crops import T1rhoCrops

Array = NDArray[np.float64]

GROUPS = (*KINDS, "+".join(KINDS))
"""Which images of a disc are looked at."""
CENTRE_MS, UNIT_MS = 100.0, 30.0
"""The network speaks of T1rho as (ms - CENTRE_MS) / UNIT_MS."""
WITHIN = 1.6448536
"""Standard deviations on either side of the mean between which 90 % of a normal distribution lies."""
_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Answers:
    """One row per disc. outputs: (n, VALUES and log-variance) of the network. values: (n, VALUES), true, ms.

    fold: of the patient; the network that answered had not seen it.
    """

    outputs: Array
    values: Array
    patient: NDArray[np.str_]
    disc: NDArray[np.int64]
    fold: NDArray[np.int64]

    @property
    def phase(self) -> NDArray[np.int64]:
        """The true phase of each disc, 1-3."""
        return phases_of(self.values[:, 0])

    def only(self, rows: NDArray[np.bool_]) -> Answers:
        """Some of the rows. rows: (n,)."""
        return Answers(*(getattr(self, field.name)[rows] for field in fields(self)))


def phases_of(mean_ms: Array) -> NDArray[np.int64]:
    """Phases 1-3 by the mean T1rho (n,)."""
    return np.array([phase_of(float(mean)) for mean in mean_ms], dtype=np.int64)


def out_of_fold(
    members: Sequence[tuple[int, T1rhoNetwork]],
    crops: T1rhoCrops,
    folds: NDArray[np.int64],
    shape: tuple[int, int],
    planes: int,
) -> dict[str, Answers]:
    """The answers about every disc for each group of images that any disc has; a network per fold."""
    found = {}
    for group in GROUPS:
        has = np.all([_shown(crops, kind) for kind in group.split("+")], axis=0)
        outputs = np.zeros((len(crops), len(VALUES) + 1))
        for fold, network in members:
            rows = has & (folds == fold)
            outputs[rows] = outputs_of(network, crops.planes[rows], group, shape, planes)
        if has.any():
            whole = Answers(outputs, crops.values, crops.patient, crops.disc, folds)
            found[group] = whole.only(has)
    return found


def _shown(crops: T1rhoCrops, kind: str) -> NDArray[np.bool_]:
    return np.asarray(crops.planes[:, KINDS.index(kind)].any(axis=(1, 2)))


@torch.no_grad()
def outputs_of(
    network: torch.nn.Module, kept: NDArray[np.float16], group: str, shape: tuple[int, int], planes: int
) -> Array:
    """Outputs (n, VALUES and log-variance) for discs (n, PLANES, rows, columns) of which only a group is shown."""
    parts = [
        network(plain_planes(torch.from_numpy(only(kept[start : start + _AT_ONCE, :planes], group)).float(), shape))
        for start in range(0, len(kept), _AT_ONCE)
    ]
    outputs: Array = torch.cat(parts).double().numpy() if parts else np.zeros((0, len(VALUES) + 1))
    return outputs


def calibrate(answers: Mapping[str, Answers]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a card says of phases and uncertainty, and what this was chosen by, both from answers out of fold.

    Standard deviations are scaled until the errors have the spread that they say. The phase comes from a support
    vector machine on the three values, as in Li 2024, or from the normal distribution of the mean, whichever made the
    true phases likelier; a machine is judged on the folds that it was not fitted to.
    """
    card: dict[str, Any] = {"centre_ms": CENTRE_MS, "unit_ms": UNIT_MS, "phase_limits_ms": list(PHASE_LIMITS_MS)}
    card["groups"] = {group: {"sd_scale": 1.0} for group in answers}
    for group, own in answers.items():
        card["groups"][group]["sd_scale"] = round(_spread(own, card, group), 4)
    found = {
        way: {group: judged(own, card, group, shares[group]) for group, own in answers.items()}
        for way, shares in _ways(answers, card).items()
    }
    best = min(found, key=lambda way: sum(measures["surprise"] for measures in found[way].values()))
    if best == "svm":
        for group, own in answers.items():
            card["groups"][group]["svm"] = fit_svm(in_ms(own.outputs, card, group)[0], own.phase).to_json()
    return card, {"phases_by": best, **found}


def _ways(answers: Mapping[str, Answers], card: Mapping[str, Any]) -> dict[str, dict[str, Array]]:
    """Ways to the probabilities of phases, each group -> (n, PHASES); machines only where every phase has discs."""
    ways = {"normal": {group: phases(*in_ms(own.outputs, card, group), card, group) for group, own in answers.items()}}
    if all(map(_enough, answers.values())):
        ways["svm"] = {group: _by_svm(own, card, group) for group, own in answers.items()}
    return ways


def _spread(answers: Answers, card: Mapping[str, Any], group: str) -> float:
    """Root mean square of the errors of the mean, in the network's own standard deviations."""
    values, sd = in_ms(answers.outputs, card, group)
    return float(np.sqrt(np.mean(((answers.values[:, 0] - values[:, 0]) / sd) ** 2)))


def _enough(answers: Answers) -> bool:
    """Whether a machine can be fitted without any one of the folds."""
    rest = (answers.phase[answers.fold != fold] for fold in np.unique(answers.fold))
    return all(np.bincount(own, minlength=PHASES + 1)[1:].min() >= FEWEST for own in rest)


def _by_svm(answers: Answers, card: Mapping[str, Any], group: str) -> Array:
    """Probabilities (n, PHASES) of each disc by a machine fitted to the other folds."""
    values, _ = in_ms(answers.outputs, card, group)
    shares = np.zeros((len(values), PHASES))
    for fold in np.unique(answers.fold):
        held = answers.fold == fold
        shares[held] = fit_svm(values[~held], answers.phase[~held]).probabilities(values[held])
    return shares


def judged(answers: Answers, card: Mapping[str, Any], group: str, shares: Array) -> dict[str, float]:
    """How good answers are. shares: (n, PHASES), the probabilities of the phases."""
    values, sd = in_ms(answers.outputs, card, group)
    error = answers.values[:, 0] - values[:, 0]
    truth, taken = answers.phase, shares.argmax(axis=1) + 1
    measures = {
        "discs": len(truth),
        "accuracy": accuracy(truth, taken),
        "auc": mean_auc(truth, shares),
        "surprise": surprise(shares, truth),
        "mean_absolute_error_ms": float(np.abs(error).mean()),
        "correlation": _correlation(answers.values[:, 0], values[:, 0]),
        "within_90_percent": float(np.mean(np.abs(error) <= WITHIN * sd)),
        "calibration_error": expected_calibration_error(shares.max(axis=1), taken == truth),
    }
    return {name: round(value, 4) for name, value in measures.items() if np.isfinite(value)}


def mean_auc(truth: NDArray[np.int64], shares: Array) -> float:
    """Mean over the phases that occur of the area under the ROC curve of one against the rest; NaN for a single one."""
    areas = [auc(truth == phase, shares[:, phase - 1]) for phase in np.unique(truth)]
    return float(np.mean(areas))


def _correlation(one: Array, other: Array) -> float:
    """Pearson's; NaN where one of them is constant."""
    varied = min(np.ptp(one), np.ptp(other)) > 0.0
    return float(np.corrcoef(one, other)[0, 1]) if varied else float("nan")


def rows(answers: Mapping[str, Answers], card: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """``folds.csv``: one row per disc and group of images."""
    for group, own in answers.items():
        values, sd = in_ms(own.outputs, card, group)
        shares = phases(values, sd, card, group)
        for place, truth in enumerate(own.phase):
            told = dict(zip(VALUES, values[place], strict=True)) | {"t1rho_mean_sd_ms": sd[place]}
            true = {f"true_{name}": value for name, value in zip(VALUES, own.values[place], strict=True)}
            yield {
                **{"patient": own.patient[place], "disc": own.disc[place], "images": group, "fold": own.fold[place]},
                **{name: f"{value:.2f}" for name, value in (true | told).items()},
                **{f"phase_p{phase}": f"{share:.4f}" for phase, share in enumerate(shares[place], start=1)},
                "true_phase": truth,
            }
