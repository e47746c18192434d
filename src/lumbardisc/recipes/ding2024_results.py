"""What Ding 2024 shows, from a trained run: its tables, ROC curves, confusion matrix and ablation, written to files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from lumbardisc.evaluation.bootstrap import clustered_interval
from lumbardisc.evaluation.figures import draw_confusion, draw_roc
from lumbardisc.evaluation.grading import (
    DEGENERATION,
    MISSING,
    confusion,
    pair_scores,
    pairwise_auc,
    roc_points,
)
from lumbardisc.networks.attention_vgg import AttentionVGG
from lumbardisc.networks.unet import UNet
from lumbardisc.recipes.ding2024_config import Ding2024Config
from lumbardisc.recipes.ding2024_tables import (
    PAIRS,
    Graded,
    ablation_figures,
    auc_figures,
    class_figures,
    graded,
    overlap_figures,
    pair_name,
)
from lumbardisc.recipes.published import Figure, write_page
from lumbardisc.training.disc_grades import CLASSES, GradedDisc
from lumbardisc.training.masked_slices import MaskedSlices
from lumbardisc.training.splits import Part

PARTS: tuple[Part, ...] = ("validation", "test")


def draw(one: Graded, part: Part, out: Path) -> None:
    """ROC curves of the pairs and the confusion matrix, as PNG and SVG."""
    areas = pairwise_auc(one["truth"], one["probabilities"])
    curves = {
        f"{pair_name(pair)}, AUC {areas[pair]:.2f} (paper {published:.2f})": roc_points(
            *pair_scores(one["truth"], one["probabilities"], *pair)
        )
        for pair, published in PAIRS.items()
    }
    counts = confusion(one["truth"], one["predicted"], CLASSES)
    for suffix in ("png", "svg"):
        draw_roc(curves, out / f"roc_{part}.{suffix}")
        draw_confusion(counts, DEGENERATION, (*DEGENERATION, "not found"), out / f"confusion_{part}.{suffix}")


def write_results(
    config: Ding2024Config,
    segmenter: UNet,
    networks: Mapping[str, AttentionVGG],
    outlined: Mapping[Part, Sequence[MaskedSlices]],
    discs: Mapping[Part, Sequence[GradedDisc]],
    notes: Sequence[str],
) -> None:
    """Everything the paper shows, for the validation and the test patients, into ``config.out``.

    networks: name -> trained grader, the one with attention first.
    """
    sections: dict[str, Sequence[Figure]] = {}
    told = list(notes)
    bootstrap = partial(clustered_interval, samples=config.resamples)
    for part in PARTS:
        title = f"Table 1, segmentation, {part} patients"
        sections[title] = overlap_figures(segmenter, outlined[part], config.segmentation.size, part, bootstrap)
    for part in PARTS:
        answers = {name: graded(network, discs[part], config.grading.masked) for name, network in networks.items()}
        for name, one in answers.items():
            title = f"Table 2 and ROC curves, {name.replace('_', ' ')}, {part} patients"
            sections[title] = [*class_figures(one, part, bootstrap), *auc_figures(one, part, bootstrap)]
        first, *others = answers.values()
        for other in others:
            sections[f"Ablation, {part} patients"] = ablation_figures(first, other, bootstrap)
        told.append(_told(first, part))
        draw(first, part, config.out)
    write_page("Ding 2024", config.out, {}, sections, ("roc_test", "confusion_test"), told)


def _told(one: Graded, part: Part) -> str:
    lost, patients = int((one["predicted"] == MISSING).sum()), len(set(one["patients"]))
    return f"{part}: {len(one['truth'])} graded discs of {patients} patients, {lost} not found (each counts as wrong)"
