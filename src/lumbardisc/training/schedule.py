"""How long and how fast a network is trained by stochastic gradient descent."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field


class Schedule(BaseModel):
    """How long and how fast a network is trained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: int = Field(default=300, ge=1, description="passes over the training samples")
    batch: int = Field(default=8, ge=1, description="samples per step")
    learning_rate: float = Field(default=0.001, gt=0, description="of stochastic gradient descent")
    momentum: float = Field(default=0.9, ge=0, lt=1, description="of the gradient")
    weight_decay: float = Field(default=0.0, ge=0, description="pull of the weights towards 0")
    cosine: bool = Field(default=False, description="let the learning rate fall to 0 on a cosine; constant otherwise")
    seed: int = Field(default=0, description="of the first weights, the order and the variation of the samples")

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        return self.learning_rate * (0.5 * (1 + math.cos(math.pi * epoch / self.epochs)) if self.cosine else 1.0)


def warm_cosine(step: int, steps: int, warmup: int, peak: float) -> float:
    """The learning rate of a step, counted from 0: a linear warm-up, then a cosine down to 1 % of the peak."""
    if step < warmup:
        return peak * (step + 1) / warmup
    done = min((step - warmup) / max(1, steps - warmup), 1.0)
    return peak * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done)))
