"""What Markhali 2024 shows of its final version, from a trained run, beside its figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lumbardisc.evaluation.bootstrap import clustered_interval
from lumbardisc.evaluation.comparison.figures import draw_boxes
from lumbardisc.networks.unpadded_unet import UnpaddedUNet
from lumbardisc.recipes.markhali2024_config import Markhali2024Config
from lumbardisc.recipes.markhali2024_data import Cohort
from lumbardisc.recipes.markhali2024_measure import Measured, measure
from lumbardisc.recipes.markhali2024_tables import TITLES, Compared, Groups, Subjects, compared, overlap_figures
from lumbardisc.recipes.published import Figure, Table, write_page
from lumbardisc.training.splits import Part

PARTS: tuple[Part, ...] = ("validation", "test")
BY = {"level": "Fig. 7A, discs by level", "grade": "Fig. 7B, discs by Pfirrmann grade"}
PAPER = (
    "paper: the best of eight runs of the final version has a DSC of 0.935 ± 0.014 without orphans (grades I-IV); two "
    "readers agree by 0.927 ± 0.024 (0.876 to 0.955)"
)


def write_results(config: Markhali2024Config, network: UnpaddedUNet, subjects: Cohort) -> None:
    """The validation and the test subjects, into ``config.out``; Figure 7 by the discs of both, as in the paper."""
    measured = {part: measure(network, subjects, part, config, config.version) for part in PARTS if subjects.of(part)}
    bootstrap = partial(clustered_interval, samples=config.resamples)
    tables: dict[str, Table] = {
        f"Subjects, {part}, without orphans": Subjects(of.subjects) for part, of in measured.items()
    }
    sections: dict[str, Sequence[Figure]] = {
        f"Overlap, {part} subjects": overlap_figures(of, config.version, part == "validation", bootstrap)
        for part, of in measured.items()
    }
    discs = [row for of in measured.values() for row in of.discs]
    grouped = {by: groups for by in BY if (groups := compared(discs, by))}
    tables |= {f"{BY[by]}, {' and '.join(measured)} subjects": Groups(groups) for by, groups in grouped.items()}
    pictures = [name for by, groups in grouped.items() for one in groups for name in [draw(one, by, config)]]
    write_page("Markhali 2024", config.out, tables, sections, pictures, notes(config, subjects, measured))


def draw(one: Compared, by: str, config: Markhali2024Config) -> str:
    """A box per group, as PNG and SVG; the name of both."""
    name = f"{one.measure}_by_{by}"
    for suffix in ("png", "svg"):
        draw_boxes(config.out / f"{name}.{suffix}", one.groups, one.contrast.letters, ylabel=TITLES[one.measure])
    return name


def notes(config: Markhali2024Config, subjects: Cohort, measured: dict[Part, Measured]) -> list[str]:
    """What to know of the run."""
    square = config.square
    training = subjects.of("train")
    people = len({(scan.source, scan.patient) for scan in training})
    return [
        PAPER,
        f"trained on {len(training)} scans of {people} subjects, {config.epochs} epochs, slices of "
        f"{square.size} x {square.size} shown as {square.shown} x {square.shown}, of which the middle "
        f"{square.inside} x {square.inside} are answered for",
        *(f"{part}: {len(of.subjects)} subjects, {len(of.discs)} discs" for part, of in measured.items()),
    ]
