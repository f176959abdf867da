"""Thresholds carried to another setting: by hand, by rule, and refused where a number means nothing there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.errors import CoreError
from core.figures.transfer_table import MOST_WIDE, refusals, transfer_table
from core.metrics.ranking import roc_auc
from core.report.transfer import MEASURES, measure_named, transfer, way_words
from core.thresholds import fit_thresholds
from core.words import signed_words
from tests.metrics.table_study import TableStudy
from tests.report.test_report import planted


def two(one: np.ndarray, other: np.ndarray, kinds: tuple[str, str] = ("logit", "logit")) -> TableStudy:
    base = planted()
    scores = {"linear_probe": one, "fine_tune": other}
    return replace(base, scores_of=scores, kinds=dict(zip(scores, kinds, strict=True)), encoder_of={}, images_of={})


def f1_of(study: TableStudy, setting: str, cuts: np.ndarray) -> float:
    rows = study.rows("test")
    called, truth = study.scores(setting)[rows] >= cuts, study.labels[rows] == 1
    return float(np.mean(2 * (called & truth).sum(axis=0) / (called.sum(axis=0) + truth.sum(axis=0))))


def test_its_own_thresholds_give_its_own_figure_and_others_what_they_give_there() -> None:
    study = planted()
    found = transfer(study, "test", way="raw")
    assert found is not None
    for setting in study.settings:
        own = found.cells[setting, setting]
        assert own.value == pytest.approx(f1_of(study, setting, fit_thresholds(study, setting).array()))
        assert own.cost is None
    cell = found.cells["fine_tune", "linear_probe"]
    there = f1_of(study, "linear_probe", fit_thresholds(study, "fine_tune").array())
    assert cell.value == pytest.approx(there)
    assert cell.cost is not None
    assert cell.cost.value == pytest.approx(there - found.cells["linear_probe", "linear_probe"].value)
    assert cell.cost.interval.low < cell.cost.value < cell.cost.interval.high


def test_by_rank_a_cut_calls_as_many_val_films_there() -> None:
    study = planted()
    found = transfer(study, "test")
    assert found is not None
    val = study.rows("val")
    for fitted, read in (("zero_shot", "fine_tune"), ("fine_tune", "zero_shot")):
        cuts = fit_thresholds(study, fitted).array()
        n_called = (study.scores(fitted)[val] >= cuts).sum(axis=0)
        own, there = (-np.sort(-study.scores(name)[val].astype(float), axis=0) for name in (fitted, read))
        low, high, place = n_called, n_called - 1, np.arange(len(cuts))
        share = (cuts - own[low, place]) / (own[high, place] - own[low, place])
        carried = there[low, place] + share * (there[high, place] - there[low, place])
        assert ((study.scores(read)[val] >= carried).sum(axis=0) == n_called).all()
        assert found.cells[fitted, read].value == pytest.approx(f1_of(study, read, carried))


def test_scores_that_rank_the_same_cost_nothing_by_rank_and_much_as_they_are() -> None:
    """The same model on another scale: the order is all that decides."""
    scores = planted().scores("fine_tune").astype(float)
    study = two(scores, 20 + 3 * scores)
    by_rank, raw = transfer(study, "test"), transfer(study, "test", way="raw")
    assert by_rank is not None
    assert raw is not None
    cost = by_rank.cells["linear_probe", "fine_tune"].cost
    assert cost is not None
    assert cost.value == 0
    assert not cost.is_clear
    lost = raw.cells["linear_probe", "fine_tune"].cost
    assert lost is not None
    assert lost.value < -0.2
    assert lost.is_clear


def test_a_number_of_one_kind_is_refused_for_another_in_words() -> None:
    study = planted()
    raw, by_rank = transfer(study, "test", way="raw"), transfer(study, "test")
    assert raw is not None
    assert by_rank is not None
    refused = raw.cells["zero_shot", "fine_tune"]
    assert math.isnan(refused.value)
    assert refused.refused == "A margin is no logit: a number of one says nothing of the other. Read it by rank."
    assert not raw.cells["linear_probe", "fine_tune"].refused
    assert transfer_table(raw).loc["Zero-shot", "Fine-tuning"] == "refused"
    assert len(refusals(raw)) == 2
    assert refusals(by_rank) == ()
    assert "one kind" in way_words("raw").replace("scores of one kind", "one kind")


def test_a_sensitivity_that_was_asked_for_is_counted_where_it_is_kept() -> None:
    study = planted()
    found = transfer(study, "test", measure_named("sensitivity"))
    assert found is not None
    assert found.level == 0.8
    cell = found.cells["fine_tune", "fine_tune"]
    rows, cuts = study.rows("test"), fit_thresholds(study, "fine_tune", "fixed-sensitivity").array()
    called, truth = study.scores("fine_tune")[rows] >= cuts, study.labels[rows] == 1
    recalls = (called & truth).sum(axis=0) / truth.sum(axis=0)
    assert cell.value == pytest.approx(recalls.mean())
    assert (cell.n_kept, cell.n_asked) == ((recalls >= 0.8).sum(), 5)
    assert f"{cell.n_kept} of 5 classes" in transfer_table(found).loc["Fine-tuning", "Fine-tuning"]


def test_without_val_or_with_one_setting_nothing_is_carried() -> None:
    study = planted()
    assert transfer(replace(study, splits_of_films=["test"] * len(study.labels)), "test") is None
    alone = replace(study, scores_of={"fine_tune": study.scores("fine_tune")})
    assert transfer(alone, "test") is None
    with pytest.raises(CoreError, match="no measure"):
        measure_named("accuracy")


def test_a_class_without_a_threshold_has_none_elsewhere() -> None:
    study = planted()
    labels = study.labels.copy()
    labels[study.rows("val"), 1] = 0
    found = transfer(replace(study, labels=labels), "test")
    assert found is not None
    cuts = fit_thresholds(replace(study, labels=labels), "zero_shot").array()
    assert np.isnan(cuts[1])
    assert math.isfinite(found.cells["zero_shot", "fine_tune"].value)
    assert roc_auc(labels[study.rows("test"), 1], study.scores("fine_tune")[study.rows("test"), 1]) > 0.8


def test_of_many_settings_a_cell_is_short_and_stars_say_where_an_interval_leaves_0_out() -> None:
    study = planted()
    rng = np.random.default_rng(0)
    more = {f"import_{n}": rng.normal(size=study.labels.shape) for n in range(MOST_WIDE)}
    kinds = {**study.kinds, **dict.fromkeys(more, "logit")}
    many = replace(study, scores_of={**study.scores_of, **more}, kinds=kinds)
    found = transfer(many, "test")
    assert found is not None
    cell = found.cells["import_0", "fine_tune"]
    assert cell.cost is not None
    star = " *" if cell.cost.is_clear else ""
    said = transfer_table(found).loc["import 0", "Fine-tuning"].replace("\N{NO-BREAK SPACE}", " ")
    assert said == f"{cell.value:.3f}, {signed_words(cell.cost.value)}{star}"


def test_json_says_every_cell() -> None:
    found = transfer(planted(), "test", way="raw")
    assert found is not None
    cells = found.to_json()["cells"]
    assert len(cells) == 9
    refused = next(cell for cell in cells if (cell["fitted"], cell["read"]) == ("zero_shot", "fine_tune"))
    assert refused["value"] is None
    assert refused["cost"] is None
    assert "margin" in refused["refused"]
    assert {one.name for one in MEASURES} == {"macro_f1", "sensitivity"}
