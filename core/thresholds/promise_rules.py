"""How promises become the thresholds of all classes: each by itself, all at once, by one cut, or with a grey zone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.exact_binomial import binomial_tail, fewest_trials, most_failures
from core.metrics.patients import Patients
from core.metrics.risk_control import conformal_risk
from core.thresholds.class_fit import ClassFit, PromiseFit
from core.thresholds.class_scores import ClassScores, FilmScores
from core.thresholds.objectives import Steps, best_steps
from core.thresholds.promises import SENSITIVITY, SPECIFICITY, Promise

MISSED_FINDINGS: Final = "missed-findings"

PromiseRule = Callable[[FilmScores, float, float], tuple[ClassFit, ...]]
"""One fit per class, from the films, the policy's parameter and the confidence."""
ExpectedLoss = Callable[[FloatArray, BoolArray, Patients], tuple[FloatArray, FloatArray]]
"""Each film's loss and weight (n_films,), from labels {0, 1, NaN} and decisions (n_films, n_classes), and whose films
they are.
"""


def each(promise: Promise) -> PromiseRule:
    """Make the rule that promises a figure of every class by itself, with the whole confidence."""

    def rule(films: FilmScores, level: float, confidence: float) -> tuple[ClassFit, ...]:
        return tuple(_class_fit(promise, scores, level, confidence, 1) for scores in films.by_class)

    return rule


def all_at_once(promise: Promise) -> PromiseRule:
    """Make the rule that promises a figure of all classes together: the confidence is that none breaks its promise.

    Each takes its part of the risk (Bonferroni), and as many classes as have the patients for their part share it:
    which they are follows before any score is looked at.
    """

    def rule(films: FilmScores, level: float, confidence: float) -> tuple[ClassFit, ...]:
        allowed, risk = promise.allowed(level), 1 - confidence
        trials = [promise.trials(scores) for scores in films.by_class]
        ranked = enumerate(sorted(trials, reverse=True), 1)
        n_sharing = max((number for number, n in ranked if n >= fewest_trials(allowed, risk / number)), default=0)
        fewest = fewest_trials(allowed, risk / max(n_sharing, 1))
        parts = [n_sharing if n_sharing and n >= fewest else n_sharing + 1 for n in trials]
        pairs = zip(films.by_class, parts, strict=True)
        return tuple(_class_fit(promise, scores, level, confidence, part) for scores, part in pairs)

    return rule


def one_cut_sensitivity(films: FilmScores, level: float, confidence: float) -> tuple[ClassFit, ...]:
    """Find one cut for all classes by which the sensitivity of all of them is promised together.

    From the lowest cut up, the first at which any class breaks the promise is the same whatever films were drawn; it
    is taken only where that class shows there, against the truth, that it keeps it. So the whole risk serves at every
    step of this sequence, and the cut is the lowest of those of the classes. Classes without the positives are left
    out. Source: fixed-sequence testing in "Learn then Test", Angelopoulos et al., 2025.
    """
    fits = [_class_fit(SENSITIVITY, scores, level, confidence, 1) for scores in films.by_class]
    made = [fit.threshold for fit in fits if fit.threshold is not None]
    cut = min(made, default=math.nan)
    return tuple(
        fit if fit.threshold is None else _moved(fit, scores, cut, level, len(made))
        for fit, scores in zip(fits, films.by_class, strict=True)
    )


def _moved(fit: ClassFit, scores: ClassScores, cut: float, level: float, n_classes: int) -> ClassFit:
    """The fit at a more careful cut."""
    (one,) = fit.promises
    failures, n = SENSITIVITY.counted(scores, cut)
    alarms, missed = _price(SENSITIVITY, scores, level, cut)
    at_cut = replace(
        one, failures=failures, n_classes=n_classes, kept=math.nan, more_false_alarms=alarms, more_missed=missed
    )
    return replace(fit, threshold=cut, value=SENSITIVITY.value(failures, n), promises=(at_cut,))


def missed_findings(films: FilmScores, level: float, _: float) -> tuple[ClassFit, ...]:
    """Keep the missed findings of a film at a level in expectation, by one cut that all classes share.

    The mean is over patients, of a patient over the films; one patient may miss as many as there are classes.
    Source: Angelopoulos, Bates, Fisch, Lei, Schuster, "Conformal risk control", ICLR 2024.
    """
    weights, n = _film_weights(films.labels, films.patients)
    rows, columns = np.nonzero(films.labels == 1)
    found = np.asarray(films.scores[rows, columns], dtype=np.float64)
    cuts, place = np.unique(found, return_inverse=True)
    losses = np.r_[0, np.cumsum(np.bincount(place, weights[rows], cuts.size))] / max(n, 1)
    worst = len(films.classes)
    chosen = conformal_risk(losses, n, worst, level)
    counts = films.counts
    if chosen < 0 or not cuts.size:
        said = f"at most {level:g} missed findings of a film in expectation"
        needed = math.ceil(worst / level - 1)
        lacking = PromiseFit(
            MISSED_FINDINGS, said, level, math.nan, worst, n, 0, is_made=False, needed=needed, needed_what="patients"
        )
        return tuple(ClassFit(None, one.n_positive, one.n_negative, "", promises=(lacking,)) for one in counts)
    cut = float(cuts[chosen]) if chosen < cuts.size else math.nextafter(float(cuts[-1]), math.inf)
    return tuple(ClassFit(cut, one.n_positive, one.n_negative, "") for one in counts)


