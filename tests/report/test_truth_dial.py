"""What stands under every position of the dial: checked on a study whose truth is planted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.labels.convention import Convention
from core.labels.readings import NEGATIVE, POSITIVE, UNCERTAIN, Readings
from core.report.truth_dial import DialFigures, conclusions, dial_figures, largest_move
from core.study import Study, StudyContents, open_study, write_study
from core.study.contents import label_frame
from core.study.manifest import SettingEntry
from core.thresholds import fit_thresholds
from tests.golden import make_study_v1

CLASSES = ("Edema", "Fracture")
TITLES = {"good": "Good", "poor": "Poor"}
POSITIVE_TOO = Convention("negative", "positive", "any", "reports")


def _study(out: Path, *, is_uncertain_high: bool) -> Study:
    """300 films. Edema: a score of at least .6 is positive; from .3 to .6 uncertain where `is_uncertain_high`, else
    negative. Fracture: from .5 on positive, never uncertain. "poor" has the same scores with every fourth turned over.
    """
    n = 300
    scores = np.tile((np.arange(n) % 100 / 100 + 0.005)[:, None], 2)
    edema = np.where(scores[:, 0] >= 0.6, POSITIVE, NEGATIVE)
    if is_uncertain_high:
        edema = np.where((scores[:, 0] >= 0.3) & (scores[:, 0] < 0.6), UNCERTAIN, edema)
    codes = np.column_stack([edema, scores[:, 1] >= 0.5]).astype(np.int8)
    poor = np.where(np.arange(n)[:, None] % 4 == 0, 1 - scores, scores)
    readings = Readings(CLASSES, np.arange(n), np.full(n, "reports"), np.full(n, ""), codes)
    convention = Convention("negative", "negative", "any", "reports")
    ids = [f"film-{row:03d}" for row in range(n)]
    images = pd.DataFrame({"image_id": ids, "patient_id": ids, "split": np.repeat(["train", "val", "test"], n // 3)})
    contents = StudyContents(
        name="planted",
        classes=CLASSES,
        dataset={"name": "planted"},
        images=images,
        labels=label_frame(ids, CLASSES, readings.resolve(n, convention)),
        settings={name: SettingEntry("probability") for name in TITLES},
        scores={"good": scores.astype(np.float32), "poor": poor.astype(np.float32)},
        readings=readings,
        convention=convention,
    )
    return open_study(write_study(out, contents))


def _scores(study: Study) -> np.ndarray:
    return np.asarray(study.scores("good")[study.rows("test")])


def test_cuts_that_decide_nearly_all_films_alike_stand_and_a_class_without_one_predicts_none() -> None:
    scores = (np.arange(100) / 100)[:, None]
    for cuts, stands, words in (
        ((0.50, 0.55), True, "Best cut 0.5 on a, best cut 0.55 on b: 5 % of films are decided otherwise."),
        ((0.50, 0.56), False, "Best cut 0.5 on a, best cut 0.56 on b: 6 % of films are decided otherwise."),
        ((0.97, None), True, "Best cut 0.97 on a, no cut on b: 3 % of films are decided otherwise."),
        ((None, None), None, "No position gives a threshold."),
    ):
        figures = [
            dataclasses.replace(_plain(name), thresholds={"good": {"Edema": cut}}, macro_f1={"good": 0.5, "poor": 0.4})
            for name, cut in zip("ab", cuts, strict=True)
        ]
        found = conclusions(figures, "good", TITLES, scores)[-1]
        assert (found.stands, found.words.replace("\xa0", " ")) == (stands, words)


def test_a_threshold_that_uncertain_films_move_does_not_stand_and_the_others_do(tmp_path: Path) -> None:
    study = _study(tmp_path / "study", is_uncertain_high=True)
    figures = dial_figures(study)
    assert [one.words for one in figures] == [
        "reports, uncertain as positive",
        "reports, uncertain as negative",
        "reports, uncertain left out",
    ]
    assert all(one.order == ("good", "poor") for one in figures)
    assert all(one.macro_f1["good"] == 1 for one in figures)
    assert figures[0].thresholds["good"]["Edema"] == pytest.approx(0.3, abs=1e-6)
    assert figures[1].thresholds["good"]["Edema"] == pytest.approx(0.6, abs=1e-6)
    found = {one.name: one for one in conclusions(figures, "good", TITLES, _scores(study))}
    assert (found["best setting"].stands, found["best setting"].words) == (True, "Good under every position.")
    assert found["Fracture"].stands is True
    assert found["Edema"].stands is False
    assert found["Edema"].words.replace("\xa0", " ") == (
        "Best cut 0.3 on reports, uncertain as positive, best cut 0.6 on reports, uncertain as negative: "
        "30 % of films are decided otherwise."
    )


def test_without_uncertain_films_there_is_one_position_and_all_stands(tmp_path: Path) -> None:
    study = _study(tmp_path / "study", is_uncertain_high=False)
    figures = dial_figures(study)
    assert len(figures) == 1
    assert all(one.stands for one in conclusions(figures, "good", TITLES, _scores(study)))


def test_a_best_setting_that_turns_round_is_said_with_the_position() -> None:
    one, other = (
        dataclasses.replace(_plain(words), macro_f1=dict(zip(TITLES, values, strict=True)))
        for words, values in (("mined", (0.5, 0.4)), ("adjudicated", (0.3, 0.4)))
    )
    best = conclusions((one, other), "good", TITLES, np.zeros((1, 1)))[0]
    assert best.stands is False
    assert best.words == "Good, but not in 1 of 2 positions: Poor under adjudicated."
    nothing = dataclasses.replace(one, macro_f1={"good": np.nan, "poor": np.nan})
    assert conclusions((one, nothing), "good", TITLES, np.zeros((1, 1)))[0].stands is None


def _plain(words: str) -> DialFigures:
    return DialFigures(Convention(), words, {}, {"good": {"Edema": 0.5}}, {"Edema": 9})


def test_what_moves_most_is_named_by_the_films_between_the_cuts(tmp_path: Path) -> None:
    study = _study(tmp_path / "study", is_uncertain_high=True)
    turned = study.under(POSITIVE_TOO)
    rows = study.rows("test")
    before, after = (fit_thresholds(each, "good") for each in (study, turned))
    move = largest_move(before, after, study.scores("good")[rows], study.labels[rows])
    assert move is not None
    assert (move.finding, move.share) == ("Edema", pytest.approx(0.3))  # scores .305 to .595 lie between
    assert move.sentence("mined", "adjudicated") == "Edema: best cut 0.6 on mined, 0.3 on adjudicated."
    assert largest_move(before, before, study.scores("good")[rows], study.labels[rows]) is None


def test_a_study_of_labels_alone_has_no_dial() -> None:
    assert dial_figures(open_study(make_study_v1.STUDY)) == ()
