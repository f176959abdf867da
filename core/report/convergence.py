"""Where a training ended before its optimum, and what one that reached it gives on the same films."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray
from core.metrics.bootstrap import resample_auroc
from core.metrics.difference import Difference, paired_difference
from core.metrics.resampling import draw_resamples
from core.settings import registry
from core.words import count_words, difference_words, number_words

if TYPE_CHECKING:
    from core.study import Study
    from core.study.training_record import TrainingRecord

_RESAMPLES: Final = 500


def convergence_notes(study: Study, split: str, settings: Sequence[str]) -> Iterable[str]:
    """Say of every setting whose question another solves to convergence where it ended, and what that other gives."""
    for name in settings:
        known = registry.known(name)
        if known is None or known.converged is None:
            continue
        record, has_other = study.manifest.settings[name].training, known.converged in settings
        if record is not None:
            yield f"{name} {_ended(record)}"
        if has_other:
            found = mean_auroc_difference(study, split, known.converged, name)
            yield (
                f"{known.converged} solves the same problem to convergence; its mean AUROC less that of {name} on "
                f"these films: {difference_words(found.value, found.interval)}."
            )
        elif record is not None:
            yield (
                f"{name} stays as published; what a converged one gives, "
                f"`python -m core adapt STUDY --settings {known.converged}` adds."
            )


def _ended(record: TrainingRecord) -> str:
    """Why it ended, and how far from its optimum that is, as the end of a sentence."""
    epochs = count_words(len(record.train_loss))
    why = {
        "schedule": f"ended with its schedule of {epochs} epochs",
        "val": f"ended after {epochs} epochs because the loss on val no longer fell",
        "converged": "ended at its optimum",
        "closed-form": "is in closed form",
    }[record.ended]
    if record.gradient_norm is None or record.ended in ("converged", "closed-form"):
        return f"{why}."
    return f"{why}, with a gradient of norm {number_words(record.gradient_norm, 4)} left: before its optimum."


@lru_cache(maxsize=32)
def mean_auroc_difference(study: Study, split: str, first: str, second: str) -> Difference:
    """Compute first less second of the mean AUROC over the classes that both can be judged by, in pairs by patient.

    NaN, without an interval, where no class has MIN_POSITIVES positive and as many negative films. It rests on no
    threshold, and is kept for the next report.
    """
    rows = study.rows(split)
    labels = study.judged_labels(first)[rows]
    labels = np.where(np.isnan(study.judged_labels(second)[rows]), np.nan, labels)
    counts = [np.count_nonzero(labels == value, axis=0) for value in (1, 0)]
    judged = np.flatnonzero(np.minimum(*counts) >= MIN_POSITIVES)
    if not len(judged):
        return paired_difference(float("nan"), np.zeros(0), 0)
    weights = draw_resamples(study.patient_numbers(rows), _RESAMPLES).film_weights()
    once = np.ones((1, len(rows)), weights.dtype)

    def gap(of: FloatArray) -> FloatArray:
        means = [
            resample_auroc(labels[:, judged], np.asarray(study.scores(name))[rows][:, judged], of).mean(axis=1)
            for name in (first, second)
        ]
        difference: FloatArray = means[0] - means[1]
        return difference

    return paired_difference(float(gap(once)[0]), gap(weights), int(counts[0][judged].sum()))
