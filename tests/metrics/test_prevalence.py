"""Another prevalence: by hand, against films drawn to it, and whole patients that add up."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.errors import CoreError
from core.metrics.cells import Counts
from core.metrics.prevalence import expected_at, whole_patients

COUNTS = Counts(tp=58, fp=1, fn=8, tn=508)


def test_by_hand() -> None:
    """Recall .9, specificity .8: of 100 who have it 90 are found, of 900 who have not 180 are called."""
    found = expected_at(Counts(tp=9, fp=2, fn=1, tn=8), 0.1)
    assert (found.found, found.missed, found.false_alarms, found.silent) == pytest.approx((90, 10, 180, 720))
    assert found.precision == pytest.approx(90 / 270)
    assert found.npv == pytest.approx(720 / 730)
    assert found.net_benefit(9) == pytest.approx(70)


def test_at_the_prevalence_of_the_films_it_is_the_films() -> None:
    found = expected_at(COUNTS, 66 / 575)
    np.testing.assert_allclose([found.found, found.false_alarms], [58 / 0.575, 1 / 0.575])


def test_weighted_films_give_the_same() -> None:
    """Positives and negatives weighted to the prevalence, film by film."""
    prevalence = 0.03
    weights = np.r_[np.full(66, prevalence / 66), np.full(509, (1 - prevalence) / 509)]
    called = np.r_[np.arange(66) < 58, np.arange(509) < 1]
    positive = np.arange(575) < 66
    found = expected_at(COUNTS, prevalence)
    assert found.precision == pytest.approx(weights[called & positive].sum() / weights[called].sum())
    assert found.npv == pytest.approx(weights[~called & ~positive].sum() / weights[~called].sum())


@pytest.mark.parametrize("prevalence", [0.0, 0.001, 0.1137, 0.5, 1.0])
def test_whole_patients_add_up(prevalence: float) -> None:
    parts = whole_patients(expected_at(COUNTS, prevalence))
    assert sum(parts) == 1000
    assert sum(parts[:2]) == pytest.approx(1000 * prevalence, abs=1)


def test_what_is_undefined_stays_so_and_what_is_no_share_is_refused() -> None:
    found = expected_at(Counts(tp=0, fp=1, fn=0, tn=9), 0.2)
    assert math.isnan(found.found)
    assert math.isnan(found.precision)
    with pytest.raises(CoreError, match="no share"):
        expected_at(COUNTS, 1.2)
