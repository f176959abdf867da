"""Margins by how rare a label is, with weights that begin late (LDAM-DRW). Importing it loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.settings.fine_tune_options import FineTuneOptions
from core.settings.losses.base import LabelCounts, Objective
from core.settings.losses.class_balanced import weighted
from core.settings.losses.plain import cross_entropy

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class LdamOptions(FineTuneOptions):
    """Margin, beta and the share before weights begin are those of arXiv 1906.07413.

    max_margin : of the rarest label of all; from 0.
    scale : of the logits. The paper's 30 is for logits that are cosines, which a linear classifier's are not.
    deferred : share of the epochs, 0..1, before labels are weighted.
    beta : of the weights, as in `core.settings.losses.class_balanced`.
    patience : is as long as training, so that it reaches the weights.
    """

    max_margin: float = 0.5
    scale: float = 1.0
    deferred: float = 0.8
    beta: float = 0.9999
    patience: int = 10


def margins(counts: LabelCounts, max_margin: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the margins (C,) of a label "present", and of a label "absent", by class.

    Each class is a problem of two kinds of n labels each; a margin is K / n^(1/4), with K such that the largest of all
    is `max_margin`. A class without a label of one kind has no boundary to move: both are 0.
    Source: Cao, Wei, Gaidon, Arechiga, Ma, arXiv 1906.07413, equation 12.
    """
    import torch

    both = (counts.n_positive, counts.n_negative)
    raw = torch.stack([torch.where(counts.has_both, n.clamp(min=1) ** -0.25, 0.0) for n in both])
    present, absent = raw * (max_margin / raw.max().clamp(min=torch.finfo(raw.dtype).tiny))
    return present, absent


def ldam(
    logits: torch.Tensor, targets: torch.Tensor, present: torch.Tensor, absent: torch.Tensor, scale: float
) -> torch.Tensor:
    """Compute the cross-entropy of logits that are moved against the label by its margin: (n, C) of (n, C).

    Of a label "present" it is log(1 + exp(-s (z - m))), of one "absent" log(1 + exp(s (z + m'))): the paper's softmax
    over two kinds whose logits differ by z.
    present, absent : margins (C,).
    Source: Cao, Wei, Gaidon, Arechiga, Ma, arXiv 1906.07413, equation 13.
    """
    moved = logits - targets * present + (1 - targets) * absent
    return cross_entropy(scale * moved, targets)


def objective(options: LdamOptions, counts: LabelCounts) -> Objective:
    """Give the loss with margins: first without weights, then with them."""
    present, absent = margins(counts, options.max_margin)

    def plain(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return ldam(logits, targets, present, absent, options.scale)

    n_early = round(options.deferred * options.max_epochs)
    return Objective(weighted(plain, counts, options.beta), early=plain, n_early=n_early)
