"""How long a PACS may take, and how much it may send."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

CONNECT_S = 10.0
ANSWER_S = 120.0  # of silence; an archive may have to fetch a study from its tapes
MOST_S, MOST_BYTES = 3600.0, 2 * 2**30  # of one answer, so that none is endless; a lumbar series has some 0.01 GiB


@dataclass
class Allowance:
    """What one answer may still bring: bytes, and until when."""

    left: int = field(default_factory=lambda: MOST_BYTES)
    until: float = field(default_factory=lambda: time.monotonic() + MOST_S)

    def take(self, data: bytes) -> bool:
        """Whether these bytes are still within it."""
        self.left -= len(data)
        return not self.spent

    @property
    def spent(self) -> bool:
        return self.left < 0 or time.monotonic() > self.until
