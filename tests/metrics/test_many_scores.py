"""Many columns at once are what one column at a time is, ties and unread films included."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from core.metrics.many_scores import many_aurocs, many_average_precisions
from core.metrics.ranking import average_precision, roc_auc


@pytest.mark.parametrize("digits", [1, 2, 8])
def test_every_column_is_scikit_learn_s(digits: int) -> None:
    rng = np.random.default_rng(digits)
    labels = (rng.random(200) < 0.2).astype(float)
    scores = np.round(rng.normal(size=(200, 12)) + labels[:, None], digits)
    expected = [(roc_auc_score(labels, column), average_precision_score(labels, column)) for column in scores.T]
    found = np.stack([many_aurocs(labels, scores), many_average_precisions(labels, scores)], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_unread_films_are_left_out() -> None:
    rng = np.random.default_rng(0)
    labels = np.where(rng.random(90) < 0.3, np.nan, (rng.random(90) < 0.3).astype(float))
    scores = np.round(rng.normal(size=(90, 4)), 1)
    scores[np.isnan(labels)] = np.nan
    np.testing.assert_allclose(many_aurocs(labels, scores), [roc_auc(labels, one) for one in scores.T])
    np.testing.assert_allclose(
        many_average_precisions(labels, scores), [average_precision(labels, one) for one in scores.T]
    )


def test_undefined_without_a_kind_of_film_and_refused_where_a_score_is_missing() -> None:
    scores = np.array([[0.1, 0.2], [0.3, 0.1]])
    assert np.isnan(many_aurocs(np.ones(2), scores)).all()
    assert np.isnan(many_average_precisions(np.zeros(2), scores)).all()
    assert many_average_precisions(np.ones(2), scores).tolist() == [1, 1]
    with pytest.raises(ValueError, match="not finite"):
        many_aurocs(np.array([0.0, 1]), np.array([[0.1], [np.nan]]))