def missed_per_film(labels: FloatArray, decisions: BoolArray, patients: Patients) -> tuple[FloatArray, FloatArray]:
    """Compute (n_films,) what each film adds to the missed findings of its patient, and its part of the patient, whose
    films together weigh 1; both 0 where nobody labelled the film.
    """
    weights, _ = _film_weights(labels, patients)
    return weights * ((labels == 1) & ~decisions).sum(axis=1), weights


def _film_weights(labels: FloatArray, patients: Patients) -> tuple[FloatArray, int]:
    """(n_films,) each film's part of its patient, 0 where nobody labelled it; and the patients with a labelled film."""
    read = np.asarray(~np.isnan(labels).all(axis=1))
    own = patients.sums(read)
    share = np.divide(1.0, own, out=np.zeros_like(own), where=own > 0)
    return np.where(read, share[patients.of_film], 0.0), int(np.count_nonzero(own))


def rule_out_rule_in(films: FilmScores, level: float, confidence: float) -> tuple[ClassFit, ...]:
    """Find two cuts a class: so many positives are promised not to be ruled out, so many negatives not to be ruled in.

    Below the rule-out cut a film is negative, from the rule-in cut on positive, and between them a reader looks. Both
    promises share the risk. Where one cut keeps both there is no grey zone, and it is the rule-out cut.
    """
    return tuple(_grey_fit(scores, level, confidence) for scores in films.by_class)


def _grey_fit(scores: ClassScores, level: float, confidence: float) -> ClassFit:
    risk = (1 - confidence) / 2
    low, out = _promised(SENSITIVITY, scores, level, confidence, risk)
    high, into = _promised(SPECIFICITY, scores, level, confidence, risk)
    counts, unit = scores.counts, "sensitivity, specificity"
    if low is None or high is None:
        return ClassFit(None, counts.n_positive, counts.n_negative, unit, promises=(out, into))
    return ClassFit(low, counts.n_positive, counts.n_negative, unit, upper=max(low, high), promises=(out, into))


def _class_fit(promise: Promise, scores: ClassScores, level: float, confidence: float, n_sharing: int) -> ClassFit:
    cut, one = _promised(promise, scores, level, confidence, (1 - confidence) / n_sharing, n_sharing)
    counts = scores.counts
    if cut is not None and not scores.n_positive:
        return ClassFit(None, counts.n_positive, counts.n_negative, promise.name)
    value = math.nan if cut is None else promise.value(one.failures, one.n)
    return ClassFit(cut, counts.n_positive, counts.n_negative, promise.name, value=value, promises=(one,))


def _promised(
    promise: Promise, scores: ClassScores, level: float, confidence: float, risk: float, n_classes: int = 1
) -> tuple[float | None, PromiseFit]:
    """A class's cut, None where the promise cannot be made, and how that came out."""
    allowed = promise.allowed(level)
    cut = promise.cut(scores, allowed, risk)
    n = promise.trials(scores)
    one = PromiseFit(promise.name, promise.said(level), level, confidence, n_classes, n, 0, is_made=cut is not None)
    if cut is None:
        needed = promise.needed(scores, level, risk)
        return None, replace(one, needed=needed, needed_what=promise.stands_on, is_about=not promise.is_monotone)
    failures, n = promise.counted(scores, cut)
    alarms, missed = _price(promise, scores, level, cut)
    kept, plain = _kept(n, allowed, risk) if promise.is_monotone else (math.nan, math.nan)
    return cut, replace(
        one, n=n, failures=failures, kept=kept, kept_plain=plain, more_false_alarms=alarms, more_missed=missed
    )


def _kept(n: int, allowed: float, risk: float) -> tuple[float, float]:
    """How often an order statistic keeps the promise, and the one that just reaches the level here: exact."""
    bold = (most_failures(n, allowed, risk), math.floor(allowed * n + 1e-9))
    return tuple(1 - float(binomial_tail(k, n, allowed)) for k in bold)  # type: ignore[return-value]


def _price(promise: Promise, scores: ClassScores, level: float, cut: float) -> tuple[int | None, int | None]:
    """Films that are false alarms, and that are missed, more than under the plain rule; None where that has no cut."""
    counts = scores.counts
    step = int(best_steps(promise.plain, Steps.of(counts), level)[0])
    if step < 0:
        return None, None
    plain, here = counts.confusion(step), counts.at(cut)
    return here.fp - plain.fp, here.fn - plain.fn
