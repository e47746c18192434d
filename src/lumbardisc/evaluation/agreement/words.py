"""Values of agreement in plain words, each with the source of its scale.

Each function gets a value with its interval and the names of what was compared.
"""

from __future__ import annotations

import math

from lumbardisc.evaluation.agreement.scales import KOO_LI, LANDIS_KOCH, MCBRIDE, MCHUGH, ZIJDENBOS
from lumbardisc.evaluation.bootstrap import Interval

Names = tuple[str, ...]


def short(value: float) -> str:
    """Three decimals, or three digits of what is above ten; empty for NaN."""
    if math.isnan(value):
        return ""
    return f"{value + 0.0:.3f}" if abs(value) < 10 else f"{value:.{max(2 - math.floor(math.log10(abs(value))), 0)}f}"


def of_share(found: Interval, _names: Names) -> str:
    """Without a scale, as it depends on how many categories there are."""
    return f"the same in {found.value:.0%} of the readings, chance included"


def of_kappa(found: Interval, _names: Names) -> str:
    """By both scales, as they differ."""
    return "; ".join(f"{scale.word(found.value)} ({scale.source})" for scale in (LANDIS_KOCH, MCHUGH))


def of_icc(found: Interval, _names: Names) -> str:
    """By the interval, as Koo and Li ask for."""
    return f"{KOO_LI.words(found)} ({KOO_LI.source}, by the interval)"


def of_concordance(found: Interval, _names: Names) -> str:
    """By the value."""
    return f"{MCBRIDE.word(found.value)} ({MCBRIDE.source})"


def of_dice(found: Interval, _names: Names) -> str:
    """By the value."""
    return f"{ZIJDENBOS.word(found.value)} ({ZIJDENBOS.source})"


def of_bias(found: Interval, names: Names) -> str:
    """Which of the two reads higher, and whether that may be chance."""
    one, other = names
    if found.value == 0:
        return f"{one} and {other} read the same on average"
    chance = "more than chance" if found.low > 0 or found.high < 0 else "may be chance, as zero is in the interval"
    return f"{one} reads {short(abs(found.value))} {'higher' if found.value > 0 else 'lower'} than {other}; {chance}"


def of_spread(found: Interval, names: Names) -> str:
    """The standard deviation of the differences."""
    return f"differences {names[0]} - {names[1]} scatter by {short(found.value)} (standard deviation)"


def of_lower_limit(found: Interval, names: Names) -> str:
    """One end of the limits of agreement."""
    return f"1 of 40 differences {names[0]} - {names[1]} lies below {short(found.value)} (Bland and Altman 1986)"


def of_upper_limit(found: Interval, names: Names) -> str:
    """The other end."""
    return f"1 of 40 differences {names[0]} - {names[1]} lies above {short(found.value)} (Bland and Altman 1986)"


def of_error(found: Interval, _names: Names) -> str:
    """The standard error of measurement."""
    return f"readings of the same scatter by {short(found.value)} (standard deviation; de Vet et al. 2006)"


def of_change(found: Interval, _names: Names) -> str:
    """The smallest detectable change."""
    return f"two readings less than {short(found.value)} apart may be of the same (de Vet et al. 2006)"
