"""What thresholds cost, by hand and against the report."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.operating_point import operating_point
from core.report import compute_report
from core.study import open_study
from core.thresholds import fit_thresholds
from tests.pages.made_study import make_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory):
    return open_study(make_study(tmp_path_factory.mktemp("point") / "study", n_films=200))


def test_at_the_fitted_thresholds_it_equals_the_report(study) -> None:
    report = compute_report(study, "test").settings["linear_probe"]
    point = operating_point(study, "linear_probe", "test", fit_thresholds(study, "linear_probe").array())
    assert point.macro_f1 == pytest.approx(report.overall.macro_f1)
    assert point.micro_f1 == pytest.approx(report.overall.micro_f1)
    assert point.exact_match == pytest.approx(report.overall.exact_match)
    assert (point.n_true, point.n_predicted) == (report.overall.n_true_labels, report.overall.n_predicted_labels)
    assert {name: counts.n_predicted for name, counts in point.per_class.items()} == {
        name: metrics.n_predicted for name, metrics in report.per_class.items()
    }


def test_thresholds_at_the_ends_take_all_or_none(study) -> None:
    n_classes = len(study.classes)
    none = operating_point(study, "fine_tune", "test", np.full(n_classes, math.nan))
    every = operating_point(study, "fine_tune", "test", np.full(n_classes, -1e9))
    assert none.n_predicted == 0
    assert none.micro_f1 == 0
    assert every.n_predicted == sum(counts.n_read for counts in every.per_class.values())
    assert all(counts.recall == 1 for counts in every.per_class.values() if counts.n_positive)
