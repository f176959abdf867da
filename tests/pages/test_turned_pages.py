"""Pages beside Thresholds and Per class under a turned truth dial: their figures follow, and they say so."""

from __future__ import annotations

import pytest

from core.report.report import compute_report
from core.study import Study, open_study
from core.words import number_words
from pages.shared.truth_dial import key_of, positions
from tests.golden import make_study_v2
from tests.pages.conftest import Open

SAID = "Turned by the truth dial."


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(make_study_v2.STUDY)


def _other(study: Study) -> Study:
    """Under the position whose labels differ most from those as written."""
    turned = [study.under(one) for one in positions(study)]
    return max(turned, key=lambda one: int((one.labels != study.labels).sum()))


@pytest.mark.parametrize("page", ["overview", "embedding_space", "saliency"])
def test_a_page_says_how_labels_are_read_where_the_dial_was_turned(open_page: Open, study: Study, page: str) -> None:
    other = _other(study)
    assert other.convention is not None
    shown = open_page(page, make_study_v2.STUDY, labels=key_of(other.convention))
    assert not shown.exception
    (said,) = [one.value.replace("\\", "") for one in shown.caption if SAID in one.value]
    assert other.labels_read in said
    assert not any(SAID in one.value for one in open_page(page, make_study_v2.STUDY).caption)


def test_the_results_of_the_overview_follow(open_page: Open, study: Study) -> None:
    other = _other(study)
    assert other.convention is not None
    said = []
    for one, asked in ((study, {}), (other, {"labels": key_of(other.convention)})):
        shown = open_page("overview", make_study_v2.STUDY, protocol="sound", **asked)
        report = compute_report(one, "test", "sound")
        said.append(number_words(report.settings["linear_probe"].overall.macro_f1))
        assert any(said[-1] in str(table.value) for table in [*shown.markdown, *shown.table]), said
    assert said[0] != said[1]
