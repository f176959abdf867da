"""What a rule that decides within each film gives: figures to read, and no threshold to drag."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.metrics.class_figures import class_figures_in
from core.metrics.classification import Confusion
from core.metrics.intervals import Interval
from core.metrics.overall_figures import overall_figures_in
from core.study import Study
from core.thresholds import ThresholdSet
from core.words import figure_words, interval_words, number_words
from pages.shared import take
from pages.thresholds import cache
from pages.thresholds.answer import is_resampled


def show(study: Study, split: str, chosen: ThresholdSet) -> None:
    """The figures over all classes and a row per class, with intervals."""
    st.info(
        "This rule decides film by film: it compares the classes of one film with each other, so there is no "
        "threshold to drag. Choose another starting point to move thresholds.",
        icon=":material/rule:",
    )
    point = cache.operating_figures(study, split, chosen)
    intervals = cache.resampled(study, split, chosen).intervals() if is_resampled(study, split) else {}
    with st.grid(6, min_column_width=150):
        for figure in overall_figures_in("deck"):
            with st.container(border=True, height="stretch"):
                value = number_words(point.overall.value(figure), figure.digits)
                st.metric(figure.title, value, help=figure.help)
                if figure.name in intervals:
                    st.caption(f"95 %: {interval_words(intervals[figure.name], figure.digits)}")
                elif figure.beside is not None:
                    st.caption(f"true {number_words(point.overall.values[figure.beside], figure.digits)}")
    rows = {finding: _row(counts, point.intervals[finding]) for finding, counts in point.per_class.items()}
    take.frame(
        pd.DataFrame.from_dict(rows, orient="index").rename_axis("Class"),
        take.Of(
            "film-wise",
            "Figures of every class under this rule, with 95 % intervals",
            chosen.setting,
            split,
            chosen.basis,
        ),
        key="film-wise",
        height="content",
    )


def _row(counts: Confusion, intervals: Mapping[str, Interval]) -> dict[str, object]:
    figures = {
        figure.title: figure_words(figure.of_cells(counts), intervals.get(figure.name), figure.digits)
        for figure in class_figures_in("deck")
        if figure.of_decisions is not None
    }
    return {"Positive": counts.n_positive, "Predicted": counts.n_predicted, **figures}
