"""Edited prompts, scored live: what a build with them would give, beside what the study holds.

The model is loaded when a prompt is first encoded, not before; its weights must be those of the study.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.bootstrap import resample_auroc
from core.metrics.classification import Confusion, confusions
from core.metrics.difference import Difference, paired_difference
from core.metrics.ranking import average_precision, roc_auc
from core.metrics.resampling import draw_resamples
from core.metrics.threshold_counts import ThresholdCounts
from core.settings.zero_shot import zero_shot_margins
from core.space.prompt_pairs import PromptPair
from core.space.study_model import encode_prompts, prompt_notes, study_model
from core.space.text import cosine_to
from core.thresholds import policy_named

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class ScoreFigures:
    """Zero-shot margins of one class on a split; undefined is NaN.

    auroc, average_precision : 0..1.
    n_positive, n_read : films of the split.
    at_zero : decisions at margin 0, where a film is as near to one side as to the other.
    threshold : of the highest F1 on val; NaN without val films or positives there.
    fitted : decisions at it, or None.
    """

    auroc: float
    average_precision: float
    n_positive: int
    n_read: int
    at_zero: Confusion
    threshold: float
    fitted: Confusion | None


@dataclass(frozen=True, eq=False)
class PromptTrial:
    """Edited prompts beside the stored ones.

    scores, stored_scores : (n,) float32 margins of all films of the study; stored_scores are those of the stored
    prompts, computed as a build does.
    gain : AUROC of the edited prompts less that of the stored ones on the split, in pairs over resamples of its
        patients.
    notes : sentences on prompts that the model cannot read as they are meant.
    """

    pair: PromptPair
    split: str
    scores: FloatArray
    stored_scores: FloatArray
    edited: ScoreFigures
    stored: ScoreFigures
    gain: Difference
    notes: tuple[str, ...]


def try_prompts(study: Study, pair: PromptPair, split: str = "test") -> PromptTrial:
    """Compute the margins of a class under edited prompts, and what they are worth on a split.

    Raises ModelError where the study's model is not on this computer or is another, StudyError where the study lacks
    embeddings.
    """
    texts = [*pair.present, *pair.absent]
    vectors = encode_prompts(study, texts)
    scores = zero_shot_margins(study.image_embeddings("frozen"), vectors, pair.prompts, (pair.finding,))[:, 0]
    stored = stored_margins(study, pair.finding)
    return PromptTrial(
        pair,
        split,
        scores,
        stored,
        figures_of(study, pair.finding, scores, split),
        figures_of(study, pair.finding, stored, split),
        auroc_gain(study, pair.finding, scores, stored, split),
        prompt_notes(study_model(study), texts),
    )


def stored_margins(study: Study, finding: str) -> FloatArray:
    """Compute (n,) margins of a class under the study's own prompts, from the stored embeddings; no model is loaded."""
    films, texts = study.image_embeddings("frozen"), study.text_embeddings("frozen")
    return np.asarray(zero_shot_margins(films, texts, study.manifest.prompts, (finding,))[:, 0])


def similarity_to(study: Study, text: str) -> FloatArray:
    """Compute (n,) float32 cosine, -1..1, of every film to a typed prompt. Raises as `try_prompts`."""
    return cosine_to(study.image_embeddings("frozen"), encode_prompts(study, [text])[0])


def figures_of(study: Study, finding: str, scores: FloatArray, split: str) -> ScoreFigures:
    """Measure what margins (n,) of all films are worth on a split."""
    index, rows, val = study.classes.index(finding), study.rows(split), study.rows("val")
    labels = study.labels[:, index]
    counts = ThresholdCounts.from_scores(finding, labels[val], scores[val])
    threshold = policy_named("max-f1").fit(counts) if len(val) else None
    at_zero = _decided(labels[rows], scores[rows], 0.0)
    return ScoreFigures(
        roc_auc(labels[rows], scores[rows]),
        average_precision(labels[rows], scores[rows]),
        at_zero.n_positive,
        at_zero.n_read,
        at_zero,
        math.nan if threshold is None else threshold,
        None if threshold is None else _decided(labels[rows], scores[rows], threshold),
    )


def auroc_gain(study: Study, finding: str, scores: FloatArray, others: FloatArray, split: str) -> Difference:
    """Compute the AUROC of scores (n,) less that of others (n,) on a split,
    with the interval over the same resamples of both.
    """
    rows = study.rows(split)
    labels = study.labels[rows, study.classes.index(finding)]
    both = np.column_stack([scores[rows], others[rows]])
    patients = study.patient_ids(rows)
    weights = draw_resamples(patients).film_weights()
    resampled = resample_auroc(np.column_stack([labels, labels]), both, weights)
    value = roc_auc(labels, both[:, 0]) - roc_auc(labels, both[:, 1])
    return paired_difference(value, resampled[:, 0] - resampled[:, 1], int((labels == 1).sum()))


def moves_of(study: Study, trial: PromptTrial) -> tuple[FloatArray, FloatArray]:
    """Take edited less stored margins of the split's films with the class, and of those that were read to lack it."""
    rows = study.rows(trial.split)
    labels = study.labels[rows, study.classes.index(trial.pair.finding)]
    moved = (trial.scores - trial.stored_scores)[rows]
    return moved[labels == 1], moved[labels == 0]


def _decided(labels: FloatArray, scores: FloatArray, threshold: float) -> Confusion:
    return confusions(labels[:, None], (scores >= threshold)[:, None])[0]
