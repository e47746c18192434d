"""How right and how fast relaxation maps are: `python benchmarks/relaxation [--write docs/relaxation.md]`.

Accuracy: voxels of known T1rho with the noise of magnitude images, and the discs of phantoms, whose images make the
noise known only from their air. Speed: a series of 4 x 20 x 512 x 512, beside `scipy.optimize.curve_fit` on a sample of
its voxels in the same run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from lumbardisc.levels import is_disc
from lumbardisc.phantom import Artefacts, Exam, lumbar_stack, make_exam, sequences_of
from lumbardisc.phantom.acquire import rician
from lumbardisc.phantom.nucleus import T1rhoMap
from lumbardisc.phantom.sequence import SPIN_LOCK_MS
from lumbardisc.quantify.noise import background_noise
from lumbardisc.quantify.relaxation import MonoExponential

Float = NDArray[np.float64]
T = TypeVar("T")

TIMES = np.array(SPIN_LOCK_MS)
T1RHO_MS = (30, 50, 80, 110, 150, 200)
SNRS = (20, 30, 50, 100)
BANDS_MS = ((30, 80), (80, 110), (110, 200))
SERIES = (20, 512, 512)


def main() -> int:
    """Measure, print the tables, and keep them where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--voxels", type=int, default=100_000, help="simulated for each pair of T1rho and SNR")
    parser.add_argument("--sample", type=int, default=1000, help="voxels given to curve_fit")
    parser.add_argument("--write", type=Path, help="a page to keep the tables in, after its line <!-- measured -->")
    options = parser.parse_args()
    lines = [*_simulated(options.voxels), "", *_phantoms(), "", *_speed(options.sample)]
    text = "\n".join(lines)
    print(text)
    if options.write:
        head = options.write.read_text(encoding="utf-8").split("<!-- measured -->")[0] if options.write.exists() else ""
        options.write.write_text(f"{head}<!-- measured -->\n\n{text}\n", encoding="utf-8")
    return 0


def bound(t1rho: Float, amplitude: Float, noise: float) -> Float:
    """Cramer-Rao bound on the standard deviation of T for Gaussian noise, ms, from the Fisher matrix by (A, T)."""
    curve = np.exp(-TIMES[:, None] / t1rho)
    by_time = amplitude * TIMES[:, None] / t1rho**2 * curve
    aa, at, tt = (curve**2).sum(axis=0), (curve * by_time).sum(axis=0), (by_time**2).sum(axis=0)
    return noise * np.sqrt(aa / (aa * tt - at**2))


def _simulated(voxels: int) -> Iterator[str]:
    """Voxels of one T1rho and one ratio of A to the noise, which is given to the fit."""
    yield f"Simulated voxels, {voxels} for each row, noise given:"
    yield ""
    yield (
        "| T1rho, ms | SNR | bound | `time_ms`: bias of the median | of the mean | `unbiased_ms`: bias | SD / bound "
        "| told SE / bound | trusted |"
    )
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    rng = np.random.default_rng(0)
    for t1rho in T1RHO_MS:
        for snr in SNRS:
            clean = snr * np.exp(-TIMES / t1rho)[:, None]
            real, other = rng.standard_normal((2, len(TIMES), voxels))
            fit = MonoExponential(SPIN_LOCK_MS, noise=1.0).fit(np.hypot(clean + real, other))
            known, unbiased = (each[np.isfinite(each)].astype(float) for each in (fit.time_ms, fit.unbiased_ms))
            least = float(bound(np.array([t1rho]), np.array([snr]), 1.0)[0])
            bias = [value / t1rho - 1.0 for value in (np.median(known), known.mean(), unbiased.mean())]
            yield (
                f"| {t1rho} | {snr} | {least / t1rho:.1%} | {bias[0]:+.2%} | {bias[1]:+.1%} | {bias[2]:+.2%} "
                f"| {unbiased.std() / least:.2f} | {np.nanmedian(fit.se_ms) / least:.2f} | {fit.trusted.mean():.1%} |"
            )


def _phantoms() -> Iterator[str]:
    """Voxels of the discs of phantoms without partial volume, the noise found in the air."""
    yield "Discs of phantoms (seeds 1 to 4), every voxel against its own truth, noise from the air:"
    yield ""
    yield "| T1rho, ms | SNR in the discs | voxels | noise found / true | `unbiased_ms`: bias | SD / bound | trusted |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    exams = [make_exam(seed, geometry=lumbar_stack(320, slices=5), samples=1) for seed in (1, 2, 3, 4)]
    for snr in SNRS:
        read = [_phantom(exam, snr) for exam in exams]
        found = float(np.mean([ratio for ratio, _ in read]))
        truth, unbiased, least, trusted = np.concatenate([values for _, values in read], axis=1)
        for low, high in BANDS_MS:
            band = (truth >= low) & (truth < high) & np.isfinite(unbiased)
            error = unbiased[band] - truth[band]
            yield (
                f"| {low}-{high} | {snr} | {band.sum()} | {found:.2f} | {np.mean(error / truth[band]):+.2%} "
                f"| {np.std(error / least[band]):.2f} | {trusted[band].mean():.1%} |"
            )


