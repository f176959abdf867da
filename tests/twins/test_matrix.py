"""The matrix and the rule of shortcuts, on effects that are planted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.findings import NO_FINDING
from core.study import open_study
from core.study.read import Study
from core.twins.effects import FindingEffects
from core.twins.matrix import causal_matrix
from core.twins.shortcuts import shortcuts
from tests.golden.make_study_v1 import STUDY

SETTING = "linear_probe"


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(STUDY)


def _effects(study: Study, causes: Sequence[str], means: dict[tuple[str, str], float], n: int = 12) -> FindingEffects:
    """Effects of so many standard deviations on average, in the score's own unit, with a little noise of mean 0."""
    rng = np.random.default_rng(0)
    spread = np.std(np.asarray(study.scores(SETTING), dtype=np.float64)[study.rows("train")], axis=0)
    noise = rng.normal(0, 0.05, (n, len(causes), len(study.classes)))
    values = noise - noise.mean(axis=0)
    for (cause, finding), mean in means.items():
        values[:, causes.index(cause), study.classes.index(finding)] += mean
    ids = tuple(study.image_ids[row % len(study.image_ids)] for row in range(n))
    return FindingEffects(ids, tuple(causes), study.classes, {SETTING: (values * spread).astype(np.float32)})


def test_effects_are_means_in_standard_deviations_with_intervals_around_them(study: Study) -> None:
    matrix = causal_matrix(study, _effects(study, ["Edema"], {("Edema", "Edema"): 1.5}), SETTING)
    row, column = matrix.cell("Edema", "Edema")
    assert matrix.effect.value[row, column] == pytest.approx(1.5, abs=1e-5)
    assert 1.4 < matrix.effect.low[row, column] < 1.5 < matrix.effect.high[row, column] < 1.6
    assert matrix.effect.n[row] == 12


def test_films_without_room_are_left_out_and_few_have_no_interval(study: Study) -> None:
    effects = _effects(study, ["Edema"], {("Edema", "Edema"): 1.0})
    effects.by_setting[SETTING][:8] = np.nan
    matrix = causal_matrix(study, effects, SETTING)
    row, column = matrix.cell("Edema", "Edema")
    expected = effects.by_setting[SETTING][8:, row, column].mean() / matrix.spread[column]
    assert matrix.effect.value[row, column] == pytest.approx(expected, rel=1e-5)
    assert matrix.effect.n[row] == 4
    assert np.isnan(matrix.effect.low[row, column])
    assert not matrix.effect.interval(row, column).is_estimable


def test_beside_it_stands_how_far_films_that_show_a_finding_lie_apart(study: Study) -> None:
    cause = "Cardiomegaly"
    matrix = causal_matrix(study, _effects(study, [cause], {}), SETTING)
    labels = study.labels[:, study.classes.index(cause)]
    scores = np.asarray(study.scores(SETTING), dtype=np.float64)
    spread = scores[study.rows("train")].std(axis=0)
    expected = (scores[labels == 1].mean(axis=0) - scores[labels == 0].mean(axis=0)) / spread
    assert matrix.together.value[0] == pytest.approx(expected)
    assert matrix.together.n[0] == min((labels == 1).sum(), (labels == 0).sum())


def test_a_rival_is_named_with_both_effects(study: Study) -> None:
    causes = ["Pneumothorax", "Support Devices", "Edema"]
    means = {("Pneumothorax", "Pneumothorax"): 0.5, ("Support Devices", "Pneumothorax"): 2.0, ("Edema", "Edema"): 1.0,
             ("Support Devices", "Support Devices"): 1.0}  # fmt: skip
    (named,) = shortcuts(causal_matrix(study, _effects(study, causes, means), SETTING))
    assert (named.finding, named.rival) == ("Pneumothorax", "Support Devices")
    assert "reacts more to Support Devices than to itself" in named.sentence
    assert "+0.50" in named.sentence
    assert "+2.00" in named.sentence


def test_a_class_that_hardly_reacts_to_itself_is_not_what_it_reacts_to(study: Study) -> None:
    causes = ["Support Devices", "Edema"]
    means = {("Support Devices", "Support Devices"): 0.02, ("Edema", "Support Devices"): 1.0, ("Edema", "Edema"): 1.0}
    (named,) = shortcuts(causal_matrix(study, _effects(study, causes, means), SETTING))
    assert named.sentence.startswith("'Support Devices' is not what it reacts to. Adding Support Devices: +0.02")
    alone = shortcuts(
        causal_matrix(study, _effects(study, causes, {**means, ("Edema", "Support Devices"): 0.0}), SETTING)
    )
    assert [entry.sentence.split(".")[0] for entry in alone] == ["'Support Devices' hardly reacts to its own finding"]


def test_a_case_of_a_finding_is_no_shortcut_of_it(study: Study) -> None:
    causes = ["Lung Opacity", "Pneumonia"]
    means = {("Lung Opacity", "Lung Opacity"): 0.5, ("Pneumonia", "Lung Opacity"): 2.0, ("Pneumonia", "Pneumonia"): 1.0}
    assert shortcuts(causal_matrix(study, _effects(study, causes, means), SETTING)) == ()


def test_no_finding_that_rises_is_named_and_one_that_falls_is_not(study: Study) -> None:
    causes = ["Pneumothorax", "Edema", NO_FINDING]
    own = {(name, name): 1.0 for name in causes}
    means = {**own, ("Pneumothorax", NO_FINDING): 0.7, ("Edema", NO_FINDING): -3.0}
    (named,) = shortcuts(causal_matrix(study, _effects(study, causes, means), SETTING))
    assert named.sentence.startswith("'No Finding' rises when Pneumothorax is added: +0.70")
