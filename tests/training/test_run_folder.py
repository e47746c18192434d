"""Keys of runs: alike for what is alike wherever it lies, others for any change that shapes a result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lumbardisc.errors import UsageError  # noqa: E402
from lumbardisc.training.config import T1rhoConfig  # noqa: E402
from lumbardisc.training.detection.boxes import BoxedSlice  # noqa: E402
from lumbardisc.training.run_folder import FREE, begin_anew, keep_rows, key_of, log, save, state_of  # noqa: E402

pytestmark = pytest.mark.train


def boxed(grey: int = 0, top: float = 1.0) -> BoxedSlice:
    boxes = {1: (0.0, top, 2.0, 3.0), 2: (0.0, 0.0, 2.0, 1.0)}
    return BoxedSlice("drawn", "a", "a", None, np.full((4, 4), grey, dtype=np.uint8), (1.0, 1.0), boxes)


def test_every_change_of_the_data_is_another_key() -> None:
    made_of = [
        [boxed()], [boxed(grey=1)], [boxed(top=0.5)], [boxed(), boxed()], [], np.zeros(4), np.zeros((2, 2)),
        np.zeros(4, dtype=np.float32), np.array(["ab", "c"]), np.array(["a", "bc"]), ["ab", "c"], ["a", "bc"], None,
        [[1], 2], [1, [2]], {"a": 1}, {"a": 2}, "1", 1, True,
    ]  # fmt: skip
    keys = [key_of(one) for one in made_of]
    assert len(set(keys)) == len(keys)
    assert key_of(boxed()) == key_of(boxed())
    assert key_of({1: "a", 2: "b"}) == key_of({2: "b", 1: "a"})


def test_settings_count_but_for_places_and_what_is_free() -> None:
    settings = T1rhoConfig(out=Path("a"), phantoms=4)
    key = key_of(settings)
    assert key == key_of(settings.model_copy(update={"out": Path("b"), "data": {"table": Path("c")}}))
    stronger = replace(settings.augmentation, noise=0.5)
    assert key != key_of(settings.model_copy(update={"augmentation": stronger})), "those within settings too"
    longer = settings.model_copy(update={"epochs": 21})
    assert key != key_of(longer)
    free = FREE | {"epochs"}
    assert key_of([settings], free=free) == key_of([longer], free=free)


def test_a_file_counts_by_its_contents(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("weights")
    second.write_text("weights")
    assert key_of(first) == key_of(second)
    second.write_text("others")
    assert key_of(first) != key_of(second)
    with pytest.raises(UsageError, match="none: cannot be read"):
        key_of(tmp_path / "none")
    with pytest.raises(TypeError, match="cannot tell one object"):
        key_of(object())


def test_a_state_is_given_to_its_own_run_alone(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    assert state_of(path, "mine") is None
    save({"step": 3, "key": "mine"}, path)
    assert state_of(path, "mine") == {"step": 3, "key": "mine"}
    with pytest.raises(UsageError, match="name another out, or begin again"):
        state_of(path, "yours")
    save({"step": 3}, path)
    with pytest.raises(UsageError, match="name another out, or begin again"):
        state_of(path, "mine")


def test_rows_of_a_run_that_was_cut_off_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    keep_rows(path, lambda _row: False)
    assert not path.exists()
    for step in (0, 50, 100):
        log(path, {"step": step, "loss": "nan"})
    keep_rows(path, lambda row: int(row["step"]) <= 50)
    assert path.read_text().split() == ["step,loss", "0,nan", "50,nan"]
    keep_rows(path, lambda _row: False)
    log(path, {"epoch": 1})
    assert path.read_text().split() == ["epoch", "1"], "other columns, another head"


def test_begun_anew(tmp_path: Path) -> None:
    for name in ("fold_0.pt", "fold_1_0.pt", "history.csv", "crops.npz"):
        (tmp_path / name).touch()
    begin_anew(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["crops.npz"]
