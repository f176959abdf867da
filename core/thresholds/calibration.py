"""Whether a setting's scores, as probabilities, mean what they say: class by class, on the films of a split."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray, ratios
from core.metrics.calibration import (
    Calibrator,
    as_they_are,
    brier_score,
    expected_calibration_error,
    fit_calibrator,
    perfect_calibration_error,
)
from core.metrics.intervals import Interval, not_estimable, percentile_interval
from core.metrics.resampling import Resamples, draw_resamples

if TYPE_CHECKING:
    from core.study import Study

CHOICES: Final = {"as-is": "As they are", "platt": "Platt's curve", "temperature": "Temperature"}
"""How scores become probabilities, by name, as shown. The latter two are fitted on val."""
_SEED: Final = 42


@dataclass(frozen=True)
class ClassCalibration:
    """One class's probabilities on the films of a split that were read for it. Undefined is NaN.

    words : where the probabilities come from; why there are none, where `is_defined` is False.
    predicted, observed : mean probability, and share of films read as positive; equal where calibration in the large
        is right.
    ece : expected calibration error over ten groups of equal width.
    ece_perfect : what 95 % of perfectly calibrated models stay under on as many films.
    brier : mean squared gap, with its 95 % interval over resamples of patients.
    brier_prevalence : of a model that says the observed share for every film, which knows nothing of the film.
    """

    finding: str
    is_defined: bool
    words: str
    n_read: int
    n_positive: int
    predicted: float
    observed: float
    ece: float
    ece_perfect: float
    brier: float
    brier_interval: Interval
    brier_prevalence: float


def calibrator_for(study: Study, setting: str, index: int, choice: str) -> Calibrator | None:
    """Find the calibrator that makes a class's scores probabilities; None where nothing can (see `lacking_words`).

    choice : of CHOICES. "as-is" takes probabilities and the sigmoid of logits as they are, and Platt's curve for
    margins and similarities, which have no probability of their own.
    """
    kind = study.manifest.settings[setting].score_kind
    own = as_they_are(kind)
    if choice == "as-is" and own is not None:
        return own
    rows = study.rows("val")
    scores, labels = np.asarray(study.scores(setting)[rows, index]), study.judged_labels(setting)[rows, index]
    return fit_calibrator("platt" if choice == "as-is" else choice, kind, scores, labels)


def lacking_words(kind: str, choice: str) -> str:
    """Say why a class has no probabilities, one clause."""
    if choice == "temperature" and kind == "similarity":
        return "similarities have no zero that a temperature could scale from"
    return f"{kind}s, and fewer than {MIN_POSITIVES} validation films on either side to fit probabilities"


def class_calibrations(
    study: Study, split: str, setting: str, choice: str = "as-is", resamples: Resamples | None = None
) -> tuple[ClassCalibration, ...]:
    """Calibrate every class of a setting, in the study's order.

    choice : of CHOICES.
    resamples : of the patients of the split; None draws them.
    """
    rows = study.rows(split)
    labels, untrained = study.labels[rows], study.untrained(setting)
    scores = np.asarray(study.scores(setting)[rows], dtype=np.float64)
    drawn = resamples or draw_resamples(study.patient_numbers(rows))
    kind = study.manifest.settings[setting].score_kind
    found = []
    for index, finding in enumerate(study.classes):
        calibrator = None if finding in untrained else calibrator_for(study, setting, index, choice)
        p = None if calibrator is None else calibrator.probabilities(scores[:, index])
        words = lacking_words(kind, choice) if calibrator is None else calibrator.words
        words = "the setting was never trained on it" if finding in untrained else words
        found.append(_class_calibration(finding, words, p, labels[:, index], drawn))
    return tuple(found)


def _class_calibration(
    finding: str, words: str, probabilities: FloatArray | None, labels: FloatArray, resamples: Resamples
) -> ClassCalibration:
    read = ~np.isnan(labels)
    n_read, n_positive = int(read.sum()), int((labels == 1).sum())
    observed = n_positive / n_read if n_read else math.nan
    p = np.full(labels.shape, np.nan) if probabilities is None or not n_read else probabilities
    is_defined = probabilities is not None and n_read > 0
    undefined = not_estimable(n_positive)
    return ClassCalibration(
        finding=finding,
        is_defined=is_defined,
        words=words if n_read else "no film was labelled for this class",
        n_read=n_read,
        n_positive=n_positive,
        predicted=float(p[read].mean()) if is_defined else math.nan,
        observed=observed,
        ece=expected_calibration_error(p, labels) if is_defined else math.nan,
        ece_perfect=perfect_calibration_error(p, labels, np.random.default_rng(_SEED)) if is_defined else math.nan,
        brier=brier_score(p, labels) if is_defined else math.nan,
        brier_interval=_brier_interval(p, labels, resamples) if is_defined else undefined,
        brier_prevalence=observed * (1 - observed),
    )


def _brier_interval(probabilities: FloatArray, labels: FloatArray, resamples: Resamples) -> Interval:
    """By percentile bootstrap over patients; n is the number of positives, below 5 it is not estimable."""
    read = ~np.isnan(labels)
    squares = np.where(read, probabilities - np.where(read, labels, 0), 0) ** 2
    total, n_read = resamples.totals(np.column_stack([squares, read])).T
    resampled = ratios(total, n_read)
    return percentile_interval(resampled, int((labels == 1).sum()))
