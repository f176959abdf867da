"""Promised cuts against a search over every threshold, patient by patient, with ties and several films a patient."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from core.metrics.patients import Patients, number_patients
from core.metrics.risk_control import learn_then_test
from core.thresholds import ClassFit, policy_named
from core.thresholds.class_scores import ClassScores, FilmScores
from core.thresholds.promise_rules import missed_per_film
from core.thresholds.promises import FALSE_ALARMS, NPV, PRECISION, PROMISES, SENSITIVITY, SPECIFICITY, promise_named

RISK = 0.05


def films(seed: int, *, n_classes: int = 1, n_patients: int = 150, prevalence: float = 0.3) -> FilmScores:
    """Patients of one to three films, unread labels, scores with ties."""
    rng = np.random.default_rng(seed)
    whose = np.repeat(np.arange(n_patients), rng.integers(1, 4, n_patients))
    labels = (rng.random((whose.size, n_classes)) < prevalence).astype(float)
    scores = np.round(rng.normal(size=labels.shape) + 1.8 * labels, 1)
    labels[rng.random(labels.shape) < 0.05] = np.nan
    return FilmScores(tuple(f"class {one}" for one in range(n_classes)), labels, scores, Patients(whose, n_patients))


def counted_by_hand(name: str, films: FilmScores, cut: float, column: int = 0) -> tuple[int, int]:
    """Failures and patients, one patient after another."""
    failures, n = 0, 0
    for patient in range(films.patients.n):
        own = (films.patients.of_film == patient) & ~np.isnan(films.labels[:, column])
        labels, called = films.labels[own, column], films.scores[own, column] >= cut
        missed, alarmed = bool((labels[~called] == 1).any()), bool((labels[called] == 0).any())
        counts, fails = {
            "sensitivity": ((labels == 1).any(), missed),
            "specificity": ((labels == 0).any(), alarmed),
            "precision": (called.any(), alarmed),
            "npv": ((~called).any(), missed),
            "false-alarms": (labels.size > 0, alarmed),
        }[name]
        n += bool(counts)
        failures += bool(counts) and fails
    return failures, n


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
@pytest.mark.parametrize("seed", range(3))
def test_patients_are_counted_once_and_for_their_worst_film(seed: int, promise) -> None:
    made = films(seed, n_patients=40)
    (scores,) = made.by_class
    for cut in np.unique(made.scores)[::5]:
        assert promise.counted(scores, float(cut)) == counted_by_hand(promise.name, made, float(cut))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("promise", "level", "boldest"),
    [(SENSITIVITY, 0.8, max), (SPECIFICITY, 0.85, min), (FALSE_ALARMS, 12.0, min)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_an_order_statistic_is_the_boldest_cut_that_clopper_and_pearson_allow(promise, level, boldest, seed) -> None:
    (scores,) = films(seed).by_class
    allowed = promise.allowed(level)
    cuts = [scores.counts.threshold(step) for step in range(scores.counts.scores.size + 1)]
    shown = [cut for cut in cuts if binom.cdf(*promise.counted(scores, cut), allowed) <= RISK]
    cut = promise.cut(scores, allowed, RISK)
    assert promise.counted(scores, cut) == promise.counted(scores, boldest(shown))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("promise", "level"), [(PRECISION, 0.5), (NPV, 0.8)], ids=["precision", "npv"])
def test_of_cuts_set_beforehand_the_boldest_that_bonferroni_shows_is_taken(promise, level: float, seed: int) -> None:
    """By hand: so many patients above each cut, all tested at once, the one that settles most."""
    (scores,) = films(seed, n_patients=300).by_class
    allowed, n = promise.allowed(level), scores.n_patients
    ranks = sorted({math.floor((n - 1) / 1.2**power) for power in range(60)} - {0}, reverse=True)
    while ranks and (1 - allowed) ** ranks[-1] > RISK / len(ranks):
        ranks.pop()
    best = None
    for rank in ranks:
        if promise is PRECISION:
            cut = math.nextafter(sorted(scores.highest)[n - 1 - rank], math.inf)
        else:
            cut = sorted(scores.lowest)[rank]
        failures, settled = promise.counted(scores, cut)
        if settled and binom.cdf(failures, settled, allowed) <= RISK / len(ranks):
            best = cut
            break
    assert promise.cut(scores, allowed, RISK) == best


def perfect(n_positive: int, n_negative: int) -> FilmScores:
    """All positives above all negatives, one film a patient."""
    labels = np.r_[np.ones(n_positive), np.zeros(n_negative)]
    scores = np.r_[1 + np.arange(n_positive) / 1000, -np.arange(n_negative) / 1000]
    return FilmScores(("a",), labels[:, None], scores[:, None], number_patients(None, labels.size))


def fit(policy: str, made: FilmScores, level: float, confidence: float = 0.95) -> ClassFit:
    return policy_named(policy).fit_classes(made, level, confidence)[0]


def test_too_few_positives_give_no_threshold_and_say_how_many_it_takes() -> None:
    refused = fit("promised-sensitivity", perfect(28, 50), 0.9)
    assert refused.threshold is None
    assert refused.promises[0].needed == 29
    assert "takes 29 patients with a positive film (28 positives on these films)" in refused.words()
    made = fit("promised-sensitivity", perfect(29, 50), 0.9)
    assert made.threshold == pytest.approx(0.5)
    assert made.promises[0].kept == pytest.approx(1 - 0.9**29)
    assert made.words().startswith("A sensitivity of at least 0.9 with confidence 0.95 (0 of 29 patients fail it here")
    nobody = fit("promised-sensitivity", perfect(0, 50), 0.9)
    assert nobody.threshold is None
    assert nobody.promises[0].needed == 29


def test_a_class_without_a_positive_has_no_threshold_and_no_number_that_is_not_so() -> None:
    for policy in ("promised-specificity", "promised-npv", "promised-precision", "promised-false-alarms"):
        nobody = fit(policy, perfect(0, 90), 10.0 if policy == "promised-false-alarms" else 0.8)
        assert nobody.threshold is None
        assert nobody.words() == "No threshold: there is no positive to fit on (0 positives, 90 negatives)."
    both = fit("rule-out-rule-in", perfect(0, 90), 0.8)
    assert (both.threshold, both.upper) == (None, None)
    assert "takes 17 patients with a positive film" in both.words()
    assert "negative film" not in both.words()


@pytest.mark.parametrize(("policy", "level"), [("promised-precision", 0.5), ("promised-npv", 0.9)])
def test_as_many_films_more_as_it_says_are_enough(policy: str, level: float) -> None:
    small = films(1, n_patients=40)
    refused = fit(policy, small, level)
    assert refused.threshold is None
    (one,) = refused.promises
    assert one.is_about
    times = one.needed / small.by_class[0].n_positive
    assert fit(policy, tiled(small, math.ceil(1.1 * times)), level).threshold is not None
    assert fit(policy, tiled(small, max(1, math.floor(times / 1.6))), level).threshold is None


def tiled(made: FilmScores, times: int) -> FilmScores:
    """The same films again and again, of other patients each time."""
    patients = np.concatenate([made.patients.of_film + made.patients.n * again for again in range(times)])
    labels, scores = np.tile(made.labels, (times, 1)), np.tile(made.scores, (times, 1))
    return FilmScores(made.classes, labels, scores, Patients(patients, made.patients.n * times))


def test_what_no_number_of_films_would_show_is_said() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random((200, 1)) < 0.2).astype(float)
    useless = FilmScores(("a",), labels, -labels + rng.normal(size=labels.shape) / 100, number_patients(None, 200))
    refused = fit("promised-precision", useless, 0.9)
    assert refused.threshold is None
    assert refused.promises[0].needed is None
    assert "more of them would not help" in refused.words()


@pytest.mark.parametrize("seed", range(3))
def test_the_price_is_counted_against_the_plain_rule(seed: int) -> None:
    made = films(seed)
    (counts,) = made.counts
    chosen = fit("promised-sensitivity", made, 0.8)
    plain, here = counts.at(policy_named("fixed-sensitivity").fit(counts, 0.8)), counts.at(chosen.threshold)
    (one,) = chosen.promises
    assert (one.more_false_alarms, one.more_missed) == (here.fp - plain.fp, here.fn - plain.fn)
    assert one.more_false_alarms > 0 > one.more_missed


def test_how_often_a_promise_is_kept_is_what_drawing_again_shows() -> None:
    """50 positives, uniform: the miss rate of a cut is the cut itself."""
    drawn = np.sort(np.random.default_rng(0).random((20_000, 50)), axis=1)
    made = perfect(50, 50)
    (one,) = fit("promised-sensitivity", made, 0.8).promises
    kept = [float(np.mean(drawn[:, k] <= 0.2)) for k in (one.failures, 10)]
    assert one.kept == pytest.approx(kept[0], abs=0.006)
    assert one.kept_plain == pytest.approx(kept[1], abs=0.011)
    assert one.kept > 0.95 > 0.6 > one.kept_plain


def test_all_classes_at_once_share_the_risk_among_those_that_can_pay() -> None:
    made = films(2, n_classes=4)
    made.labels[:, 3] = 0
    made.labels[:5, 3] = 1
    fits = policy_named("promised-sensitivity-all").fit_classes(made, 0.8, 0.95)
    assert [one.promises[0].n_classes for one in fits] == [3, 3, 3, 4]
    alone = policy_named("promised-sensitivity").fit_classes(made, 0.8, 1 - RISK / 3)
    assert [one.threshold for one in fits] == [one.threshold for one in alone]
    assert fits[3].threshold is None
    assert fits[3].promises[0].needed == math.ceil(math.log(RISK / 4) / math.log(0.8))


@pytest.mark.parametrize("seed", range(4))
def test_one_cut_for_all_is_where_a_fixed_sequence_stops(seed: int) -> None:
    made = films(seed, n_classes=3)
    grid = np.arange(-5, 5, 0.1) + 0.05
    worst = [max(float(binom.cdf(*SENSITIVITY.counted(scores, cut), 0.2)) for scores in made.by_class) for cut in grid]
    stopped = grid[learn_then_test(np.array(worst), RISK, "fixed-sequence")[-1]]
    fits = policy_named("promised-sensitivity-one-cut").fit_classes(made, 0.8, 0.95)
    (cut,) = {one.threshold for one in fits}
    for scores in made.by_class:
        assert SENSITIVITY.counted(scores, cut) == SENSITIVITY.counted(scores, stopped)


@pytest.mark.parametrize("seed", range(4))
def test_missed_findings_are_kept_low_by_the_boldest_cut(seed: int) -> None:
    made = films(seed, n_classes=3)
    n = len({int(one) for one in made.patients.of_film[~np.isnan(made.labels).all(axis=1)]})

    def bound(cut: float) -> float:
        losses, weights = missed_per_film(made.labels, made.scores >= cut, made.patients)
        assert weights.sum() == pytest.approx(n)
        return (losses.sum() + 3) / (n + 1)

    (cut,) = {one.threshold for one in policy_named("missed-findings").fit_classes(made, 0.3)}
    positive = np.unique(made.scores[made.labels == 1])
    assert cut == max(one for one in positive if bound(one) <= 0.3)
    refused = policy_named("missed-findings").fit_classes(films(seed, n_classes=3, n_patients=8), 0.3)
    assert {one.threshold for one in refused} == {None}
    assert "takes 9 patients" in refused[0].words()


def test_rule_out_and_rule_in_are_two_promises_that_share_the_risk() -> None:
    made = films(0)
    both = fit("rule-out-rule-in", made, 0.8)
    assert both.threshold == fit("promised-sensitivity", made, 0.8, 1 - RISK / 2).threshold
    assert both.upper == fit("promised-specificity", made, 0.8, 1 - RISK / 2).threshold
    assert both.threshold < both.upper
    easy = fit("rule-out-rule-in", perfect(60, 60), 0.8)
    assert easy.threshold == easy.upper
    assert easy.words().endswith("One cut keeps both, so that nothing is left to a reader.")
    short = fit("rule-out-rule-in", perfect(60, 10), 0.8)
    assert (short.threshold, short.upper) == (None, None)
    assert "17 patients with a negative film" in short.words()
    assert "positive film" not in short.words()


def test_a_promise_of_another_name_is_refused() -> None:
    from core.errors import CoreError

    with pytest.raises(CoreError, match="sensitivity"):
        promise_named("luck")


def test_a_class_nobody_read_has_no_patient() -> None:
    scores = ClassScores.from_films("a", np.array([np.nan, np.nan]), np.array([0.1, 0.2]), number_patients(None, 2))
    assert (scores.n_patients, scores.n_positive, scores.n_negative) == (0, 0, 0)
    assert [promise.cut(scores, 0.1, RISK) for promise in PROMISES] == [None] * 5
