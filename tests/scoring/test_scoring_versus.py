"""Tools side by side on the same discs."""

from __future__ import annotations

from pathlib import Path

import pytest
from label_maps import save, spine
from scipy.stats import wilcoxon

from lumbardisc.errors import UsageError
from lumbardisc.scoring import compare_tools, evaluate


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    for case in "abc":
        save(spine(), tmp_path / "truth" / f"{case}.nii.gz")
    return tmp_path / "truth"


def predicted(root: Path, **thinner: int) -> Path:
    for case, rows in thinner.items():
        save(spine(thinner=rows), root / f"{case}.nii.gz")
    return root


def test_the_better_tool_gets_the_first_letter(truth: Path, tmp_path: Path) -> None:
    good, bad = predicted(tmp_path / "good", a=1, b=1, c=1), predicted(tmp_path / "bad", a=2, b=3, c=4)
    dice, volume = compare_tools({"bad": evaluate(bad, truth), "good": evaluate(good, truth)})
    assert (dice.discs, volume.discs) == (15, 15)
    assert dice.letters == volume.letters == {"good": "a", "bad": "b"}
    assert volume.means["good"].value == pytest.approx(1 / 8)
    assert volume.means["bad"].value == pytest.approx(3 / 8)
    apart = [14 / 15 - 2 * left / (left + 8) for left in (6, 5, 4) for _ in range(5)]
    assert dice.pairs[0].p == pytest.approx(wilcoxon(apart, method="asymptotic", correction=True).pvalue)


def test_a_tool_against_itself_is_not_told_apart(truth: Path) -> None:
    same = evaluate(truth, truth)
    assert [one.letters for one in compare_tools({"one": same, "other": same})] == [{"one": "a", "other": "a"}] * 2


def test_discs_that_failed_with_one_are_left_out_of_all(truth: Path, tmp_path: Path) -> None:
    partly = predicted(tmp_path / "p", a=1, c=1)
    save(spine()[:, ::2], partly / "b.nii.gz")
    found = compare_tools({"all": evaluate(truth, truth), "partly": evaluate(partly, truth)})
    assert [one.discs for one in found] == [10, 10]
    other = evaluate(partly / "a.nii.gz", truth / "c.nii.gz"), evaluate(partly / "a.nii.gz", truth / "a.nii.gz")
    with pytest.raises(UsageError, match="no case could be compared with all of them"):
        compare_tools(dict(zip("xy", other, strict=True)))
