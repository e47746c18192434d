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
