"""The paper's threshold sweep: one cut for all classes over scores that are scaled film by film, .20 to .90."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from core.metrics.classification import confusions, exact_match, macro_f1_all_classes, pooled
from core.metrics.decision_rules import RowMinMax
from core.report.settings import Films, paper_scores

if TYPE_CHECKING:
    from core.study import Study

CUTS: Final = tuple(round(0.20 + 0.05 * step, 2) for step in range(15))


@dataclass(frozen=True)
class SweepStep:
    """One cut, 0..1. macro_f1, exact_match : 0..1, undefined as 0.  labels_a_film : mean number predicted."""

    cut: float
    macro_f1: float
    exact_match: float
    labels_a_film: float


def paper_sweep(study: Study, split: str, setting: str = "zero_shot") -> tuple[SweepStep, ...]:
    """The published sweep over the films of a split; empty where the study has no such setting or no such films.

    Source: arXiv 2506.14136, zero-shot.
    """
    films = Films(study, study.rows(split))
    if setting not in study.settings or not films.rows.size:
        return ()
    scores, _ = paper_scores(films, setting)
    return tuple(_step(films, scores, cut) for cut in CUTS)


def sweep_table(steps: tuple[SweepStep, ...]) -> pd.DataFrame:
    """The sweep as text, the best macro F1 blue and bold."""
    best = max((round(step.macro_f1, 3) for step in steps), default=0.0)
    rows = [
        (f":blue[**{step.macro_f1:.3f}**]" if round(step.macro_f1, 3) == best else f"{step.macro_f1:.3f}",
         f"{step.exact_match:.3f}", f"{step.labels_a_film:.2f}")
        for step in steps
    ]  # fmt: skip
    columns = pd.Index(["Macro F1", "Exact match", "Labels a film"])
    return pd.DataFrame(rows, index=pd.Index([f"{step.cut:.2f}" for step in steps], name="Cut"), columns=columns)


def _step(films: Films, scores: np.ndarray, cut: float) -> SweepStep:
    decisions = RowMinMax(cut).decide(scores)
    counts = confusions(films.labels, decisions)
    labels_a_film = pooled(counts).n_predicted / len(films.rows)
    return SweepStep(cut, macro_f1_all_classes(counts), exact_match(films.labels, decisions), labels_a_film)
