"""The palette of one phantom: which rows a painted point can have, and which tissues each row mixes."""

from __future__ import annotations

from dataclasses import dataclass

from lumbardisc.phantom.anatomy import SpineShape
from lumbardisc.phantom.tissue import (
    AIR,
    BLOOD,
    BONE,
    BOWEL,
    CORD,
    CSF,
    FAT,
    KIDNEY,
    LIGAMENT,
    MUSCLE,
    OEDEMA,
    RED_MARROW,
    SCLEROSIS,
    SKIN,
    VEIN,
    YELLOW_MARROW,
    Palette,
    Ramp,
    mix,
)

_DISC_STEPS = 11
INNER_ANNULUS = 0.35  # where the inner annulus lies on a disc's ramp: 0 outer fibres, 1 nucleus


@dataclass(frozen=True)
class Materials:
    """Rows of the palette by use. ``discs``: one ramp per disc, outer annulus - inner annulus - nucleus."""

    palette: Palette
    air: int
    skin: int
    fat: int
    bone: int
    ligament: int
    csf: int
    cord: int
    blood: int
    vein: int
    kidney: int
    annulus: int
    marrow: Ramp
    modic: dict[int, Ramp]
    muscle: Ramp
    septum: Ramp
    interspinous: Ramp
    bowel: Ramp
    cauda: Ramp
    discs: tuple[Ramp, ...]


def lay_out(spine: SpineShape) -> Materials:
    """The palette for a spine: steady tissues, ramps, and one ramp per disc for its grade."""
    palette = Palette()
    marrow = mix(RED_MARROW, YELLOW_MARROW, 0.45)
    return Materials(
        palette=palette,
        air=palette.add(AIR),
        skin=palette.add(SKIN),
        fat=palette.add(FAT),
        bone=palette.add(mix(BONE, RED_MARROW, 0.08)),
        ligament=palette.add(mix(LIGAMENT, FAT, 0.03)),
        csf=palette.add(CSF),
        cord=palette.add(CORD),
        blood=palette.add(BLOOD),
        vein=palette.add(mix(VEIN, FAT, 0.35)),
        kidney=palette.add(KIDNEY),
        annulus=palette.add(mix(LIGAMENT, spine.discs[0].degeneration.annulus, 0.7)),
        marrow=palette.ramp(((0, mix(RED_MARROW, YELLOW_MARROW, 0.1)), (1, mix(RED_MARROW, YELLOW_MARROW, 0.95))), 18),
        modic={
            1: palette.ramp(((0, marrow), (1, OEDEMA)), 8),
            3: palette.ramp(((0, marrow), (1, SCLEROSIS)), 8),
        },
        muscle=palette.ramp(((0, MUSCLE), (1, mix(MUSCLE, FAT, 0.9))), 20),
        septum=palette.ramp(((0, FAT), (1, mix(FAT, LIGAMENT, 0.6))), 16),
        interspinous=palette.ramp(((0, mix(LIGAMENT, MUSCLE, 0.4)), (1, mix(FAT, LIGAMENT, 0.2))), 10),
        bowel=palette.ramp(((0, AIR), (0.3, BOWEL), (0.7, BOWEL), (1, mix(BOWEL, CSF, 0.6))), 10),
        cauda=palette.ramp(((0, CSF), (1, mix(CORD, CSF, 0.15))), 8),
        discs=tuple(_disc_ramp(palette, i, spine) for i in range(len(spine.discs))),
    )


def _disc_ramp(palette: Palette, index: int, spine: SpineShape) -> Ramp:
    """Outer fibres, inner annulus, nucleus of one disc."""
    wear = spine.discs[index].degeneration
    outer = mix(LIGAMENT, wear.annulus, 0.25)
    return palette.ramp(((0, outer), (INNER_ANNULUS, wear.annulus), (1, wear.nucleus)), _DISC_STEPS)
