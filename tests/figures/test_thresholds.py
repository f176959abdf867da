"""The curves stand on the right places: drawn values against counts made by hand from the same decisions."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.thresholds import CURVES, alt_of, pairs_of, spread_figure, spread_pairs
from core.metrics.classification import confusions
from core.thresholds import films_of, fit_thresholds
from core.thresholds.curves import study_curves
from core.thresholds.spread import threshold_spread
from tests.metrics.table_study import TableStudy


def make_study(kind: str = "logit") -> TableStudy:
    """Three classes, the last without a positive; two settings, 300 val and 300 test films."""
    rng = np.random.default_rng(0)
    labels = (rng.random((600, 3)) < [0.3, 0.05, 0.0]).astype(float)
    labels[::17, 0] = np.nan
    scores = {name: rng.normal(size=labels.shape) + gap * np.nan_to_num(labels) for name, gap in SETTINGS.items()}
    if kind == "probability":
        scores = {name: 1 / (1 + np.exp(-values)) for name, values in scores.items()}
    return TableStudy(
        ("Edema", "Fracture", "Lung Lesion"),
        labels,
        ["val"] * 300 + ["test"] * 300,
        {name: values.astype(np.float32) for name, values in scores.items()},
        dict.fromkeys(SETTINGS, kind),
    )


DRAW = {name: draw for name, _, draw in CURVES}
SETTINGS = {"zero_shot": 1.0, "fine_tune": 2.5}


@pytest.fixture(scope="module")
def study() -> TableStudy:
    return make_study()


@pytest.fixture(scope="module")
def curves(study):
    return study_curves(study, "test", {name: fit_thresholds(study, name) for name in SETTINGS})


def marks(figure, setting: str) -> list[tuple[float, float]]:
    """Where the current thresholds of a setting are drawn, class after class."""
    return [
        (trace.x[0], trace.y[0])
        for trace in figure.data
        if trace.legendgroup == setting and trace.mode == "markers" and len(trace.x) == 1 and trace.meta is None
    ]


def test_the_marks_are_the_current_decisions(study, curves) -> None:
    rows = study.rows("test")
    decisions = fit_thresholds(study, "fine_tune").rule().decide(study.scores("fine_tune")[rows])
    edema, fracture, _ = confusions(study.labels[rows], decisions)
    drawn = {name: draw(curves, 2) for name, _, draw in CURVES}
    wanted = {
        "roc": [(1 - one.specificity, one.recall) for one in (edema, fracture)],
        "precision-recall": [(one.recall, one.precision) for one in (edema, fracture)],
        "f1": [(one.n_predicted / one.n_read, one.f1) for one in (edema, fracture)],
    }
    for name, places in wanted.items():
        np.testing.assert_allclose(marks(drawn[name], "fine_tune"), places)


def test_every_mark_lies_on_its_curve(curves) -> None:
    """The curve is thinned at most to 200 steps, so within one of them."""
    for name, distance in (("roc", 0.02), ("precision-recall", 0.03), ("f1", 0.03)):
        figure = DRAW[name](curves)
        lines = [trace for trace in figure.data if trace.mode == "lines" and trace.legendgroup]
        points = [trace for trace in figure.data if trace.mode == "markers" and trace.meta is None]
        for line, point in zip(lines, points, strict=True):
            gaps = np.hypot(np.asarray(line.x) - point.x[0], np.asarray(line.y) - point.y[0])
            assert np.nanmin(gaps) < distance, name


@pytest.mark.parametrize("name", ["roc", "precision-recall", "f1"])
def test_a_pointer_on_a_mark_takes_its_setting_and_class(curves, name: str) -> None:
    """Of things on one spot it takes the smallest, of equals the last: nothing is drawn after the marks' handles."""
    drawn = DRAW[name](curves, 2).data
    shown = [trace for trace in drawn if trace.mode == "markers" and trace.meta is None]
    handles = drawn[-len(shown) :]
    for mark, handle in zip(shown, handles, strict=True):
        assert (list(handle.x), list(handle.y)) == (list(mark.x), list(mark.y))
        assert [list(one) for one in handle.customdata] == [list(one) for one in mark.customdata]
        assert handle.marker.opacity == 0
        assert handle.marker.size < 6
    wanted = [[setting, finding] for finding in ("Edema", "Fracture") for setting in SETTINGS]
    assert [list(handle.customdata[0]) for handle in handles] == wanted


def test_net_benefit_by_hand(curves) -> None:
    """Calling every film positive at 20 %: prevalence less a quarter of the rest."""
    made = curves.by_setting["fine_tune"]["Edema"]
    share = made.point.n_positive / made.point.n_read
    at = int(np.argmin(np.abs(made.calibration.probabilities - 0.2)))
    assert made.calibration.treat_all[at] == pytest.approx(share - (1 - share) * 0.25)
    assert made.calibration.benefit[at] > made.calibration.treat_all[at]


@pytest.mark.parametrize("columns", [1, 4])
@pytest.mark.parametrize("name", [name for name, _, _ in CURVES])
def test_every_figure_is_drawn_and_told(curves, name: str, columns: int) -> None:
    draw = DRAW[name]
    figure = draw(curves, columns)
    assert {trace.name.split(": ")[0] for trace in figure.data if trace.showlegend is not False} == {
        "Zero-shot" if "zero" in setting else "Fine-tuning" for setting in SETTINGS
    }
    if name != "prevalence":
        words = [annotation.text for annotation in figure.layout.annotations]
        assert "Lung Lesion (n = 0)" in words
        assert "no positive film" in words
    assert "3 classes on test films" in alt_of(name, curves)


