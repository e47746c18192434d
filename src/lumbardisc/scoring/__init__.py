"""Label maps of a tool and their truth, as files -> how right the tool is."""

from __future__ import annotations

from lumbardisc.scoring.evaluate import Evaluation, evaluate
from lumbardisc.scoring.versus import compare_tools

__all__ = ["Evaluation", "compare_tools", "evaluate"]
