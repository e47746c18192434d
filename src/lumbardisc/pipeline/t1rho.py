"""T1rho of one exam: a spin-lock series becomes maps, and its discs get values and phases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc import __version__, io
from lumbardisc.errors import InputError, NoSpineError, UsageError
from lumbardisc.io.names import safe
from lumbardisc.io.scan import Scan, Source
from lumbardisc.io.spin_lock import SpinLockSeries, load_spin_lock
from lumbardisc.levels import disc_name, is_disc
from lumbardisc.pipeline.analyze import default_pipeline
from lumbardisc.pipeline.clock import Clock
from lumbardisc.pipeline.grid import to_file_grid
from lumbardisc.pipeline.images import LabelledImage, carry_over
from lumbardisc.pipeline.job import Pipeline
from lumbardisc.pipeline.study import Disc, Discs, Study, Value
from lumbardisc.preprocess.registration import Aligned, Motion, align, can_register
from lumbardisc.quantify.measure import measured_slice
from lumbardisc.quantify.noise import background_noise
from lumbardisc.quantify.regions import Region, regions
from lumbardisc.quantify.relaxation import Doubt, Fit, MonoExponential
from lumbardisc.quantify.t1rho import ROI_MM2, central_roi, disc_t1rho, nucleus_of
from lumbardisc.volume import Array, LabelMap, Volume

Progress = Callable[[str, float], None]
Mask = NDArray[np.bool_]

PHASE_IN_DOUBT = "phase_in_doubt"
"""Flag: another phase is possible within the noise."""
FEW_TRUSTED = "t1rho_few_voxels"
"""Flag: the values rest on few voxels that can be trusted, or on a small nucleus."""
SURE = 0.9
"""A phase below this probability is in doubt."""
ENOUGH = 0.5
"""Share of the region of interest that has to be there and to be trusted."""
COUNTED = (Doubt.NONE, Doubt.OUT_OF_RANGE, Doubt.UNCERTAIN)
"""Voxels that count for a disc. The last two come of noise in long T1rho; without them its mean would be too short."""
BRIGHTENING = 0.5
"""More voxels than this share that grow brighter with the lock speak for times in a wrong order."""


@dataclass(frozen=True, eq=False)
class T1rhoStudy:
    """What a spin-lock series gave.

    study: the shortest-lock image with the discs on it, their columns the T1rho ones; ``labels`` empty and ``discs``
    none where no disc was found. fit: maps in the working order (slice, row, column). roi, nucleus: the regions of
    interest and the nuclei, in the same order. series: what was read.
    """

    study: Study
    fit: Fit
    roi: Mask
    nucleus: Mask
    series: SpinLockSeries

    @property
    def discs(self) -> Discs:
        """The discs by level name, lowest first: ``discs["L4/L5"].t1rho_mean_ms``."""
        return self.study.discs

    @property
    def for_means_ms(self) -> Array:
        """What means are taken of: T1rho without the bias of noise, NaN at voxels that do not count."""
        return counted(self.fit, self.fit.unbiased_ms)

    def of_discs(self, mask: Mask) -> LabelMap:
        """The discs' labels inside a mask of the working order, on the grid of the first image."""
        labels = self.study.labels
        return LabelMap(np.where(labels.axis_order.undo(mask), labels.array, 0), labels.affine)

    def volume(self, map_: Array) -> Volume:
        """A map of the working order on the grid of the first image."""
        image = self.study.image
        return Volume(image.axis_order.undo(map_), image.affine)


@dataclass(frozen=True, eq=False)
class _Found:
    """Discs on the grid of the spin-lock images, in the working order.

    study: of the image on which they were found; name: what that is called. labels, mid_slice: on the spin-lock grid.
    guide: the signal that shows where the nucleus ends; of one value where nothing does.
    """

    study: Study
    name: str
    labels: NDArray[np.int16]
    mid_slice: int
    guide: Array