def test_scores_without_probabilities_say_so() -> None:
    study = make_study("margin")
    study.splits_of_films = ["test"] * 600
    curves = study_curves(study, "test", {"zero_shot": fit_thresholds(study, "zero_shot")})
    figure = DRAW["calibration"](curves)
    assert [one.text for one in figure.layout.annotations].count("no probabilities") == 2


def test_exploratory_settings_are_marked_in_the_legend(study) -> None:
    fitted = fit_thresholds(study, "fine_tune")
    moved = fitted.with_values(fitted.array() + 0.1, films_of(study, "test"))
    figure = CURVES[0][2](study_curves(study, "test", {"fine_tune": moved}))
    assert "Fine-tuning (exploratory)" in {trace.name for trace in figure.data}
    on_val = CURVES[0][2](study_curves(study, "val", {"fine_tune": fitted}))
    assert any("optimistic" in (trace.name or "") for trace in on_val.data)


@pytest.mark.parametrize("name", DRAW)
def test_one_class_alone_is_drawn_as_among_the_others(study, name: str) -> None:
    curves = study_curves(study, "test", {"fine_tune": fit_thresholds(study, "fine_tune")})
    alone = DRAW[name](curves.only("Edema"), 1)
    together = DRAW[name](curves, 1)
    drawn = [list(trace.x) for trace in together.data]
    assert curves.only("Edema").classes == ("Edema",)
    assert alone.data
    if name != "prevalence":
        assert all(list(trace.x) in drawn for trace in alone.data)


def test_film_wise_rules_are_drawn_too(study) -> None:
    curves = study_curves(study, "test", {"fine_tune": fit_thresholds(study, "fine_tune", "top-k")})
    assert all(draw(curves).data for _, _, draw in CURVES)


def test_the_spread_of_thresholds_is_drawn_by_class(study) -> None:
    figure = spread_figure(threshold_spread(study, "fine_tune"))
    assert [trace.type for trace in figure.data].count("histogram") == 2
    (words,) = [one for one in figure.layout.annotations if one.text == "no positive film"]
    drawn_on = {trace.xaxis or "x" for trace in figure.data}
    assert words.xref.removesuffix(" domain") in drawn_on  # else the browser puts them into the first figure
    (words,) = [one for one in figure.layout.annotations if one.text == "no positive film"]
    assert (words.xref, words.yref) == ("x3 domain", "y3 domain")


@pytest.mark.parametrize("name", ["calibration", "decision"])
@pytest.mark.parametrize("choice", ["as-is", "platt", "temperature"])
def test_the_legend_says_where_probabilities_come_from(name: str, choice: str) -> None:
    study = make_study("margin")
    sets = {setting: fit_thresholds(study, setting) for setting in SETTINGS}
    drawn = DRAW[name](study_curves(study, "test", sets, calibration=choice))
    legend = [trace.name for trace in drawn.data if trace.showlegend]
    source = "the logit over a temperature" if choice == "temperature" else "Platt's curve"
    assert legend == [f"{title}: {source}, fitted on validation" for title in ("Zero-shot", "Fine-tuning")]


def test_calling_all_films_is_drawn_where_the_first_setting_has_no_probabilities() -> None:
    study = make_study()
    study.kinds = {"zero_shot": "similarity", "fine_tune": "logit"}
    study.__post_init__()
    study.splits_of_films = ["test"] * 600
    sets = {setting: fit_thresholds(study, setting, exploratory=True) for setting in SETTINGS}
    drawn = DRAW["decision"](study_curves(study, "test", sets))
    (treat_all,) = [
        trace for trace in drawn.data if trace.line.dash == "dash" and len(trace.x) > 2 and trace.xaxis == "x"
    ]
    prevalence = np.nanmean(study.labels[:, 0])
    np.testing.assert_allclose(treat_all.y[0], prevalence - (1 - prevalence) * 0.01 / 0.99, atol=1e-6)


def test_two_classes_to_a_figure_hold_what_one_figure_of_all_holds(curves) -> None:
    legend, figures = pairs_of("roc", curves)
    assert [len([axis for axis in figure.layout if axis.startswith("xaxis")]) for figure in figures] == [2, 2]
    whole = DRAW["roc"](curves)
    drawn = sorted((trace.name, tuple(trace.x)) for figure in figures for trace in figure.data if trace.name)
    assert drawn == sorted((trace.name, tuple(trace.x)) for trace in whole.data if trace.name)
    titles = [note.text for figure in figures for note in figure.layout.annotations if "(n =" in note.text]
    assert [title.split("<br>")[0] for title in titles] == list(curves.classes)
    assert legend.count("Zero-shot") == legend.count("Fine-tuning") == 1
    assert "dotted" in legend
    assert not any(figure.layout.showlegend for figure in figures)


def test_what_is_one_picture_of_all_classes_stays_one(curves) -> None:
    legend, (figure,) = pairs_of("prevalence", curves)
    assert legend == ""
    assert figure.layout.showlegend is None


def test_spreads_come_two_to_a_figure(study) -> None:
    figures = spread_pairs(threshold_spread(study, "fine_tune", "max-f1"))
    assert len(figures) == 2
    assert all(figure.layout.height == figures[0].layout.height for figure in figures)
