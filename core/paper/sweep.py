"""The paper's threshold sweep: one cut for all classes over scores that are scaled film by film, .20 to .90."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.decision_rules import RowMinMax
from core.metrics.evidence import count_decisions
from core.metrics.over_classes import exact_match, macro_f1
from core.report.settings import SplitData, paper_scores

if TYPE_CHECKING:
    from core.study import Study

CUTS: Final = tuple(round(0.20 + 0.05 * step, 2) for step in range(15))


@dataclass(frozen=True)
class SweepStep:
    """One cut, 0..1.

    macro_f1, exact_match : 0..1, undefined as 0.
    labels_per_film : mean number predicted.
    """

    cut: float
    macro_f1: float
    exact_match: float
    labels_per_film: float


def paper_sweep(study: Study, split: str, setting: str = "zero_shot") -> tuple[SweepStep, ...]:
    """Run the published sweep over the films of a split; empty where the study has no such setting or no such films.

    Source: arXiv 2506.14136, zero-shot.
    """
    films = SplitData(study, study.rows(split))
    if setting not in study.settings or not films.rows.size:
        return ()
    scores, _ = paper_scores(films, setting)
    return tuple(_step(films, scores, cut) for cut in CUTS)


def _step(films: SplitData, scores: np.ndarray, cut: float) -> SweepStep:
    decisions = RowMinMax(cut).decide(scores)
    counts = count_decisions(films.labels, decisions, is_published=True)
    labels_per_film = float(counts.pooled.tp + counts.pooled.fp) / len(films.rows)
    return SweepStep(cut, float(macro_f1(counts)), float(exact_match(counts)), labels_per_film)
