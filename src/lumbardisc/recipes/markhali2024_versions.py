"""The versions that Markhali 2024 compares in its two rounds of tuning (Tables 2 and 3), as settings."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Inputs = Literal["raw", "no_blanks", "stretched", "augmented"]
"""Each is the one before and something more, see ``Version.inputs``."""


class Version(BaseModel):
    """One way to train the network; the defaults are the paper's final one, round 2's increased dropout rate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filters: float = Field(default=0.75, gt=0, le=1, description="share of the channels of every level (section 2.5.2)")
    inputs: Inputs = Field(
        default="stretched",
        description="raw: as they are; no_blanks: without slices that show no disc; stretched: these, the 2.5th and "
        "97.5th percentile of a slice black and white; augmented: these, and each once more, stretched from a random "
        "0-10 % to 100 % minus that (section 2.5.2)",
    )
    batch: int = Field(default=8, ge=1, description="slices per step; 6, 8 and 14 for 100, 75 and 50 % (section 2.5.2)")
    learning_rate: float = Field(default=5e-4, gt=0, description="of Adam (Table 3)")
    beta1: float = Field(default=0.9, ge=0, lt=1, description="decay of Adam's first moment (Table 3); beta2 is 0.999")
    weight_decay: float = Field(default=0.05, ge=0, description="apart from the gradient, as in AdamW (Table 3)")
    dropout: float = Field(default=0.8, ge=0, lt=1, description="share of the coarsest features left out (Table 3)")
    batch_norm: bool = Field(default=False, description="batch normalisation after every convolution (Table 3)")
    dilation: int = Field(default=1, ge=1, description="of the convolutions (Table 3)")


_BATCH = {1.0: 6, 0.75: 8, 0.5: 14}
"""Smaller networks left memory for more slices per step."""


def _started(filters: float, inputs: Inputs) -> Version:
    """A version with the settings that the grid search before round 1 gave (section 2.5.1)."""
    return Version(filters=filters, inputs=inputs, batch=_BATCH[filters], learning_rate=1e-3, beta1=0.95, dropout=0.2)


_MODEL_6 = _started(0.75, "stretched")

ROUNDS: dict[str, dict[str, Version]] = {
    "round1": {
        "model_1": _started(1.0, "raw"),
        "model_2": _started(1.0, "no_blanks"),
        "model_3": _started(1.0, "stretched"),
        "model_4": _started(1.0, "augmented"),
        "model_5": _started(0.75, "no_blanks"),
        "model_6": _MODEL_6,
        "model_7": _started(0.75, "augmented"),
        "model_8": _started(0.5, "no_blanks"),
        "model_9": _started(0.5, "stretched"),
        "model_10": _started(0.5, "augmented"),
    },
    "round2": {
        "baseline": _MODEL_6,
        "batch_normalization": _MODEL_6.model_copy(update={"batch_norm": True}),
        "increased_dropout": Version(),
        "dilated_convolution": _MODEL_6.model_copy(update={"dilation": 2}),
    },
}
"""Round -> version -> its settings, as published."""
