"""Figures of a reader study: Bland-Altman, counts, overlaps, every two readings side by side. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from lumbardisc.evaluation.agreement.compare import Finding, Pair, SideBySide
from lumbardisc.evaluation.agreement.statistics import MAIN
from lumbardisc.evaluation.agreement.words import short
from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.evaluation.figures import figure


@dataclass(frozen=True)
class Picture:
    """One figure. name: of its file. shows: in words. draw: writes it to a path, PNG or SVG by its suffix."""

    name: str
    shows: str
    draw: Callable[[Path], None]


def pictures(side: SideBySide, findings: Sequence[Finding]) -> Iterator[Picture]:
    """Every figure of a comparison, whose findings are given."""
    if side.kind == "mask":
        yield Picture("overlaps", "Dice of every item", partial(draw_overlaps, side))
    for pair in side.pairs if side.kind != "mask" else ():
        names = [side.names[one] for one in pair]
        if side.kind == "continuous":
            own = {one.statistic.name: one.found for one in findings if one.between == tuple(names)}
            limits = [own[name] for name in ("limit_lower", "bias", "limit_upper")]
            title, draw = "Bland-Altman plot", partial(draw_bland_altman, side, pair, limits)
        else:
            title, draw = "Counts", partial(draw_counts, side, pair)
        yield Picture(" ".join([title, *names]), f"{title} of {' and '.join(names)}", draw)
    if len(side.names) > 2:
        main = [one for one in findings if one.statistic.name == MAIN[side.kind]]
        yield Picture("pairs", f"{main[0].statistic.title}, every two", partial(draw_pairs, side.names, main))


def draw_bland_altman(side: SideBySide, pair: Pair, lines: Sequence[Interval], out: Path) -> None:
    """Difference against mean, an item per point. lines: lower limit, bias, upper limit, with intervals."""
    table, _ = side.read_by(pair)
    first, second = (side.names[one] for one in pair)
    with figure(out) as axes:
        axes.scatter(table.mean(axis=1), table[:, 0] - table[:, 1], s=14, alpha=0.6, linewidths=0)
        for line, style in zip(lines, ("--", "-", "--"), strict=True):
            axes.axhline(line.value, color="0.35", linestyle=style, linewidth=1)
            axes.axhspan(line.low, line.high, color="0.5", alpha=0.13, linewidth=0)
            text = (
                f"{short(line.value)} ({short(line.low)} to {short(line.high)})"
                if line.low <= line.high
                else short(line.value)
            )
            axes.text(0.99, line.value, text, transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=7)
        axes.set(xlabel=f"mean of both, {side.measure}", ylabel=f"{first} - {second}")


def draw_counts(side: SideBySide, pair: Pair, out: Path) -> None:
    """How often each pair of values was given; the diagonal is agreement."""
    table, _ = side.read_by(pair)
    values, codes = np.unique(table, return_inverse=True)
    codes = codes.reshape(table.shape)
    counts = np.zeros((len(values), len(values)), dtype=int)
    np.add.at(counts, (codes[:, 0], codes[:, 1]), 1)
    words = [side.labels[int(value)] if side.labels else f"{value:g}" for value in values]
    with figure(out) as axes:
        axes.imshow(counts, cmap="Blues", vmin=0)
        for (row, column), count in np.ndenumerate(counts):
            shade = "white" if count > counts.max() / 2 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=shade)
        axes.set(xlabel=side.names[pair[1]], ylabel=side.names[pair[0]], title=side.measure)
        axes.set_xticks(range(len(words)), words, rotation=_turn(words))
        axes.set_yticks(range(len(words)), words)


def draw_pairs(names: Sequence[str], main: Sequence[Finding], out: Path) -> None:
    """One statistic of every two readings, darker where they agree better."""
    shown = np.full((len(names), len(names)), np.nan)
    for one in main:
        places = tuple(names.index(name) for name in one.between)
        shown[places] = shown[places[::-1]] = one.found.value
    with figure(out) as axes:
        axes.imshow(shown, cmap="Blues", vmin=0, vmax=1)
        for (row, column), value in np.ndenumerate(shown):
            if not np.isnan(value):
                shade = "white" if value > 0.5 else "black"
                axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=shade)
        axes.set_title(f"{main[0].measure}: {main[0].statistic.title}", fontsize=10)
        axes.set_xticks(range(len(names)), names, rotation=_turn(names))
        axes.set_yticks(range(len(names)), names)


def draw_overlaps(side: SideBySide, out: Path) -> None:
    """Dice of every item, a column for every two readings; the line is the mean."""
    spread = np.random.default_rng(0)  # sideways, so that equal ones do not hide each other
    words = [" and ".join(side.names[one] for one in pair) for pair in side.pairs]
    with figure(out) as axes:
        for place, pair in enumerate(side.pairs):
            dice = side.read_by(pair)[0][:, 0]
            axes.scatter(place + spread.uniform(-0.15, 0.15, len(dice)), dice, s=14, alpha=0.6, linewidths=0)
            axes.hlines(np.mean(dice) if len(dice) else np.nan, place - 0.3, place + 0.3, color="0.2")
        axes.set(ylabel="Dice", ylim=(None, 1.005), xlim=(-0.6, len(words) - 0.4))
        axes.set_xticks(range(len(words)), words, rotation=_turn(words))


def _turn(words: Sequence[str]) -> int:
    """Names under an axis stand upright where they would run into each other."""
    return 90 if sum(map(len, words)) > 40 else 0
