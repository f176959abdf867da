"""The four films beside a verdict: of the class that has all outcomes, the clearest, drawn ones first."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.classification import OUTCOMES
from core.report.examples import SHOWN, example_films
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from core.thresholds.sets import ThresholdSet
from tests.pages.made_study import make_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("studies") / "made-up"))


@pytest.fixture(scope="module")
def chosen(study: Study) -> ThresholdSet:
    return fit_thresholds(study, "fine_tune")


def kinds_of(study: Study, chosen: ThresholdSet, finding: str) -> dict[str, set[int]]:
    """The rows of test and validation of each outcome, counted one by one."""
    column, cut = study.classes.index(finding), chosen.values[finding]
    found: dict[str, set[int]] = {name: set() for name in SHOWN}
    for row in range(len(study.image_ids)):
        label, called = study.labels[row, column], study.scores("fine_tune")[row, column] >= cut
        if not np.isnan(label):
            found[("T" if bool(label) == called else "F") + ("P" if called else "N")].add(row)
    return found


def test_the_four_films_came_out_as_said_and_no_clearer_one_is_left(study: Study, chosen: ThresholdSet) -> None:
    rows = study.rows("all")
    finding, films = example_films(study, chosen, rows)
    kinds, column = kinds_of(study, chosen, finding), study.classes.index(finding)
    assert [one.outcome for one in films] == list(SHOWN)
    stored = set(np.flatnonzero(study.images["file"].notna()).tolist())
    scores = study.scores("fine_tune")[:, column].astype(float)
    drawn = {
        study.row_of(name)
        for name in study.annotated_ids()
        if any(one.finding == finding for one in study.annotations(name))
    }
    for one in films:
        assert one.row in kinds[one.outcome] & stored
        assert one.n == len(kinds[one.outcome])
        sign = 1 if one.outcome in ("TP", "FP") else -1
        ranked = sorted(kinds[one.outcome] & stored, key=lambda row: -sign * scores[row])[:40]
        assert one.row == next((row for row in ranked if row in drawn), ranked[0])


def test_no_decision_gives_no_film(study: Study, chosen: ThresholdSet) -> None:
    assert example_films(study, chosen, study.rows("all")[:0]) == ("", ())
    assert set(SHOWN) <= set(OUTCOMES)
