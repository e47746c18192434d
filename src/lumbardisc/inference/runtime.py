"""The one place that knows the inference library: an ONNX file in, a function from arrays to arrays out."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_STREAMS, _IN_FLIGHT = 2, 4
_SIZES_KEPT = 4


class Network:
    """A network of one input (1, channels, rows, columns) and one output, compiled for every size it meets.

    streams: inputs that are worked on at a time; 1 where they come one by one, so that each has all cores.
    """

    def __init__(self, path: Path, threads: int | None = None, streams: int = _STREAMS) -> None:
        import openvino

        self._core = openvino.Core()
        self._model = self._core.read_model(path)
        self._threads, self._streams = threads or _cores(), streams
        self._requests: dict[tuple[int, ...], Iterator[Any]] = {}

    def run(self, inputs: Iterable[Array]) -> Iterator[Array]:
        """Inputs (channels, rows, columns), of a few sizes, one after the other -> outputs in the same order.

        The next input is prepared while the network works on the one before.
        """
        waiting: deque[Any] = deque()
        for array in inputs:
            request = self._request(array.shape)
            request.start_async({0: array[None]}, share_inputs=False)
            waiting.append(request)
            if len(waiting) >= _IN_FLIGHT:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())

    def prepare(self, shape: tuple[int, int, int]) -> None:
        """Compile for inputs (channels, rows, columns) before the first of them comes."""
        self._request(shape)

    def _request(self, shape: tuple[int, ...]) -> Any:
        if shape not in self._requests:
            self._model.reshape([1, *shape])
            settings = {
                "PERFORMANCE_HINT": "THROUGHPUT" if self._streams > 1 else "LATENCY",
                "NUM_STREAMS": str(min(self._streams, self._threads)),
                "INFERENCE_NUM_THREADS": str(self._threads),
            }
            if len(self._requests) >= _SIZES_KEPT:
                self._requests.clear()
            compiled = self._core.compile_model(self._model, "CPU", settings)
            # Making a request costs more than running it on a small slice: as many as can be in flight take turns.
            self._requests[shape] = cycle([compiled.create_infer_request() for _ in range(_IN_FLIGHT)])
        return next(self._requests[shape])


def _cores() -> int:
    """Cores this process may use: all it has, or as many as OMP_NUM_THREADS leaves it where several share a machine."""
    # macOS and Windows cannot tell what a process has
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wish = os.environ.get("OMP_NUM_THREADS", "")
    return min(own, int(wish)) if wish.isdigit() and int(wish) else own


def _result(request: Any) -> Array:
    request.wait()
    output: Array = request.get_output_tensor(0).data[0].copy()
    return output
