"""More films than are ranked anew in every resample: figures are scikit-learn's, intervals the plain bootstrap's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, label_ranking_average_precision_score, roc_auc_score

from core.metrics.bootstrap import resample_auroc
from core.metrics.first_order import EXACT_UP_TO
from core.metrics.intervals import Interval, percentile_interval
from core.metrics.overall_figures import LRAP, MACRO_AUROC, MACRO_F1
from core.metrics.resampling import Resamples, draw_resamples, n_resamples_for
from core.report.contest import contest, contests
from core.report.report import classes_notes, classes_report, compute_report
from core.report.resampling_words import FIRST_ORDER, resampling_words
from core.report.verdict import verdict
from core.thresholds import ThresholdSet, fit_thresholds
from core.thresholds.compare import compare_all, split_resamples
from tests.metrics.table_study import TableStudy
from tests.report.test_report import planted

N_RESAMPLES = 200


@pytest.fixture(scope="module")
def study() -> TableStudy:
    return planted(n_films=EXACT_UP_TO + 1_000)


@pytest.fixture(scope="module")
def sets(study: TableStudy) -> list[ThresholdSet]:
    return [fit_thresholds(study, setting) for setting in study.settings]


def test_figures_are_those_of_scikit_learn_on_the_whole_table(study: TableStudy, sets: list[ThresholdSet]) -> None:
    report = compute_report(study, "all", thresholds=sets, worth=False)
    for chosen in sets:
        found, scores = report.settings[chosen.setting], study.scores(chosen.setting)
        called = chosen.rule().decide(scores)
        for index, metrics in enumerate(found.per_class.values()):
            labels = study.labels[:, index]
            assert metrics.auroc == pytest.approx(roc_auc_score(labels, scores[:, index]), abs=1e-12)
            assert metrics.average_precision == pytest.approx(
                average_precision_score(labels, scores[:, index]), abs=1e-12
            )
            assert metrics.f1 == pytest.approx(f1_score(labels, called[:, index]), abs=1e-12)
        assert found.overall.value(MACRO_F1) == pytest.approx(f1_score(study.labels, called, average="macro"))
    has_any = study.labels.any(axis=1)  # of the last setting alone: scikit-learn takes seconds
    ranked = label_ranking_average_precision_score(study.labels[has_any], scores[has_any])
    assert found.overall.value(LRAP) == pytest.approx(ranked, abs=1e-12)


def test_intervals_are_those_of_the_plain_bootstrap(study: TableStudy, sets: list[ThresholdSet]) -> None:
    resamples = split_resamples(study, "all", N_RESAMPLES)
    by_auroc, by_f1 = contests(study, "all", sets, [MACRO_AUROC, MACRO_F1], resamples)
    for chosen in sets:
        scores = study.scores(chosen.setting)
        plain = resample_auroc(study.labels, scores, resamples.film_weights()).mean(axis=1)
        found = next(row.interval for row in by_auroc.rows if row.setting == chosen.setting)
        _require_near(found, percentile_interval(plain, len(study.labels)), 1 / 50)
        plain = _f1_of_each(study.labels, chosen.rule().decide(scores), resamples)
        found = next(row.interval for row in by_f1.rows if row.setting == chosen.setting)
        _require_near(found, percentile_interval(plain, len(study.labels)), 1e-9)
    assert verdict(by_f1).kind == "clear"
    assert contest(study, "all", sets, MACRO_F1, resamples).rows == by_f1.rows


def _f1_of_each(labels: np.ndarray, called: np.ndarray, resamples: Resamples) -> np.ndarray:
    both, either = (labels == 1) & called, labels + called
    weights = resamples.film_weights().astype(float)
    return (2 * (weights @ both) / (weights @ either)).mean(axis=1)


def _require_near(found: Interval, plain: Interval, share: float) -> None:
    """Whether two intervals are the same but for a share of their width."""
    width = plain.high - plain.low
    assert abs(found.low - plain.low) <= share * width
    assert abs(found.high - plain.high) <= share * width


def test_settings_are_compared_class_by_class(study: TableStudy, sets: list[ThresholdSet]) -> None:
    resamples = split_resamples(study, "all", N_RESAMPLES)
    weights = resamples.film_weights()
    (first, *_) = compare_all(study, "all", sets, resamples)
    areas = [resample_auroc(study.labels, study.scores(name), weights) for name in (first.first, first.second)]
    for index, finding in enumerate(study.classes):
        plain = percentile_interval((areas[0] - areas[1])[:, index], len(study.labels))
        _require_near(first.per_class[finding]["auroc"].interval, plain, 1 / 50)


def test_classes_alone_are_those_of_the_report(study: TableStudy, sets: list[ThresholdSet]) -> None:
    whole = compute_report(study, "test", thresholds=sets, intervals=True, n_resamples=5)
    for chosen in sets:
        alone = classes_report(study, "test", chosen)
        assert alone.per_class == whole.settings[chosen.setting].per_class
        assert alone.basis == whole.settings[chosen.setting].basis
    assert classes_notes(study, "test", sets) == whole.notes


def test_what_is_said_of_the_resampling(study: TableStudy) -> None:
    assert resampling_words(study, "test") == "1,000 resamples of the patients."
    assert resampling_words(study, "all") == f"1,000 resamples of the patients. {FIRST_ORDER}"
    assert "With over 10,000 films" in FIRST_ORDER
    assert n_resamples_for(65_379) == 1_000
    assert n_resamples_for(377_110) == 397
    assert draw_resamples(None, 3, n_films=600).weights.dtype == np.uint8