def fit_t1rho(
    series: str | Path | Sequence[str | Path],
    *,
    times: Sequence[float] | None = None,
    tag: str | None = None,
    anatomy: str | Path | None = None,
    spacing: tuple[float, float, float] | None = None,
    register: bool = True,
    progress: Progress | None = None,
) -> T1rhoStudy:
    """Fit T1rho to one spin-lock series: ``fit_t1rho("series").discs["L4/L5"].t1rho_mean_ms``.

    series: a DICOM folder, zip or files, or image files, one for each time or one of 4 dimensions. times: spin-lock
    times in ms, in order, where neither headers nor file names tell them. tag: the DICOM element that holds them.
    anatomy: a T1 or T2 image of the same exam to find the discs on. spacing: slice, row, column in mm, for files
    without any. register: whether motion between the images is looked for and taken out. progress: called with what is
    being done and how far, 0-1.
    Raises UsageError or InputError with one clear line.
    """
    paths = [Path(path) for path in ([series] if isinstance(series, str | Path) else series)]
    read = load_spin_lock(paths, times=times, tag=tag, spacing=spacing)
    source = None if anatomy is None else anatomy_source(Path(anatomy))
    result = fit_series(read, _name(paths), anatomy=source, register=register, progress=progress)
    settings = {
        "tsl_ms": None if times is None else list(times),
        "tsl_tag": tag,
        "anatomy": None if anatomy is None else str(anatomy),
        "register": register,
    }
    study = replace(result.study, provenance={**result.study.provenance, "settings": settings})
    return replace(result, study=study)


def _name(paths: Sequence[Path]) -> str:
    """The name of the one path, or of the folder where several lie."""
    whole = paths[0].resolve()
    return safe(whole.name.split(".")[0] if len(paths) == 1 else whole.parent.name)


def anatomy_source(path: Path) -> Source:
    """The one study at a path to find discs on. Raises UsageError where there are several."""
    sources = io.find([path])
    if len(sources) != 1:
        raise UsageError(f"--anatomy {path}: holds {len(sources)} studies; give one image of the same exam")
    return sources[0]


def fit_series(
    series: SpinLockSeries,
    name: str,
    *,
    anatomy: Source | None = None,
    register: bool = True,
    progress: Progress | None = None,
) -> T1rhoStudy:
    """Fit a series that was read. anatomy: where the discs are found, before the series' own choice; see ``fit_t1rho``.

    progress: called with what is being done and how far, 0-1. Raises InputError where ``anatomy`` cannot be read.
    """
    tell = progress or (lambda _text, _done: None)
    clock = Clock()
    first = series.volumes[0].sagittal()
    raw = [volume.sagittal().array for volume in series.volumes]
    tell("looking for motion", 0.05)
    still, motion_warnings = _still(raw, first, series, register)
    clock.lap("registration_s")
    tell("fitting", 0.3)
    noise = background_noise(raw)
    fit = MonoExponential(series.times_ms, noise=None if np.isnan(noise) else noise).fit(still.images)
    clock.lap("fitting_s")
    tell("finding the discs", 0.4)
    found, disc_warnings = _find_discs(series, first, anatomy)
    clock.lap("discs_s")
    tell("measuring", 0.9)
    nowhere = np.zeros(fit.doubt.shape, dtype=bool)
    discs, roi, nucleus = _measured(found, fit, series, first) if found else ((), nowhere, nowhere)
    labels = found.labels if found else np.zeros(fit.doubt.shape, dtype=np.int16)
    mid_slice = found.mid_slice if found else len(labels) // 2
    clock.lap("measuring_s")
    order = series.volumes[0].axis_order
    study = Study(
        name=name,
        image=series.volumes[0],
        labels=LabelMap(order.undo(labels), series.volumes[0].affine),
        discs=Discs(discs),
        mid_slice=order.slice_index(mid_slice, len(labels)),
        spine={},
        warnings=(*series.warnings, *motion_warnings, *_doubts(fit), *disc_warnings),
        flags=found.study.flags if found else (),
        provenance={
            "version": __version__,
            "spin_lock": _spin_lock(series, still.motions),
            "fit": _fit_record(fit, noise),
            "discs_found_on": found.name if found else None,
            **({"anatomy": dict(found.study.provenance)} if found else {}),
            "timings": {step: round(seconds, 3) for step, seconds in clock.laps.items()},
        },
    )
    return T1rhoStudy(study, fit, roi, nucleus, series)


