"""What goes into files of a set with two cuts a class: the cuts, what they settle, promised and kept."""

from __future__ import annotations

import pytest

from core.exports.html import html_report
from core.exports.methods import methods_paragraph
from core.exports.tables import metrics_csv, metrics_latex
from core.study import Study
from core.thresholds import ThresholdSet, fit_thresholds
from core.thresholds.grey_zone import grey_zones
from core.thresholds.worth import promises_kept
from core.words import cut_words, threshold_words
from tests.exports.test_exports import rows_of, study

__all__ = ["study"]


@pytest.fixture(scope="module")
def grey(study: Study) -> ThresholdSet:
    return fit_thresholds(study, "fine_tune", "rule-out-rule-in", parameter=0.6, confidence=0.8)


def test_the_csv_holds_both_cuts_and_what_became_of_the_promises(study: Study, grey: ThresholdSet) -> None:
    *classes, overall = rows_of(metrics_csv(study, "test", {"fine_tune": grey}))
    zones, kept = grey_zones(study, "test", grey), promises_kept(study, "test", grey)
    for row, zone in zip(classes, zones, strict=True):
        upper = grey.uppers[row["class"]]
        verdicts = [one.verdict for one in kept if one.finding == row["class"]]
        assert row["confidence"] == "0.8"
        assert row["rule_in_threshold"] == ("" if upper is None else repr(upper))
        assert row["left_to_reader"] == ("" if zone is None else str(zone.left))
        assert row["promise"] == "; ".join(verdicts)
        said = "a sensitivity of at least 0.6; a specificity of at least 0.6"
        assert row["promised"] == (said if verdicts else "")
    assert any(zone is not None for zone in zones)
    assert any(zone is None for zone in zones)
    assert overall["rule_in_threshold"] == overall["promised"] == ""


def test_one_cut_leaves_these_cells_empty(study: Study) -> None:
    rows = rows_of(metrics_csv(study, "test", {"fine_tune": fit_thresholds(study, "fine_tune")}))
    names = ("rule_in_threshold", "left_to_reader", "confidence", "promised", "promise")
    assert {row[name] for row in rows for name in names} == {""}


def test_report_table_and_methods_name_them(study: Study, grey: ThresholdSet) -> None:
    sets = {"fine_tune": grey}
    finding = next(name for name, value in grey.values.items() if value is not None)
    both = cut_words(grey.values[finding], grey.uppers[finding])
    text = html_report(study, "test", sets)
    for words in (
        "What two cuts settle",
        "Promised and kept",
        "From validation to test films",
        both,
        "called from the rule-out cut on",
    ):
        assert words in text
    assert both.replace("−", r"\textminus{}") in metrics_latex(study, "test", sets)
    assert threshold_words(grey.uppers[finding]) in both
    assert "exact binomial bound on an order statistic" in methods_paragraph(study, "test", sets)
    plain = methods_paragraph(study, "test", {"fine_tune": fit_thresholds(study, "fine_tune")})
    assert "order statistic" not in plain
