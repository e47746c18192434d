"""A study and a prior one of the same patient: what changed in each disc, and what speaks against believing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import nan

import numpy as np

from lumbardisc.anatomy.same_spine import FITS_MM
from lumbardisc.errors import InputError
from lumbardisc.io.scan import Scan
from lumbardisc.pipeline.earlier import Earlier, Prior
from lumbardisc.pipeline.job import Pipeline, Progress
from lumbardisc.pipeline.pair import Pair
from lumbardisc.pipeline.study import Study
from lumbardisc.pipeline.unfit import contrast_of, size_differs, unfit
from lumbardisc.quantify.change import Change, Difference
from lumbardisc.quantify.compare import compare_disc

BESIDE_MM = 5.0
"""Measured this far apart, to the right or left, two sections of a disc are no longer the same."""


def follow_up(scan: Scan, name: str, prior: Prior, parts: Pipeline, progress: Progress | None = None) -> Study:
    """Analyse a scan and compare it with a prior study. Raises InputError, also where the patients are two."""
    refuse_another_patient(scan, prior)
    tell = progress or (lambda _text, _done: None)
    earlier = prior.examine(parts, lambda text, done: tell(f"prior study, {text}", 0.5 * done))
    study = parts.run(scan, name, progress=lambda text, done: tell(text, 0.5 + 0.5 * done))
    return replace(study, change=compare(Earlier.of(study), earlier))


def refuse_another_patient(scan: Scan, prior: Prior) -> None:
    """Raise InputError where headers tell two birth dates. Identifiers differ between hospitals: that is warned of."""
    born = scan.origin.patient.born if scan.origin else ""
    if born and prior.patient and prior.patient.born not in ("", born):
        raise InputError(
            f"--prior {prior.path}: is of another patient, as the birth dates differ; give a prior study of this "
            "patient, or correct the header that is wrong"
        )


def compare(now: Earlier, before: Earlier) -> Change:
    """What changed in the discs from one analysed study of a patient to another."""
    return change_of(Pair(now, before))


def change_of(pair: Pair) -> Change:
    """The same of two studies that were laid on each other."""
    flags = {"level_shift": pair.shift, "same_image": _same_image(pair)}
    return Change(
        prior=pair.before.name,
        days=pair.days,
        rows=tuple(_rows(pair)),
        absent=tuple(pair.absent()),
        distance_mm=_distance_mm(pair),
        warnings=tuple(_warnings(pair)),
        flags=tuple(flag for flag, holds in flags.items() if holds),
    )


def _rows(pair: Pair) -> Iterator[Difference]:
    reasons = unfit(pair.now, pair.before, _size(pair))
    for level in pair.compared:
        yield from compare_disc(level, pair.before.discs[level], pair.now.discs[level], reasons)


def _size(pair: Pair) -> float:
    return pair.whole.size if pair.whole else nan


def _distance_mm(pair: Pair) -> float:
    """Beside the discs that were compared, else of the whole."""
    beside = [fit.distance_mm for fit in pair.compared.values()]
    return float(np.mean(beside)) if beside else pair.whole.distance_mm if pair.whole else nan


def _same_image(pair: Pair) -> bool:
    ours, theirs = ((one.provenance.get("input") or {}).get("sha256") for one in (pair.now, pair.before))
    return bool(ours) and ours == theirs


def _warnings(pair: Pair) -> Iterator[str]:
    """One line each, the gravest first."""
    yield from _whether_one_patient(pair)
    yield from _whether_it_fits(pair)
    yield from _whether_names_hold(pair)
    if pair.whole and size_differs(pair.now, pair.before, _size(pair)):
        yield (
            f"the vertebrae measure {_size(pair):.0%} of those of the prior study, and a recorded pixel size is wrong "
            "or in doubt; sizes were not compared"
        )
    yield from _whether_in_order(pair)
    yield from _whether_made_alike(pair)


def _whether_one_patient(pair: Pair) -> Iterator[str]:
    one, other = pair.now.patient, pair.before.patient
    if one and other and one.is_another_than(other):
        yield "the two studies bear different patient identifiers or names; make sure that they are of one patient"


def _whether_it_fits(pair: Pair) -> Iterator[str]:
    if pair.shift:
        side = "higher" if pair.shift > 0 else "lower"
        yield (
            f"the spines fit well only if every name of the prior study moves one level {side}, so one of the two is "
            "named wrongly; nothing was compared"
        )
    elif pair.whole is None:
        yield "the studies have no two vertebrae in common that are seen whole, so nothing was compared"
    elif not pair.fits:
        yield (
            f"the spines of the two studies lie {pair.whole.distance_mm:.1f} mm from each other at best, so nothing "
            "was compared; make sure that they are of one patient"
        )
    elif pair.whole.distance_mm > FITS_MM:
        yield (
            f"aligned as a whole, the spines lie {pair.whole.distance_mm:.1f} mm from each other, more than those of "
            "one patient usually do; make sure that they are of one patient"
        )


def _whether_names_hold(pair: Pair) -> Iterator[str]:
    for one, whose in ((pair.before, "the prior study"), (pair.now, "this study")):
        if pair.fits and "level_ambiguous" in one.flags:
            yield f"the names of {whose} are in doubt, but both studies fit as they are named"


def _whether_in_order(pair: Pair) -> Iterator[str]:
    if _same_image(pair):
        yield "the prior study is this very image"
    elif pair.days is not None and pair.days < 0:
        yield f"the prior study is the later one, by {-pair.days} days; differences are this study's less the other's"
    elif pair.days == 0:
        yield "both studies are of one day, so differences beyond measurement error are errors too, or of the posture"


def _whether_made_alike(pair: Pair) -> Iterator[str]:
    for key, what in (("version", "another version"), ("weights", "other networks")):
        if pair.now.provenance.get(key) != pair.before.provenance.get(key):
            yield f"the prior results were made with {what}; give the prior images to have both analysed alike"
            break
    ours, theirs = contrast_of(pair.now), contrast_of(pair.before)
    if ours != theirs and pair.compared:
        kinds = f"prior: {theirs or 'unknown'}, now: {ours or 'unknown'}"
        yield f"the contrasts differ ({kinds}), so signals were not compared"
    far = [level for level in pair.compared if pair.sections_apart_mm(level) > BESIDE_MM]
    if far:
        place = f"measured on slices more than {BESIDE_MM:g} mm apart"
        yield f"{', '.join(far)}: {place}, so part of a change may be the place"