def _phantom(exam: Exam, snr: float) -> tuple[float, Float]:
    """Noise found over true, and of every disc voxel the true and the found T1rho, the bound, and whether trusted."""
    disc = np.vectorize(is_disc)(exam.labels)
    truth = T1rhoMap.of(exam.spine).row_ms[exam.rows[:, 0]][disc]
    clean = _clean(exam)
    amplitude = clean[0][disc] * np.exp(TIMES[0] / truth)
    noise = float(amplitude.mean()) / snr
    rng = np.random.default_rng(exam.spine.seed)
    images = [rician(image, noise, rng) for image in clean]
    found = background_noise(images)
    fit = MonoExponential(SPIN_LOCK_MS, noise=found).fit(images)
    values = np.array([truth, fit.unbiased_ms[disc], bound(truth, amplitude, noise), fit.trusted[disc]])
    return found / noise, values


def _clean(exam: Exam) -> list[NDArray[np.float32]]:
    """Spin-lock images at 1.5 T, shaded by the coil, with breathing, free of noise."""
    artefacts = Artefacts(snr=float("inf"))
    return [exam.image(each, field_t=1.5, artefacts=artefacts).array for each in sequences_of("spin-lock")]


def _speed(sample: int) -> Iterator[str]:
    """A whole series, then curve_fit on some of its voxels that can be trusted."""
    images = _series()
    size = " x ".join(map(str, (len(images), *SERIES)))
    found, noise_s = _timed(lambda: background_noise(images))
    known, known_s = _timed(lambda: MonoExponential(SPIN_LOCK_MS, noise=found).fit(images))
    plain, plain_s = _timed(lambda: MonoExponential(SPIN_LOCK_MS).fit(images))
    voxels = int(known.trusted.sum())
    chosen = np.random.default_rng(0).choice(np.flatnonzero(plain.trusted & known.trusted), sample, replace=False)
    signals = np.stack([image.ravel()[chosen] for image in images], axis=1).astype(np.float64)
    theirs, scipy_s = _timed(lambda: [curve_fit(_decay, TIMES, each, p0=(each[0], 60.0))[0][1] for each in signals])
    whole_s = (scipy_s[0] / sample * voxels, scipy_s[1] / sample * voxels)
    apart = np.abs(plain.time_ms.ravel()[chosen] / np.array(theirs) - 1.0)
    yield f"Speed, {size}, {voxels / plain.doubt.size:.0%} of it tissue that can be trusted, {_cores()} cores:"
    yield ""
    yield "| what | wall clock | processor time |"
    yield "|---|---:|---:|"
    yield f"| noise from the air | {noise_s[0]:.2f} s | {noise_s[1]:.2f} s |"
    yield f"| fit with the noise floor | {known_s[0]:.2f} s | {known_s[1]:.2f} s |"
    yield f"| fit without | {plain_s[0]:.2f} s | {plain_s[1]:.2f} s |"
    yield (
        f"| `scipy.optimize.curve_fit` of every trusted voxel, extrapolated from {sample} "
        f"| {whole_s[0]:.0f} s | {whole_s[1]:.0f} s |"
    )
    yield f"| that over the fit without the floor | {whole_s[0] / plain_s[0]:.0f} | {whole_s[1] / plain_s[1]:.0f} |"
    yield ""
    yield (
        f"T of the fit without the floor and of `curve_fit` differ by {np.median(apart):.1e} in the median and "
        f"{apart.max():.1e} at most."
    )


def _series() -> list[NDArray[np.uint16]]:
    """One phantom's slices, repeated to the size of a large series, as whole numbers like a scanner's."""
    clean = _clean(make_exam(1, geometry=lumbar_stack(SERIES[1], slices=5), samples=1))
    rng, white = np.random.default_rng(0), max(float(image.max()) for image in clean)
    noise = float(clean[0][clean[0] > 0.1 * clean[0].max()].mean()) / 30.0
    repeats = (SERIES[0] // len(clean[0]), 1, 1)
    return [np.rint(rician(np.tile(each, repeats), noise, rng) * (4000.0 / white)).astype(np.uint16) for each in clean]


def _decay(t: Float, amplitude: float, time_ms: float) -> Float:
    return amplitude * np.exp(-t / time_ms)


def _timed(call: Callable[[], T]) -> tuple[T, tuple[float, float]]:
    """What a call gives, and the wall-clock and processor seconds that it took."""
    wall, processor = time.perf_counter(), time.process_time()
    given = call()
    return given, (time.perf_counter() - wall, time.process_time() - processor)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