def counted(fit: Fit, map_: Array) -> Array:
    """A map of a fit where voxels count for a disc, NaN elsewhere."""
    return np.where(np.isin(fit.doubt, COUNTED), map_, np.nan)


def _still(images: Sequence[Array], first: Volume, series: SpinLockSeries, register: bool) -> tuple[Aligned, list[str]]:
    """The images without the patient's motion, where that can be found."""
    as_they_are = Aligned(tuple(images), ())
    if not register:
        return as_they_are, []
    if not can_register():
        return as_they_are, ['motion was not looked for, which needs SimpleITK; pip install "lumbardisc[registration]"']
    try:
        still = align(images, first.spacing)
    except InputError as error:
        return as_they_are, [f"motion between the images was not taken out: {error}"]
    moved = [(name, motion) for name, motion in zip(series.names, still.motions, strict=True) if motion.needed]
    return still, [f"{name} had moved by {motion.pixels:.1f} pixels and was moved back" for name, motion in moved]


def disc_finder() -> Pipeline:
    """The main job as far as discs are found and measured."""
    return replace(default_pipeline(), grader=None, estimator=None)


def _find_discs(series: SpinLockSeries, grid: Volume, anatomy: Source | None) -> tuple[_Found | None, list[str]]:
    """The discs, from the anatomy where there is one, else from the spin-lock images; None where neither shows any."""
    pipeline, warnings = disc_finder(), []
    source = anatomy or series.anatomy
    if source is not None:
        forgiven = NoSpineError if anatomy else InputError  # what the user named has to be readable
        try:
            return _from_anatomy(pipeline, source, grid, series.placed), []
        except forgiven as error:
            warnings.append(f"{source.name}: {error}; the discs were looked for on the spin-lock images")
    for index in (0, -1):  # the shortest lock is the least noisy, the longest has most contrast
        try:
            return _from_spin_lock(pipeline, series, index, grid), warnings
        except NoSpineError:
            continue
    warnings.append(
        "no disc was found on the spin-lock images, so there are maps alone; give a T1 or T2 image with --anatomy"
    )
    return None, warnings


def _from_anatomy(pipeline: Pipeline, source: Source, grid: Volume, placed: bool) -> _Found:
    """Discs of another image, carried over. Raises NoSpineError where it shows none, or none of where the series is."""
    scan = source.load()
    if not (placed and scan.placed):
        raise NoSpineError("the files do not say where their images lie in space")
    study = pipeline.run(scan, source.name)
    volume, labels = scan.volume.sagittal(), study.labels.sagittal().array.astype(np.int16)
    carried = carry_over(LabelledImage(source.name, volume, labels, study.working_mid_slice, None), grid)
    if carried is None:
        raise NoSpineError("shows no disc where the spin-lock images lie; pass an image of the same exam")
    return _Found(study, source.name, *carried, _resampled(volume, grid))


def _from_spin_lock(pipeline: Pipeline, series: SpinLockSeries, index: int, grid: Volume) -> _Found:
    """Discs of one of the images themselves. Their nuclei are told by place alone: to tell them by a signal that the
    fit uses would favour voxels whose noise is high."""
    study = pipeline.run(Scan(series.volumes[index], headers=series.headers, placed=series.placed), series.names[index])
    labels = study.labels.sagittal().array.astype(np.int16)
    return _Found(study, series.names[index], labels, study.working_mid_slice, np.zeros(grid.shape, np.float32))


def _resampled(volume: Volume, grid: Volume) -> Array:
    """A volume on another grid, by lines between voxels; the edge value beyond its edges."""
    there = np.linalg.inv(volume.affine) @ grid.affine
    image: Array = ndimage.affine_transform(
        volume.array.astype(np.float32), there[:3, :3], there[:3, 3], grid.shape, order=1, mode="nearest"
    )
    return image


