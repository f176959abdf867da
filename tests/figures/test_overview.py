from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.figures.overview import class_counts_figure, label_counts_figure
from core.metrics.summary import Overall

OVERALL = Overall(
    **dict.fromkeys(
        (
            "macro_f1",
            "micro_f1",
            "exact_match",
            "lrap",
            "coverage_error",
            "macro_auroc",
            "inter_class_distance",
            "intra_class_distance",
            "distance_ratio",
            "minutes",
        ),
        0.5,
    ),
    n_true_labels=12,
    n_predicted_labels=48,
    n_classes_f1=3,
    n_classes_auroc=3,
    n_films_matched=10,
    n_films_ranked=10,
)


def test_class_counts_are_sums_over_splits_most_frequent_last_so_that_it_is_on_top() -> None:
    figure = class_counts_figure(["A", "B", "No Finding"], {"train": np.array([2, 5, 40]), "test": np.array([1, 0, 9])})
    (bar,) = figure.data
    assert list(bar.y) == ["A", "B", "No Finding"]
    assert list(bar.x) == [3, 5, 49]
    assert list(bar.text) == ["3", "5", "49"]
    assert "train: 40" in bar.hovertext[2]
    assert "test: 9" in bar.hovertext[2]


def test_label_counts_say_how_many_times_too_many() -> None:
    figure = label_counts_figure({"zero_shot": OVERALL, "fine_tune": replace(OVERALL, n_predicted_labels=6)}, 10)
    (bar,) = figure.data
    assert dict(zip(bar.y, bar.text, strict=True)) == {
        "Fine-tuning": "0.60  (0.5 x)",
        "Zero-shot": "4.80  (4.0 x)",
        "Read": "1.20",
    }


def test_a_setting_without_decisions_is_left_out_of_label_counts() -> None:
    figure = label_counts_figure({"zero_shot": replace(OVERALL, n_predicted_labels=None)}, 10)
    assert list(figure.data[0].y) == ["Read"]


def test_no_film_gives_an_empty_figure_and_no_error() -> None:
    assert class_counts_figure(["A"], {"test": np.array([0])}).data[0].text == ("0",)
    assert label_counts_figure({}, 0).data[0].x == (0.0,)
