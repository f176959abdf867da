"""What a rule that decides within each film gives: figures to read, and no threshold to drag."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from core.metrics.classification import Confusion
from core.metrics.intervals import Interval
from core.study import Study
from core.thresholds import ThresholdSet
from pages.thresholds import cache
from pages.thresholds.answer import is_resampled

_OVERALL: Final = {
    "macro_f1": "Macro F1",
    "micro_f1": "Micro F1",
    "exact_match": "Exact match",
    "hamming": "Hamming loss",
    "cardinality": "Labels a film",
    "share_labelled": "Films with a label",
}
_TRUTHS: Final = {"cardinality": "true_cardinality", "share_labelled": "true_share_labelled"}
_SHARES: Final = {"precision": "Precision", "recall": "Recall", "specificity": "Specificity", "f1": "F1"}


def show(study: Study, split: str, chosen: ThresholdSet) -> None:
    """The figures over all classes and a row a class, with intervals."""
    st.info(
        "This rule decides film by film: it compares the classes of one film with each other, so there is no "
        "threshold to drag. Choose another starting point to move thresholds.",
        icon=":material/rule:",
    )
    point = cache.operating_figures(study, split, chosen)
    intervals = cache.resampled(study, split, chosen).intervals() if is_resampled(study, split) else {}
    with st.grid(6, min_column_width=150):
        for name, title in _OVERALL.items():
            with st.container(border=True, height="stretch"):
                st.metric(title, _share(getattr(point.overall, name)))
                if name in intervals:
                    st.caption(f"95 %: {_ends(intervals[name])}")
                elif name in _TRUTHS:
                    st.caption(f"true {_share(getattr(point.overall, _TRUTHS[name]))}")
    rows = {finding: _row(counts, point.intervals[finding]) for finding, counts in point.per_class.items()}
    st.dataframe(
        pd.DataFrame.from_dict(rows, orient="index").rename_axis("Class"),
        key="film-wise",
        height="content",
        alt="Figures of every class under this rule, with 95 % intervals",
    )


def _row(counts: Confusion, intervals: Mapping[str, Interval]) -> dict[str, object]:
    shares = {
        title: f"{_share(getattr(counts, name))} ({_ends(intervals[name])})"
        if not math.isnan(getattr(counts, name))
        else "–"
        for name, title in _SHARES.items()
    }
    return {"Positive": counts.n_positive, "Predicted": counts.n_predicted, **shares}


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _ends(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}" if interval.is_estimable else "not estimable"
