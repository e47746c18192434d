"""How long each step of a study takes."""

from __future__ import annotations

import time


class Clock:
    """Seconds from one lap to the next, summed by step."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """What was done since the last lap was this step."""
        now = time.perf_counter()
        self.laps[step] = self.laps.get(step, 0.0) + now - self._last
        self._last = now
