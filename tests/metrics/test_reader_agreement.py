"""Several readers: kappas by hand and against scikit-learn, ceilings by counting film by film, a planted truth."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from core.metrics.agreement import cohen_kappa
from core.metrics.reader_agreement import ReaderAgreement, fleiss_kappa, reader_agreement
from core.metrics.resampling import draw_resamples

nan = np.nan


def _agreement(votes: np.ndarray, decisions: dict[str, np.ndarray] | None = None, **named: object) -> ReaderAgreement:
    by_reader = {f"R{place}": row for place, row in enumerate(votes, start=1)}
    resamples = draw_resamples(None, 200, n_films=votes.shape[1], **named)  # type: ignore[arg-type]
    return reader_agreement("Edema", by_reader, decisions or {}, resamples)


def _noisy(n_readers: int, n_films: int, *, unread: float = 0.0, seed: int = 0) -> np.ndarray:
    """Readers who each err on one film in seven; `unread` of the words are missing."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n_films) < 0.3
    votes = np.where(rng.random((n_readers, n_films)) < 1 / 7, ~truth, truth).astype(float)
    votes[rng.random(votes.shape) < unread] = nan
    return votes


def test_fleiss_kappa_by_hand() -> None:
    """Ten films, four readers: agreement of films 1, 1, 1/2, 1/2, 1/3; shares .425 and .575.

    Positive words 4, 4, 3, 3, 2, 1, 0, 0, 0, 0: agreement (6 + 3 * 1/2 + 1/3) / 10, 17 of 40 words positive.
    """
    ones = np.array([4, 4, 3, 3, 2, 1, 0, 0, 0, 0])
    observed, expected = (6 + 1.5 + 1 / 3) / 10, 0.425**2 + 0.575**2
    assert fleiss_kappa(ones, np.full(10, 4)) == pytest.approx((observed - expected) / (1 - expected))


def test_fleiss_kappa_of_other_numbers_of_readers_by_hand() -> None:
    """Two, three and one reader: the film of one is left out; agreement 0 and 1, 4 of 5 words positive."""
    observed, expected = 0.5, 0.8**2 + 0.2**2
    found = fleiss_kappa(np.array([1, 3, 1]), np.array([2, 3, 1]))
    assert found == pytest.approx((observed - expected) / (1 - expected))


def test_readers_of_the_same_films_have_the_mean_of_cohen_s_kappa() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    votes = _noisy(4, 300)
    found = _agreement(votes)
    pairs = [metrics.cohen_kappa_score(one, other) for one, other in itertools.combinations(votes, 2)]
    assert found.kind == "cohen"
    assert found.kappa.value == pytest.approx(np.mean(pairs), abs=1e-12)
    same = [(one == other).mean() for one, other in itertools.combinations(votes, 2)]
    assert found.agreement.value == pytest.approx(np.mean(same))


def test_two_readers_have_cohen_s_kappa() -> None:
    votes = _noisy(2, 200)
    found = _agreement(votes)
    assert found.kappa.value == pytest.approx(cohen_kappa(*votes))
    for rater in found.readers:
        assert rater.kappa.value == pytest.approx(cohen_kappa(*votes))


def test_readers_of_different_films_have_fleiss_kappa() -> None:
    votes = _noisy(5, 400, unread=0.4)
    found = _agreement(votes)
    ones, looked = (votes == 1).sum(axis=0), (~np.isnan(votes)).sum(axis=0)
    assert found.kind == "fleiss"
    assert found.kappa.value == pytest.approx(fleiss_kappa(ones, looked))
    assert found.n_films == int((looked >= 2).sum())


def _by_hand(votes: np.ndarray, own: np.ndarray, place: int) -> np.ndarray:
    """tp, fp, fn, tn of `own` against the majority of the readers but one, where that one looked; film by film."""
    cells = np.zeros(4, dtype=int)
    for film in range(votes.shape[1]):
        if np.isnan(votes[place, film]):
            continue
        others = [word for reader, word in enumerate(votes[:, film]) if reader != place and not np.isnan(word)]
        if 2 * sum(others) != len(others):
            is_there = 2 * sum(others) > len(others)
            cells[{(True, 1): 0, (False, 1): 1, (True, 0): 2, (False, 0): 3}[is_there, int(own[film])]] += 1
    return cells


