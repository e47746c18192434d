"""Pulse sequences: frozen settings and the signal each tissue gives.

Equations (Bernstein, King and Zhou, Handbook of MRI Pulse Sequences, 2004; M0 is the proton density):
spin echo  M0 (1 - exp(-TR/T1)) exp(-TE/T2); inversion recovery  M0 (1 - 2 exp(-TI/T1) + exp(-TR/T1)) exp(-TE/T2);
spoiled gradient echo  M0 sin a (1 - E1) / (1 - cos a E1) exp(-TE/T2*) with E1 = exp(-TR/T1);
spin lock  spin echo x exp(-TSL/T1rho). A restored echo train (driven equilibrium, as in 3D TSE) replaces the T1 factor
by (1 - exp(-(TR-D)/T1)) / (1 - exp(-(TR-D)/T1) exp(-D/T2)), D the length of the train.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, pi, radians, sin

import numpy as np
from numpy.typing import NDArray

from lumbardisc.errors import UsageError
from lumbardisc.phantom.tissue import Palette, Tissue

_FAT_SHIFT_PPM = 3.4
_PROTON_MHZ_PER_T = 42.577


@dataclass(frozen=True)
class PulseSequence:
    """One sequence. Times in ms, flip angle in degrees.

    train_ms: length of a restored echo train, 0 for none. water_only: the fat signal is removed (Dixon water image).
    spin_lock_ms: None where there is no spin-lock pulse. scanning, image_kind: DICOM
    Scanning Sequence (SE, IR, GR) and third value of Image Type.
    """

    name: str
    description: str
    scanning: str
    tr_ms: float
    te_ms: float
    flip_deg: float = 90.0
    ti_ms: float | None = None
    spin_lock_ms: float | None = None
    train_ms: float = 0.0
    echo_train: int = 1
    water_only: bool = False
    three_d: bool = False
    image_kind: str = "M"

    def signal(self, tissue: Tissue, field_t: float) -> complex:
        """Signal of a pure tissue (proton density 1 at full recovery gives 1), with the phase of its fat."""
        if tissue.fat and self.water_only:
            return 0.0
        if "GR" in self.scanning:
            phase = 2 * pi * _FAT_SHIFT_PPM * _PROTON_MHZ_PER_T * field_t * self.te_ms / 1000 if tissue.fat else 0.0
            return self._gradient_echo(tissue, field_t) * complex(cos(phase), sin(phase))
        return self._spin_echo(tissue, field_t)

    def _gradient_echo(self, tissue: Tissue, field_t: float) -> float:
        """Spoiled gradient echo in steady state."""
        e1, angle = exp(-self.tr_ms / tissue.t1(field_t)), radians(self.flip_deg)
        steady = sin(angle) * (1 - e1) / (1 - cos(angle) * e1)
        return tissue.density * steady * exp(-self.te_ms / tissue.t2_star_ms)

    def _spin_echo(self, tissue: Tissue, field_t: float) -> float:
        """Spin echo, inversion recovery, restored train or spin lock; flowing blood has left before the echo."""
        if tissue.flowing:
            return 0.0
        signal = tissue.density * self._recovery(tissue, field_t) * exp(-self.te_ms / tissue.t2(field_t))
        return signal * (exp(-self.spin_lock_ms / tissue.t1rho_ms) if self.spin_lock_ms is not None else 1.0)

    def _recovery(self, tissue: Tissue, field_t: float) -> float:
        """Longitudinal magnetisation before the excitation, relative to equilibrium (signed)."""
        t1 = tissue.t1(field_t)
        if self.ti_ms is not None:
            return 1 - 2 * exp(-self.ti_ms / t1) + exp(-self.tr_ms / t1)
        rest = exp(-(self.tr_ms - self.train_ms) / t1)
        left = exp(-self.train_ms / tissue.t2(field_t)) if self.train_ms else 0.0
        return (1 - rest) / (1 - rest * left)

    def signals(self, palette: Palette, field_t: float) -> NDArray[np.complex64]:
        """Signal of every palette row, (rows,): the sum over its tissues."""
        tissues = {tissue for mixture in palette.mixtures for tissue in mixture}
        pure = {tissue: self.signal(tissue, field_t) for tissue in tissues}
        rows = [sum(weight * pure[tissue] for tissue, weight in mixture.items()) for mixture in palette.mixtures]
        return np.array(rows, dtype=np.complex64)


def _spin_lock(time_ms: float) -> PulseSequence:
    """One image of the spin-lock series; lock times as in Li 2024 (2, 15, 30, 45 ms)."""
    name = f"spin-lock-{time_ms:g}"
    return PulseSequence(name, f"T1rho TSL {time_ms:g} ms", "SE", 2000, 12, spin_lock_ms=time_ms, three_d=True)


SPIN_LOCK_MS = (2.0, 15.0, 30.0, 45.0)

# Settings within the usual clinical range; t2 as in Ding 2024 (TR 4000, TE 96), flash as in Markhali 2024 (9.6, 3.7 ms)
SEQUENCES = {
    sequence.name: sequence
    for sequence in (
        PulseSequence("t1", "SAG T1 TSE", "SE", 600, 11, echo_train=3),
        PulseSequence("t2", "SAG T2 TSE", "SE", 4000, 96, echo_train=17),
        PulseSequence("t2_space", "SAG T2 SPACE", "SE", 1500, 105, train_ms=250, echo_train=70, three_d=True),
        PulseSequence("stir", "SAG STIR", "IR", 4500, 38, ti_ms=220, echo_train=13),
        PulseSequence("flash", "SAG T1 FLASH 3D", "GR", 9.6, 3.7, flip_deg=15, three_d=True),
        PulseSequence(
            "water", "SAG T1 FFE WATER", "GR", 11, 1.6, flip_deg=6, water_only=True, three_d=True, image_kind="W"
        ),
        PulseSequence("localizer", "3 plane localizer", "GR", 8.6, 4.0, flip_deg=20, image_kind="LOCALIZER"),
        PulseSequence("t2_axial", "AX T2 TSE", "SE", 4000, 100, echo_train=17),
        *map(_spin_lock, SPIN_LOCK_MS),
    )
}


def sequences_of(name: str) -> tuple[PulseSequence, ...]:
    """The sequences a name stands for: one, or those of a group.

    ``spin-lock``: the four images of the series. ``t1rho``: T1, T2 and the series, as in Li 2024. ``all``: the three of
    a routine study. Raises UsageError for an unknown name.
    """
    locked = tuple(f"spin-lock-{time:g}" for time in SPIN_LOCK_MS)
    groups = {"spin-lock": locked, "t1rho": ("t1", "t2", *locked), "all": ("t1", "t2", "stir")}
    try:
        return tuple(SEQUENCES[each] for each in groups.get(name, (name,)))
    except KeyError:
        known = ", ".join((*groups, *SEQUENCES))
        raise UsageError(f"no sequence is called '{name}'; the phantom knows {known}") from None
