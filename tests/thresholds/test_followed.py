"""Figures followed from move to move, against the same counted anew at every stop, on random tables and detours."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.class_figures import class_intervals
from core.metrics.classification import confusions
from core.metrics.patients import number_patients
from core.metrics.resampling import draw_resamples
from core.thresholds.compare import resampled_figures
from core.thresholds.flips import flips
from core.thresholds.followed import FollowedFigures
from core.thresholds.live_counts import DeckTables, overall_figures
from core.thresholds.settled import settled_class
from tests.thresholds.cases import Case, case


def _followed(chosen: Case) -> FollowedFigures:
    tables = DeckTables.from_arrays(chosen.labels, chosen.scores)
    return FollowedFigures(chosen.classes, tables, chosen.scores, number_patients(chosen.patients, len(chosen.labels)))


def _stops(chosen: Case, seed: int) -> list[np.ndarray]:
    """Where a reader goes: the thresholds of the case, others, one class alone, none, and back."""
    rng = np.random.default_rng(seed)
    stops = [chosen.thresholds]
    for _ in range(4):
        after = stops[-1].copy()
        column = rng.integers(after.size)
        after[column] = rng.choice([np.nan, rng.choice(chosen.scores[:, column]), 0.3])
        stops.append(after)
    return [*stops, np.full(stops[0].size, np.nan), chosen.uppers, chosen.thresholds]


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_every_figure_is_what_counting_anew_gives(seed: int) -> None:
    chosen = case(seed)
    follow, patients = _followed(chosen), number_patients(chosen.patients, len(chosen.labels))
    resamples = draw_resamples(chosen.patients, 12)
    before = chosen.thresholds
    for stop in _stops(chosen, seed):
        decisions = chosen.scores.astype(float) >= stop
        point = follow.point(stop)
        assert tuple(point.per_class.values()) == confusions(chosen.labels, decisions)
        assert str(point.overall) == str(overall_figures(chosen.labels, decisions))
        for column, found in enumerate(point.intervals.values()):
            assert str(found) == str(class_intervals(chosen.labels[:, column], decisions[:, column], patients))
        counted, anew = follow.resampled(stop, resamples), resampled_figures(chosen.labels, decisions, resamples)
        assert counted.sizes == anew.sizes
        np.testing.assert_array_equal(counted.f1, anew.f1)
        np.testing.assert_array_equal(counted.n_positive, anew.n_positive)
        for name, values in anew.overall.items():
            np.testing.assert_array_equal(counted.overall[name], values, err_msg=name)
        _same_flips(follow, chosen, before, stop)
        before = stop


def _same_flips(follow: FollowedFigures, chosen: Case, before: np.ndarray, after: np.ndarray) -> None:
    exact = chosen.scores.astype(float)
    found, wanted = follow.flips(before, after), flips(chosen.labels, exact >= before, exact >= after)
    for name in ("rows", "columns", "to_positive", "label", "became_right", "became_wrong"):
        np.testing.assert_array_equal(vars(found)[name], vars(wanted)[name], err_msg=name)


@pytest.mark.parametrize("seed", range(1, 40, 6))
def test_what_two_cuts_settle_is_what_counting_anew_gives(seed: int) -> None:
    chosen = case(seed)
    follow, patients = _followed(chosen), number_patients(chosen.patients, len(chosen.labels))
    for _ in range(2):  # counted, then remembered
        found = follow.settled(chosen.thresholds, chosen.uppers)
        for column, one in enumerate(found.per_class.values()):
            cuts = float(chosen.thresholds[column]), float(chosen.uppers[column])
            anew = settled_class(chosen.labels[:, column], chosen.scores[:, column], *cuts, patients)
            assert one.to_json() == anew.to_json()
        exact = chosen.scores.astype(float)
        left = (exact >= chosen.thresholds) & (exact < chosen.uppers) & ~np.isnan(chosen.labels)
        films = ~np.isnan(chosen.labels).all(axis=1)
        if films.any():
            assert found.films_settled == pytest.approx(1 - left.any(axis=1).sum() / films.sum())
