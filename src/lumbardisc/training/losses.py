"""Losses under partial labels: cross-entropy and Dice over the classes a pixel may be."""

from __future__ import annotations

import torch
from torch import Tensor


def partial_loss(scores: Tensor, allowed: Tensor, dice_weight: float = 1.0) -> Tensor:
    """Marginal cross-entropy plus marginal Dice (Shi et al., Medical Image Analysis 2021, for partially labelled data).

    scores: (batch, classes, rows, columns). allowed: (batch, rows, columns) bit masks. A pixel that allows every class
    adds nothing. Soft Dice learns small structures fast but biases their volume (Bertels et al., Medical Image Analysis
    2021); cross-entropy alone leaves probabilities whose boundary at one half is right.
    """
    bits = 1 << torch.arange(scores.shape[1], device=scores.device, dtype=torch.int32)
    may_be = (allowed.to(torch.int32)[:, None] & bits[None, :, None, None]) != 0
    log_probabilities = scores.log_softmax(dim=1)
    likelihood = torch.logsumexp(log_probabilities.masked_fill(~may_be, -30.0), dim=1)
    decided = ~may_be.all(dim=1)
    cross_entropy = -(likelihood * decided).sum() / decided.sum().clamp(min=1)
    if dice_weight == 0.0:
        return cross_entropy
    return cross_entropy + dice_weight * _dice_loss(log_probabilities.exp(), may_be)


def _dice_loss(probabilities: Tensor, may_be: Tensor) -> Tensor:
    """1 - soft Dice, mean over the foreground classes that occur; undecided pixels are left out, class by class."""
    only = may_be & (may_be.sum(dim=1, keepdim=True) == 1)
    settled = only | ~may_be
    over = (0, 2, 3)
    overlap = (probabilities * only).sum(dim=over)
    total = (probabilities * settled).sum(dim=over) + only.sum(dim=over)
    occurs = only.sum(dim=over)[1:] > 0
    dice = ((2 * overlap + 1.0) / (total + 1.0))[1:]
    return (1.0 - dice[occurs]).mean() if occurs.any() else probabilities.sum() * 0.0