def test_readers_and_model_are_set_against_the_same_majorities() -> None:
    votes = _noisy(4, 150, unread=0.2, seed=3)
    decided = np.random.default_rng(5).random(150) < 0.4
    found = _agreement(votes, {"net": decided})
    of_readers = [_by_hand(votes, votes[place], place) for place in range(4)]
    for rater, (tp, fp, fn, tn) in zip(
        (*found.readers, found.ceiling, *found.settings),
        (*of_readers, np.sum(of_readers, axis=0), np.sum([_by_hand(votes, decided, k) for k in range(4)], axis=0)),
        strict=True,
    ):
        assert rater.sensitivity.value == pytest.approx(tp / (tp + fn))
        assert rater.specificity.value == pytest.approx(tn / (tn + fp))
        assert rater.f1.value == pytest.approx(2 * tp / (2 * tp + fp + fn))
    (net,) = found.settings
    pairs = [
        (float(decided[film]), word)
        for place in range(4)
        for film in range(150)
        if not np.isnan(votes[place, film])
        for reader, word in enumerate(votes[:, film])
        if reader != place and not np.isnan(word)
    ]
    assert net.agreement.value == pytest.approx(np.mean([own == word for own, word in pairs]))
    assert net.kappa.value == pytest.approx(cohen_kappa(*np.array(pairs).T))


def test_a_model_better_than_the_readers_is_above_their_ceiling() -> None:
    """It is the truth, and they err; noise agrees with nobody."""
    rng = np.random.default_rng(1)
    truth = rng.random(600) < 0.3
    votes = np.stack([np.where(rng.random(600) < error, ~truth, truth) for error in (0.02, 0.2, 0.2)]).astype(float)
    found = _agreement(votes, {"truth": truth, "noise": rng.random(600) < 0.5})
    truth_rater, noise = found.settings
    assert found.ceiling.f1.value < found.readers[0].f1.value < 1
    assert truth_rater.f1.value > found.ceiling.f1.interval.high
    assert noise.kappa.value == pytest.approx(0, abs=0.08)
    assert noise.kappa.interval.low < 0 < noise.kappa.interval.high


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Two readers who agree on .755 of the films, where chance gives .58."""
    truth_kappa = (0.755 - 0.58) / (1 - 0.58)  # shares .3 and .3; both 1 with .1775, both 0 with .5775
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        drawn = rng.choice(4, size=150, p=(0.1775, 0.1225, 0.1225, 0.5775))
        found = _agreement(np.stack([np.isin(drawn, (0, 1)), np.isin(drawn, (0, 2))]).astype(float), rng=rng)
        held += found.kappa.interval.low <= truth_kappa <= found.kappa.interval.high
    assert held >= 51  # of 60; fewer has a chance of 1 in 1,000 where 19 in 20 hold


def test_what_few_films_cannot_tell_is_not_estimable() -> None:
    votes = np.zeros((2, 40))
    votes[0, :3] = votes[1, :3] = 1
    found = _agreement(votes)
    assert found.kappa.value == 1
    assert (found.n_positive, found.kappa.interval.is_estimable) == (3, False)
    nobody = _agreement(np.zeros((2, 40)))
    assert math.isnan(nobody.kappa.value)
    assert math.isnan(nobody.ceiling.f1.value)
    assert nobody.agreement.value == 1
    apart = _agreement(np.array([[1, 0, nan], [nan, nan, 1]]))
    assert (apart.n_films, apart.readers[0].n_films) == (0, 0)
    assert math.isnan(apart.agreement.value)


def test_one_reader_agrees_with_nobody() -> None:
    with pytest.raises(ValueError, match="two readers"):
        _agreement(np.zeros((1, 5)))
