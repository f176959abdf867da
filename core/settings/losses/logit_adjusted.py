"""Logits that are adjusted by how frequent a finding is, while training. Importing it loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.settings.fine_tune_options import FineTuneOptions
from core.settings.losses.base import LabelCounts, Objective
from core.settings.losses.plain import cross_entropy

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class LogitAdjustedOptions(FineTuneOptions):
    """tau : from 0; how much of the log-odds is added. 1 is the paper's, 0 adds nothing."""

    tau: float = 1.0


def log_odds(counts: LabelCounts) -> torch.Tensor:
    """Compute log(n_positive / n_negative) by class (C,).

    A class without a label of one kind has no prior that can be told: 0, and nothing is adjusted.
    """
    import torch

    return torch.where(counts.has_both, (counts.n_positive / counts.n_negative).log(), 0.0)


def objective(options: LogitAdjustedOptions, counts: LabelCounts) -> Objective:
    """Give the cross-entropy of logits plus tau times the class's log-odds.

    Scores are the logits alone, so that what is learnt is made for findings that are as often present as absent.
    Source: Menon, Jayasumana, Rawat, Jain, Veit, Kumar, arXiv 2007.07314, equation 10, of two kinds a class, whose
    priors' logarithms differ by the log-odds.
    """
    added = options.tau * log_odds(counts)
    return Objective(lambda logits, targets: cross_entropy(logits + added, targets))
