"""The losses: one file and one line each. Importing them loads no torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.settings.fine_tune_options import FineTuneOptions
from core.settings.losses import asymmetric, class_balanced, focal, ldam, logit_adjusted, plain
from core.settings.losses.base import LabelCounts, Objective

LOSSES: tuple[tuple[type[FineTuneOptions], Callable[[Any, LabelCounts], Objective]], ...] = (
    (class_balanced.ClassBalancedOptions, class_balanced.objective),
    (focal.FocalOptions, focal.objective),
    (asymmetric.AsymmetricOptions, asymmetric.objective),
    (ldam.LdamOptions, ldam.objective),
    (logit_adjusted.LogitAdjustedOptions, logit_adjusted.objective),
    (FineTuneOptions, plain.objective),
)
"""By the options that ask for them; the plain one is the rest's."""


def objective_of(options: FineTuneOptions, counts: LabelCounts) -> Objective:
    """Give what a training with these options makes small."""
    return next(make for asked, make in LOSSES if isinstance(options, asked))(options, counts)
