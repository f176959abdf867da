"""The films that a count is of: those of a cell film by film, those next to the cut first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.metrics.classification import OUTCOME_TITLES, UNLABELLED
from core.study import Study, open_study
from core.thresholds import films_of, fit_thresholds
from core.thresholds.listed_films import CELLS, OUTCOME_OF_CELL, SETTLED, film_outcomes, listed_films
from tests.golden.make_study_v1 import STUDY


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(Path(STUDY))


def _kind(label: float, score: float, cut: float, upper: float) -> set[str]:
    """What one film is, by comparing its score."""
    called = score >= cut
    if np.isnan(label):
        return set()
    cell = ("found" if called else "missed") if label else ("false_alarms" if called else "silent")
    settled = {"left"} if called and score < upper else {"ruled_in"} if called else set()
    return {cell} | settled


def test_every_count_lists_its_own_films_those_next_to_the_cut_first(study: Study) -> None:
    setting = study.settings[-1]
    start = fit_thresholds(study, setting)
    seen = 0
    for finding in study.classes:
        column = study.classes.index(finding)
        for split in ("val", "test"):
            rows = study.rows(split)
            labels, scores = (
                study.judged_labels(setting)[rows, column],
                study.scores(setting)[rows, column].astype(float),
            )
            lower, upper = np.sort(np.quantile(scores, [0.4, 0.8]))
            lower = scores[np.argmin(np.abs(scores - lower))]  # a film lies on the cut
            cuts = start.array(), start.upper_array()
            for own, cut in zip(cuts, (lower, upper), strict=True):
                own[column] = cut
            chosen = start.with_values(cuts[0], films_of(study, "val"), uppers=cuts[1])
            for kind in (*CELLS, *SETTLED):
                found = listed_films(study, split, chosen, finding, kind)
                own = [
                    row for row, *film in zip(rows, labels, scores, strict=True) if kind in _kind(*film, lower, upper)
                ]
                assert sorted(found) == own, (finding, split, kind)
                away = np.abs(study.scores(setting)[found, column] - (upper if kind == "ruled_in" else lower))
                assert (np.diff(away) >= 0).all()
                seen += len(own)
    assert seen > 100


def test_without_a_cut_nothing_is_called_and_the_highest_scores_come_first(study: Study) -> None:
    setting = study.settings[-1]
    start = fit_thresholds(study, setting)
    finding = study.classes[0]
    none = replace(start, values={**start.values, finding: None})
    missed, found = (listed_films(study, "test", none, finding, kind) for kind in ("missed", "found"))
    labels = study.judged_labels(setting)[study.rows("test"), 0]
    assert len(missed) == np.count_nonzero(labels == 1)
    assert not len(found)
    assert (np.diff(study.scores(setting)[missed, 0]) <= 0).all()


def test_another_count_is_refused(study: Study) -> None:
    with pytest.raises(ValueError, match="counts no films of a class"):
        listed_films(study, "test", fit_thresholds(study, study.settings[-1]), study.classes[0], "predicted")


def test_how_a_film_came_out_is_said_in_the_order_that_was_asked_for(study: Study) -> None:
    setting = study.settings[-1]
    start = fit_thresholds(study, setting)
    rows = np.arange(len(study.image_ids))[::-1]
    seen = set()
    for column, finding in enumerate(study.classes):
        cut = float(np.median(study.scores(setting)[:, column]))
        chosen = replace(start, values={**start.values, finding: cut})
        found = film_outcomes(study, chosen, finding, rows)
        for row, outcome in zip(rows, found, strict=True):
            cell = _kind(study.labels[row, column], study.scores(setting)[row, column], cut, -np.inf) - set(SETTLED)
            assert outcome == (OUTCOME_OF_CELL[cell.pop()] if cell else UNLABELLED)
        seen |= set(found)
        undecided = film_outcomes(study, replace(start, values={**start.values, finding: None}), finding, rows)
        assert set(undecided) <= {"", UNLABELLED}
    assert seen >= {"TP", "FN", "FP", "TN"}
    assert seen <= set(OUTCOME_TITLES)
