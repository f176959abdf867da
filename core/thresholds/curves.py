"""What the curves of every class and setting are drawn from, with the current threshold on each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, ratios
from core.metrics.calibration import (
    Calibrator,
    Reliability,
    brier_score,
    expected_calibration_error,
    reliability,
)
from core.metrics.class_figures import class_intervals
from core.metrics.classification import Confusion, confusions
from core.metrics.count_intervals import share_interval, share_sums
from core.metrics.intervals import Interval
from core.metrics.patients import Patients, number_patients
from core.metrics.ranking import auroc_of, average_precision_of
from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.calibration import calibrator_for, lacking_words
from core.thresholds.sets import ThresholdSet, provenance

if TYPE_CHECKING:
    from core.study import Study

_MOST_POINTS: Final = 200
_PROBABILITIES: Final = np.linspace(0.01, 0.99, 99)


@dataclass(frozen=True, eq=False)
class StepCurve:
    """Figures at up to 200 steps of one class, from few predictions to all; NaN where undefined.

    thresholds : (m,) what takes each step.
    predicted : share of the read films at or above, 0..1.
    """

    thresholds: FloatArray
    predicted: FloatArray
    recall: FloatArray
    false_positive_rate: FloatArray
    precision: FloatArray
    f1: FloatArray


@dataclass(frozen=True, eq=False)
class Calibration:
    """One class's probabilities on the films of the split.

    ece, brier : 0 is perfect.
    threshold : the current threshold as a probability, NaN where there is none.
    benefit : (99,) net benefit at probabilities .01 to .99, in true positives per film.
    treat_all : the same where every film is called positive.
    benefit_at : at `threshold`, of the current decisions.
    """

    words: str
    groups: Reliability
    ece: float
    brier: float
    threshold: float
    probabilities: FloatArray
    benefit: FloatArray
    treat_all: FloatArray
    benefit_at: float


@dataclass(frozen=True, eq=False)
class ClassCurves:
    """One class of one setting.

    threshold : NaN where there is none.

    point : counts at the current decisions.
    intervals : of its f1, precision, recall, specificity, and of "predicted", the share of the read films that are
        predicted.
    calibration : None where there are no probabilities, and why in `no_calibration`.
    is_trained : whether the setting learnt of the class; if not, all is undefined.
    """

    finding: str
    threshold: float
    point: Confusion
    intervals: Mapping[str, Interval]
    steps: StepCurve
    auroc: float
    average_precision: float
    calibration: Calibration | None
    no_calibration: str
    is_trained: bool = True


@dataclass(frozen=True, eq=False)
class Curves:
    """by_setting : by setting, by class, in the study's order.

    readings : by setting, how far its figures here may be trusted; see core.thresholds.sets.provenance.
    """

    study: str
    fingerprint: str
    split: str
    classes: tuple[str, ...]
    by_setting: Mapping[str, Mapping[str, ClassCurves]]
    readings: Mapping[str, str]
    synthetic: bool

    def only(self, *findings: str) -> Curves:
        """Keep the curves of some classes alone."""
        kept = {
            setting: {finding: classes[finding] for finding in findings} for setting, classes in self.by_setting.items()
        }
        return replace(self, classes=findings, by_setting=kept)


def study_curves(study: Study, split: str, sets: Mapping[str, ThresholdSet], *, calibration: str = "as-is") -> Curves:
    """Compute the curves of the settings of `sets` on the films of a split.

    calibration : of core.thresholds.calibration.CHOICES: how scores become probabilities.
    """
    rows = study.rows(split)
    patients = number_patients(study.patient_numbers(rows), len(rows))
    return Curves(
        study=study.name,
        fingerprint=study.fingerprint,
        split=split,
        classes=study.classes,
        by_setting={
            setting: _setting_curves(study, rows, patients, chosen, calibration) for setting, chosen in sets.items()
        },
        readings={setting: provenance(chosen, split) for setting, chosen in sets.items()},
        synthetic=study.manifest.synthetic,
    )


def _setting_curves(
    study: Study, rows: IntArray, patients: Patients, chosen: ThresholdSet, calibration: str
) -> dict[str, ClassCurves]:
    labels = study.judged_labels(chosen.setting)[rows]
    scores = np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64)
    decisions = chosen.rule().decide(scores)
    points = confusions(labels, decisions)
    made = {}
    for index, finding in enumerate(study.classes):
        counts = ThresholdCounts.from_scores(finding, labels[:, index], scores[:, index])
        calibrator = calibrator_for(study, chosen.setting, index, calibration)
        threshold = float(chosen.array()[index])
        made[finding] = ClassCurves(
            finding=finding,
            threshold=threshold,
            point=points[index],
            intervals=_intervals(labels[:, index], decisions[:, index], patients),
            steps=_step_curve(counts),
            auroc=auroc_of(counts.cumulative),
            average_precision=average_precision_of(counts.cumulative),
            calibration=_calibrated(calibrator, counts, labels[:, index], scores[:, index], threshold, points[index]),
            no_calibration="" if calibrator else lacking_words(chosen.score_kind, calibration),
            is_trained=finding not in chosen.untrained,
        )
    return made


def _intervals(labels: FloatArray, decisions: BoolArray, patients: Patients) -> dict[str, Interval]:
    read = ~np.isnan(labels)
    predicted = share_interval(share_sums(read & decisions, read, patients), int(np.count_nonzero(read)))
    return {**class_intervals(labels, decisions, patients), "predicted": predicted}


def _step_curve(counts: ThresholdCounts) -> StepCurve:
    steps = _thinned(counts)
    tp, fp = counts.true_positives[steps], counts.false_positives[steps]
    return StepCurve(
        thresholds=np.array([counts.threshold(int(step)) for step in steps]),
        predicted=ratios(tp + fp, counts.n_positive + counts.n_negative),
        recall=ratios(tp, counts.n_positive),
        false_positive_rate=ratios(fp, counts.n_negative),
        precision=ratios(tp, tp + fp),
        f1=counts.f1[steps],
    )


def _thinned(counts: ThresholdCounts) -> IntArray:
    """At most 200 steps, from no film to all, half of them spread over the positives, half over the negatives."""
    last = counts.scores.size
    if last < _MOST_POINTS:
        return np.arange(last, -1, -1)
    shares = np.linspace(0, 1, _MOST_POINTS // 2 - 1)
    chosen = [
        np.searchsorted(-films, -np.ceil(shares * films[0]), side="right") - 1
        for films in (counts.true_positives, counts.false_positives)
    ]
    return np.unique(np.r_[0, last, np.maximum(np.concatenate(chosen), 0)])[::-1]


def _calibrated(
    calibrator: Calibrator | None,
    counts: ThresholdCounts,
    labels: FloatArray,
    scores: FloatArray,
    threshold: float,
    point: Confusion,
) -> Calibration | None:
    if calibrator is None or not counts.n_positive + counts.n_negative:
        return None
    p = calibrator.probabilities(scores)
    called = ThresholdCounts.from_scores(counts.finding, labels, p)
    steps = np.searchsorted(called.scores, _PROBABILITIES)
    n, odds = point.n_read, _PROBABILITIES / (1 - _PROBABILITIES)
    at = math.nan if math.isnan(threshold) else float(calibrator.probabilities(np.array([threshold]))[0])
    inside = 0 < at < 1
    return Calibration(
        words=calibrator.words,
        groups=reliability(p, labels),
        ece=expected_calibration_error(p, labels),
        brier=brier_score(p, labels),
        threshold=at,
        probabilities=_PROBABILITIES,
        benefit=(called.true_positives[steps] - called.false_positives[steps] * odds) / n,
        treat_all=(counts.n_positive - counts.n_negative * odds) / n,
        benefit_at=(point.tp - point.fp * at / (1 - at)) / n if inside else math.nan,
    )
