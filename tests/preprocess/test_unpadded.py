"""The input of an unpadded U-Net and the place of its answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbardisc.preprocess.unpadded import Contraction, UnpaddedSquare, answered, centred


@pytest.mark.parametrize(
    ("shown", "levels", "contraction", "answer"),
    [
        (572, 5, "unpadded", 388),  # Ronneberger et al. 2015, figure 1
        (512, 5, "padded", 388),  # Markhali et al. 2024, figure 1
        (512, 5, "unpadded", None),  # 508, 254, 250, 125, 121: odd
        (10, 2, "padded", None),  # 10, 5, 1, 2 - 4: nothing is left
        (12, 2, "padded", None),  # 12, 6, 2, 4, 0
        (16, 2, "padded", 4),  # 16, 8, 4, 8, 4
        (20, 2, "unpadded", 4),  # 20, 16, 8, 4, 8, 4
        (700, 5, "unpadded", 516),  # Ronneberger's overlap for 512 pixels
    ],
)
def test_published_and_hand_computed_sizes(
    shown: int, levels: int, contraction: Contraction, answer: int | None
) -> None:
    assert answered(shown, levels, contraction) == answer


def test_the_published_square_answers_for_the_middle() -> None:
    square = UnpaddedSquare(512, 0, 5, "padded")
    assert (square.shown, square.answer, square.inside) == (512, 388, 388)


def test_a_mirrored_border_lets_the_whole_slice_be_answered_for() -> None:
    square = UnpaddedSquare(512, 64, 5, "padded")
    assert (square.shown, square.answer, square.inside) == (640, 516, 512)
    image = np.arange(512.0)[None].repeat(512, axis=0)
    shown = square.forward(image)
    assert shown[320, 64] == pytest.approx(0.0)
    assert shown[320, 63] == shown[320, 65], "mirrored at the outermost pixel"


@pytest.mark.parametrize(
    ("size", "border", "levels", "contraction", "following"),
    [(500, 0, 5, "padded", 512), (512, 0, 5, "unpadded", 524), (101, 30, 3, "unpadded", 104), (5, 0, 2, "padded", 14)],
)
def test_the_next_size_that_comes_out_even(
    size: int, border: int, levels: int, contraction: Contraction, following: int
) -> None:
    assert UnpaddedSquare(size, border, levels, contraction).next_size() == following
    smaller = range(size, following)
    assert all(answered(one + 2 * border, levels, contraction) is None for one in smaller)


@settings(max_examples=25, deadline=None)
@given(st.integers(40, 150), st.integers(40, 150), st.sampled_from([(128, 32), (160, 0), (192, 16)]))
def test_what_is_answered_comes_back_where_it_was(rows: int, columns: int, of: tuple[int, int]) -> None:
    """A perfect network answers with the middle of what it is shown."""
    square = UnpaddedSquare(*of, levels=3, contraction="padded")
    y, x = np.ogrid[:rows, :columns]
    disc = ((y + 0.5) / rows - 0.45) ** 2 / 0.02 + ((x + 0.5) / columns - 0.5) ** 2 / 0.01 < 1
    perfect = np.asarray(centred(square.forward(disc), square.answer), dtype=np.float32)
    back = square.back(perfect, (rows, columns)) > 0.5
    assert back.shape == disc.shape
    assert 2 * (back & disc).sum() / (back.sum() + disc.sum()) > 0.93
    target = square.target(disc)
    assert target.shape == (square.inside, square.inside)
    assert np.array_equal(target, centred(perfect, square.inside) > 0.5), "the loss compares the same pixels"


def test_beyond_the_answer_is_background() -> None:
    square = UnpaddedSquare(160, 0, 3, "padded")
    back = square.back(np.ones((square.answer, square.answer), dtype=np.float32), (160, 160))
    spare = (160 - square.answer) // 2
    assert back[spare:-spare, spare:-spare].min() == 1.0
    assert back.sum() == square.answer**2


def test_the_middle_of_an_even_and_an_odd_picture() -> None:
    assert centred(np.arange(6)[None].repeat(6, axis=0), 2)[0].tolist() == [2, 3]
    assert centred(np.arange(5)[None].repeat(5, axis=0), 3)[0].tolist() == [1, 2, 3]
