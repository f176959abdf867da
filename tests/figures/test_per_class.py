from __future__ import annotations

import html
import math

import numpy as np
import pytest

from core.figures.per_class import (
    co_occurrence_figure,
    over_prediction_figure,
    precision_recall_figure,
    roc_figure,
)
from core.metrics.ranking import compute_precision_recall, compute_roc
from core.metrics.summary import summarise_classes

FORMATTED = ("<b>Mass</b>", "a < b & c", ":material/home:", "`tick`")
LABELS = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
SCORES = np.array([0.9, 0.8, 0.7, 0.2, 0.1])


def test_curves_carry_their_area_and_the_reference_line() -> None:
    roc = roc_figure({"zero_shot": compute_roc("Edema", labels=LABELS, scores=SCORES)})
    assert [trace.name for trace in roc.data] == ["Chance", "Zero-shot: AUROC 0.833"]
    np.testing.assert_allclose(roc.data[1].x[[0, -1]], [0, 1])
    curves = precision_recall_figure({"zero_shot": compute_precision_recall("Edema", labels=LABELS, scores=SCORES)})
    assert curves.data[0].name == "Prevalence 0.400"
    assert curves.data[1].name.startswith("Zero-shot: AP 0.833")


def test_an_undefined_curve_is_said_and_not_drawn() -> None:
    without = {"zero_shot": compute_roc("Edema", labels=np.zeros(5), scores=SCORES)}
    figure = roc_figure(without)
    assert [trace.name for trace in figure.data] == ["Chance"]
    assert figure.layout.annotations[0].text == "No curve: 0 positive and 5 negative films of Edema."


def test_over_prediction_draws_ratios_and_what_is_never_predicted() -> None:
    labels = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]], dtype=float)
    decisions = np.array([[1, 0, 1], [1, 0, 0], [1, 0, 0]], dtype=bool)
    classes = summarise_classes(["A", "B", "C"], labels, decisions.astype(float), decisions, np.full(3, 0.5))
    (trace,) = over_prediction_figure({"fine_tune": classes}).data
    assert list(trace.y) == ["A", "B"]  # C has no positive film, so no ratio
    assert trace.x[0] == pytest.approx(3.0)
    assert trace.x[1] == pytest.approx(0.01)
    assert list(trace.marker.symbol) == ["diamond", "diamond-open"]
    assert "predicted 0, labelled 2" in trace.hovertext[1]


def test_co_occurrence_is_a_share_of_the_row_and_empty_without_films() -> None:
    counts = np.array([[4, 1], [0, 0]])
    heat, marks = co_occurrence_figure(["A", "B"], counts, np.array([[4, 4], [0, 0]]), "labelled", "predicted").data
    assert list(heat.y) == ["B", "A"]  # first class on top
    np.testing.assert_allclose(heat.z[1], [1.0, 0.25])
    assert all(math.isnan(value) for value in heat.z[0])
    assert list(heat.text[1]) == ["100", "25"]
    place = [list(one) for one in marks.customdata].index([0, 1])  # what a click on the cell of A and B carries
    assert (marks.x[place], marks.y[place]) == ("B", "A")
    assert marks.hovertext[place] == "labelled A, and labelled for B: 4 films<br>of these predicted B: 1"


@pytest.mark.parametrize("n_classes", [3, 24, 40])
def test_every_class_of_a_heat_map_is_named(n_classes: int) -> None:
    """Plotly leaves out labels where it finds them too close, unless each is asked for."""
    names = [f"A finding with a long name, number {number}" for number in range(n_classes)]
    counts = np.eye(n_classes, dtype=int)
    figure = co_occurrence_figure(names, counts, counts + 1, "labelled", "predicted")
    assert list(figure.data[0].x) == names
    assert figure.layout.xaxis.dtick == figure.layout.yaxis.dtick == 1
    assert figure.layout.height >= 24 * n_classes


@pytest.mark.parametrize("name", FORMATTED)
def test_names_are_drawn_as_they_are_written(name: str) -> None:
    written = html.escape(name, quote=False)
    names = [name, "Edema", "Fracture"]
    heat = co_occurrence_figure(names, np.eye(3, dtype=int), np.ones((3, 3), int), "labelled", "predicted")
    assert heat.data[0].x[0] == heat.data[0].y[-1] == written
    assert written in heat.data[1].hovertext[0]
    labels = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]], dtype=float)
    decisions = np.array([[1, 0, 1], [1, 0, 0], [1, 0, 0]], dtype=bool)
    classes = summarise_classes(names, labels, decisions.astype(float), decisions, np.full(3, 0.5))
    ratios = over_prediction_figure({"fine_tune": classes})
    assert ratios.data[0].y[0] == written
    assert ratios.layout.yaxis.categoryarray[-1] == written
    without = roc_figure({"zero_shot": compute_roc(name, labels=np.zeros(5), scores=SCORES)})
    assert without.layout.annotations[0].text.endswith(f"of {written}.")
