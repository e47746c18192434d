"""The runtime: outputs in the order of the inputs, and those of another runtime on the same file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lumbardisc.inference.runtime import Array, Network, _cores
from lumbardisc.inference.weights import default_weights

SIZES = ((32, 48), (64, 32))


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(default_weights("segmentation"))


def images(size: tuple[int, int], count: int) -> list[Array]:
    """Inputs of two channels, no two alike."""
    rng = np.random.default_rng(sum(size))
    return [rng.normal(each, 1.0, (2, *size)).astype(np.float32) for each in np.linspace(-1, 1, count)]


@pytest.fixture(scope="module")
def reference() -> Any:
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(default_weights("segmentation"), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda image: session.run(None, {name: image[None]})[0][0]


@pytest.mark.parametrize("size", [*SIZES, SIZES[0]])  # the first once more, after another has taken its place
def test_scores_are_those_of_onnxruntime(network: Network, reference: Any, size: tuple[int, int]) -> None:
    inputs = images(size, 3)
    for image, scores in zip(inputs, network.run(inputs), strict=True):
        assert scores.dtype == np.float32
        expected = reference(image)
        # loose, because some processors compute in bfloat16, whose steps are 1/256
        assert np.abs(scores - expected).max() < 2e-2 * np.abs(expected).max()
        assert np.median(np.abs(scores - expected)) < 5e-3 * np.abs(expected).max()


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_outputs_come_in_the_order_of_the_inputs(network: Network, count: int) -> None:
    inputs = images(SIZES[0], count)
    together = list(network.run(inputs))
    alone = [next(iter(network.run([image]))) for image in inputs]
    assert len(together) == count
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one, other)


def test_sizes_may_alternate(network: Network) -> None:
    sizes = [(16 * (1 + each % 5), 32) for each in range(6)]  # more sizes than are kept compiled
    inputs = [images(size, 1)[0] for size in sizes]
    for image, scores, size in zip(inputs, network.run(inputs), sizes, strict=True):
        assert scores.shape[1:] == size
        assert np.array_equal(scores, next(iter(network.run([image]))))


def test_outputs_are_the_callers_own(network: Network) -> None:
    first, *_ = outputs = list(network.run(images(SIZES[0], 4)))
    before = first.copy()
    list(network.run(images(SIZES[0], 4)[::-1]))
    assert np.array_equal(outputs[0], before)


def test_inputs_are_taken_one_by_one(network: Network) -> None:
    """400 slices must not lie in memory at once."""
    taken = 0

    def counting() -> Any:
        nonlocal taken
        for image in images(SIZES[0], 12):
            taken += 1
            yield image

    next(network.run(counting()))
    assert taken <= 4


def test_the_number_of_threads_can_be_set() -> None:
    network = Network(default_weights("segmentation"), threads=1)
    list(network.run(images(SIZES[0], 1)))
    (requests,) = network._requests.values()
    assert next(requests).get_compiled_model().get_property("INFERENCE_NUM_THREADS") == 1


@pytest.mark.parametrize(("wish", "cores"), [("1", 1), ("100000", 2), ("0", 2), ("many", 2), ("", 2)])
def test_no_more_threads_than_asked_for_nor_than_there_are(
    monkeypatch: pytest.MonkeyPatch, wish: str, cores: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: {0, 1}, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", wish)
    assert _cores() == cores
