"""Figures by age, sex and view: groups part the films, and each group's figures are those of its films alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.metrics.class_figures import steady_figures
from core.metrics.patients import number_patients
from core.metrics.summary import summarise_classes
from core.report.broken_promises import broken_promises
from core.report.report import compute_report
from core.report.subgroups import (
    GROUPINGS,
    NOT_RECORDED,
    Subgroup,
    available_groupings,
    by_age,
    by_value,
    subgroups,
)
from core.thresholds import fit_thresholds
from tests.metrics.table_study import TableStudy


def study(**columns: list[object]) -> TableStudy:
    rng = np.random.default_rng(3)
    labels = (rng.random((400, 3)) < 0.3).astype(float)
    labels[rng.random(labels.shape) < 0.1] = np.nan
    scores = (np.nan_to_num(labels) + rng.normal(size=labels.shape)).astype(np.float32)
    made = TableStudy(
        ("A", "B", "C"),
        labels,
        ["val"] * 200 + ["test"] * 200,
        {"linear_probe": scores},
        {"linear_probe": "logit"},
        patients=[f"p{film // 2}" for film in range(400)],
    )
    for name, values in columns.items():
        made.images[name] = values
    return made


def test_ages_fall_into_four_groups_and_what_is_no_age_into_its_own() -> None:
    groups = by_age(pd.Series(["39", 40, 59.9, 60, 79, 80, None, "old", -1, 250]))
    assert {title: np.flatnonzero(member).tolist() for title, member in groups.items()} == {
        "Under 40": [0],
        "40 to 59": [1, 2],
        "60 to 79": [3, 4],
        "80 and over": [5],
        NOT_RECORDED: [6, 7, 8, 9],
    }


def test_ages_as_dicom_writes_them() -> None:
    groups = by_age(pd.Series(["058Y", "007M", "500W", "0058"]))
    assert {title: int(member.sum()) for title, member in groups.items()} == {"40 to 59": 2, "Under 40": 2}


def test_values_are_groups_and_beyond_eight_stand_together() -> None:
    groups = by_value(pd.Series(["F", " F ", "M", None, ""]))
    assert {title: int(member.sum()) for title, member in groups.items()} == {"F": 2, "M": 1, NOT_RECORDED: 2}
    many = by_value(pd.Series([str(number) for number in range(12)]))
    assert (len(many), int(many["Other"].sum())) == (9, 4)
    own = by_value(pd.Series(["M", "F", "Other", "Not recorded", None]))
    assert {title: int(member.sum()) for title, member in own.items()} == {"M": 1, "F": 1, "Other": 1, NOT_RECORDED: 2}
    assert by_value(pd.Series([None, None])).keys() == {NOT_RECORDED}


@pytest.mark.parametrize("grouping", GROUPINGS, ids=lambda grouping: grouping.column)
def test_every_film_is_in_one_group(grouping) -> None:
    rng = np.random.default_rng(0)
    column = pd.Series(rng.choice(["F", "M", None, "33", "71"], 100))
    assert (np.sum([*grouping.part(column).values()], axis=0) == 1).all()


def test_a_group_has_the_figures_of_its_films_alone() -> None:
    made = study(sex=["F", "F", "M", "M"] * 100, view=["PA"] * 400)
    chosen = fit_thresholds(made, "linear_probe")
    assert [grouping.column for grouping in available_groupings(made)] == ["sex"]
    women, men = subgroups(made, "test", chosen, available_groupings(made)[0])
    assert (women.title, women.n_films, women.n_patients, men.n_films) == ("F", 100, 50, 100)

    alone = replace(made, splits_of_films=["test" if film % 4 < 2 and film >= 200 else "val" for film in range(400)])
    alone.images["sex"] = made.images["sex"]
    report = compute_report(alone, "test", thresholds=chosen, intervals=True, n_resamples=10)
    for finding, expected in report.settings["linear_probe"].per_class.items():
        assert women.per_class[finding] == expected

    for figure in steady_figures():
        name = figure.name
        found, other = women.differences["A"][name], men.differences["A"][name]
        assert found.value == pytest.approx(women.per_class["A"].value(figure) - men.per_class["A"].value(figure))
        assert (found.interval.low, found.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))
        assert found.interval.low < found.value < found.interval.high


def test_a_group_of_few_films_is_not_estimable_and_one_alone_has_nothing_to_differ_from() -> None:
    made = study(sex=["F"] * 399 + ["M"])
    chosen = fit_thresholds(made, "linear_probe")
    many, one = subgroups(made, "test", chosen, GROUPINGS[1])
    assert not any(
        one.differences[finding][name].interval.is_estimable for finding in "ABC" for name in one.differences[finding]
    )
    assert not many.differences["A"]["recall"].interval.is_estimable
    (alone,) = subgroups(made, "val", chosen, GROUPINGS[1])
    assert np.isnan(alone.differences["A"]["auroc"].value)


def test_without_thresholds_only_the_ranking_is_measured() -> None:
    made = replace(study(), kinds={"linear_probe": "similarity"}, splits_of_films=["test"] * 400)
    made.images["sex"] = ["F", "M"] * 200
    women, _ = subgroups(made, "test", fit_thresholds(made, "linear_probe"), GROUPINGS[1])
    assert np.isnan(women.per_class["A"].recall)
    assert not women.differences["A"]["recall"].interval.is_estimable
    assert women.differences["A"]["auroc"].interval.is_estimable


def test_a_promise_breaks_in_a_group_whose_whole_interval_lies_below_it() -> None:
    """By hand: 12 of 40 found in one group (.18 to .45), 36 of 40 in another, 3 positives in a third."""
    made = [("Lateral", 12, 40), ("Frontal", 36, 40), ("Oblique", 0, 3)]
    groups = [_group_of_recall(title, found, positives) for title, found, positives in made]
    (broken,) = broken_promises(groups, "Edema", [("recall", 0.8)])
    assert (broken.group, broken.figure, broken.level) == ("Lateral", "recall", 0.8)
    assert broken.value == pytest.approx(0.3)
    assert broken.interval.high < 0.5
    assert broken_promises(groups, "Edema", [("recall", 0.4)]) == ()
    assert broken_promises(groups, "Edema", []) == ()


def _group_of_recall(title: str, found: int, positives: int) -> Subgroup:
    labels = np.ones((positives, 1))
    decisions = (np.arange(positives) < found)[:, None]
    patients = number_patients(None, positives)
    per_class = summarise_classes(("Edema",), labels, labels, decisions, np.array([0.5]), patients=patients)
    return Subgroup(title, positives, positives, per_class, {})
