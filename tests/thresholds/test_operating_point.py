"""What thresholds cost, by hand and against the report."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from core.report.report import compute_report
from core.study import open_study
from core.thresholds import fit_thresholds
from core.thresholds.operating_point import operating_point
from tests.pages.made_study import make_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory):
    return open_study(make_study(tmp_path_factory.mktemp("point") / "study", n_films=200))


def test_at_the_fitted_thresholds_it_equals_the_report(study) -> None:
    report = compute_report(study, "test").settings["linear_probe"]
    point = operating_point(study, "linear_probe", "test", fit_thresholds(study, "linear_probe").array())
    assert point.overall.macro_f1 == pytest.approx(report.overall.macro_f1)
    assert point.overall.micro_f1 == pytest.approx(report.overall.micro_f1)
    assert point.overall.exact_match == pytest.approx(report.overall.exact_match)
    assert (point.overall.n_true_labels, point.overall.n_predicted_labels) == (
        report.overall.n_true_labels,
        report.overall.n_predicted_labels,
    )
    assert {name: counts.n_predicted for name, counts in point.per_class.items()} == {
        name: metrics.n_predicted for name, metrics in report.per_class.items()
    }


def test_thresholds_at_the_ends_take_all_or_none(study) -> None:
    n_classes = len(study.classes)
    none = operating_point(study, "fine_tune", "test", np.full(n_classes, math.nan))
    every = operating_point(study, "fine_tune", "test", np.full(n_classes, -1e9))
    assert none.overall.n_predicted_labels == 0
    assert none.overall.micro_f1 == 0
    assert every.overall.n_predicted_labels == sum(counts.n_read for counts in every.per_class.values())
    assert all(counts.recall == 1 for counts in every.per_class.values() if counts.n_positive)


def test_as_json_it_says_every_figure_and_nothing_for_what_is_undefined(study) -> None:
    written = operating_point(study, "fine_tune", "test", np.full(len(study.classes), math.nan)).to_json()
    first = next(one for one in written["classes"] if one["fn"])
    assert (first["precision"], first["recall"]) == (None, 0.0)
    assert {"f1_low", "f1_high", "recall_low", "specificity_high", "tp", "tn"} <= set(first)
    assert written["overall"]["cardinality"] == 0
    assert written["overall"]["hamming"] == pytest.approx(
        sum(one["fn"] for one in written["classes"])
        / sum(sum(one[cell] for cell in ("tp", "fp", "fn", "tn")) for one in written["classes"])
    )
    json.dumps(written, allow_nan=False)
