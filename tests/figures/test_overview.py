from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np

from core.figures.overview import Bar, bars_html, class_count_bars, label_count_bars
from core.metrics.overall_figures import Overall

OVERALL = Overall(
    values={"macro_f1": 0.5},
    n_true_labels=12,
    n_predicted_labels=48,
    n_classes_f1=3,
    n_classes_auroc=3,
    n_films=10,
    n_films_matched=10,
    n_films_ranked=10,
)


def test_class_counts_are_sums_over_splits_most_frequent_first() -> None:
    bars = class_count_bars(["A", "B", "No Finding"], {"train": np.array([2, 5, 40]), "test": np.array([1, 0, 9])})
    assert [(bar.label, bar.value, bar.text) for bar in bars] == [
        ("No Finding", 49, "49"),
        ("B", 5, "5"),
        ("A", 3, "3"),
    ]
    assert bars[0].hover == "train 40, test 9"
    assert bars[0].colour != bars[1].colour


def test_label_counts_say_how_many_times_too_many() -> None:
    bars = label_count_bars({"zero_shot": OVERALL, "fine_tune": replace(OVERALL, n_predicted_labels=6)}, 10)
    assert {bar.label: bar.text for bar in bars} == {
        "Labelled": "1.20",
        "Zero-shot": "4.80 (4.0 x)",
        "Fine-tuning": "0.60 (0.5 x)",
    }


def test_a_setting_without_decisions_is_left_out_of_label_counts() -> None:
    bars = label_count_bars({"zero_shot": replace(OVERALL, n_predicted_labels=None)}, 10)
    assert [bar.label for bar in bars] == ["Labelled"]


def test_bars_are_as_long_as_their_values() -> None:
    bars = [Bar("a", 4.0, "4", "#000000", "x"), Bar("b", 1.0, "1", "#000000", "x"), Bar("c", 0.0, "0", "#000000", "x")]
    html = bars_html(bars, title="Bars")
    assert [float(width) for width in re.findall(r"width: ([0-9.]+)%", html)] == [75.0, 18.75, 0.0]
    assert ElementTree.fromstring(html).attrib["aria-label"] == "Bars"


def test_text_from_files_cannot_become_markup() -> None:
    root = ElementTree.fromstring(bars_html([Bar('<b>&"', 1.0, "1", "#000000", "<i>")], title='"<x>'))
    assert "".join(root.itertext()) == '<b>&"1'
    assert root.attrib["aria-label"] == '"<x>'


def test_no_film_gives_an_empty_figure_and_no_error() -> None:
    assert class_count_bars(["A"], {"test": np.array([0])})[0].text == "0"
    assert label_count_bars({}, 0)[0].value == 0
    assert "None" in bars_html([], title="None")