def _measured(found: _Found, fit: Fit, series: SpinLockSeries, grid: Volume) -> tuple[tuple[Disc, ...], Mask, Mask]:
    """The discs with their T1rho, lowest first, the regions of interest, and the nuclei."""
    roi, nuclei = np.zeros((2, *found.labels.shape), dtype=bool)
    t1rho, unbiased, errors = counted(fit, fit.time_ms), fit.unbiased_ms, fit.unbiased_se_ms
    discs = []
    for label, region in regions(found.labels).items():
        if is_disc(label):
            index = measured_slice(region, found.mid_slice)
            box = tuple(
                slice(begin, begin + size) for begin, size in zip(region.corner, region.mask.shape, strict=True)
            )
            nucleus, within = nucleus_of(found.guide[box], region.mask, grid.spacing), index - region.corner[0]
            measure = partial(disc_t1rho, unbiased=unbiased[box], trusted=fit.trusted[box])
            values = measure(t1rho[box], errors[box], nucleus, within, grid.spacing).columns()
            roi[box][within] |= central_roi(nucleus[within], grid.spacing[1:])
            nuclei[box] |= nucleus
            place = to_file_grid(_place(region, index), series.volumes[0].axis_order, found.labels.shape)
            discs.append(_disc(found.study.discs[disc_name(label)], place, values))
    return tuple(discs), roi, nuclei


def _place(region: Region, index: int) -> dict[str, Value]:
    """Box on the measured slice of the spin-lock images, and that slice."""
    top, left, bottom, right = (int(edge) for edge in region.box(index))
    return {"x0": left, "y0": top, "x1": right, "y1": bottom, "slice": index}


def _disc(there: Disc, place: Mapping[str, Value], values: Mapping[str, Value]) -> Disc:
    """A disc with its T1rho. there: the same disc on the image where it was found."""
    kept = {name: there.values[name] for name in ("level_confidence", "disc_from_bottom", "x_mm", "y_mm", "z_mm")}
    flags = (*there.flags, *(name for name, holds in _doubted(values).items() if holds))
    return replace(there, values={"level": there.level, **kept, **place, **values}, flags=flags)


def _doubted(values: Mapping[str, Value]) -> dict[str, bool]:
    """Flags of the T1rho of a disc, and whether each holds."""
    sure = max(float(values[f"phase_p{phase}"]) for phase in (1, 2, 3))
    used = float(values["t1rho_roi_mm2"]) / ROI_MM2 * float(values["t1rho_trusted"])
    return {PHASE_IN_DOUBT: sure < SURE, FEW_TRUSTED: not used >= ENOUGH}


def _doubts(fit: Fit) -> list[str]:
    """What to be careful of in the maps as a whole."""
    seen = fit.doubt != Doubt.NO_SIGNAL
    if not seen.any():
        return ["no voxel has a signal above the noise in every image; check that these are magnitude images"]
    rising = float((fit.doubt[seen] == Doubt.RISING).mean())
    doubts = {
        f"{rising:.0%} of the voxels grow brighter with the spin-lock time; check that the times are in order": (
            rising > BRIGHTENING
        ),
        "two images without air in view tell no error of T1rho, so no probability of a phase; pass a third time": (
            bool(np.isnan(fit.se_ms[fit.trusted]).any())
        ),
    }
    return [doubt for doubt, holds in doubts.items() if holds]


def _spin_lock(series: SpinLockSeries, motions: Sequence[Motion]) -> dict[str, Any]:
    """JSON-ready: what was read, and how the patient had moved where that was looked for."""
    read = [{"image": name, "time_ms": time} for name, time in zip(series.names, series.times_ms, strict=True)]
    moved = [
        {"moved_pixels": one.pixels, "shift_mm": list(one.shift_mm), "turn_deg": one.turn_deg} for one in motions
    ] or [{}] * len(read)
    first = series.volumes[0]
    return {
        "images": [{**image, **motion} for image, motion in zip(read, moved, strict=True)],
        "times_from": series.times_from,
        "sha256": series.sha256,
        "shape": list(first.shape),
        "spacing_mm": [round(size, 4) for size in first.spacing],
        "headers": dict(series.headers),
    }


def _fit_record(fit: Fit, noise: float) -> dict[str, Any]:
    """JSON-ready: the model, the noise and how many voxels can be trusted, or why not."""
    shares = {reason.name.lower(): float((fit.doubt == reason).mean()) for reason in Doubt if reason != Doubt.NONE}
    return {
        "model": "S = A exp(-TSL / T1rho), least squares",
        "noise": noise,
        "trusted_share": float(fit.trusted.mean()),
        "left_out_share": shares,
    }
