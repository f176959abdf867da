"""Every class: counts, metrics, intervals, curves, over-prediction, co-occurrence."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import numpy as np
import streamlit as st

from core.figures.per_class import co_occurrence_figure, over_prediction_figure, precision_recall_figure, roc_figure
from core.figures.results_table import class_table
from core.titles import setting_title
from pages.shared import cache, navigation, notices, selection, studies

QUIET = {"displayModeBar": False}

navigation.begin("per_class")
study = studies.chosen_study()
notices.nature_of(study)
with st.container(horizontal=True, gap="medium"):
    setting = selection.pick_setting(study)
    split = selection.pick_split(study)

with st.spinner("Resampling patients for the intervals…"):
    report = cache.report(study, split, "sound", intervals=True)
chosen = report.settings[setting]
st.subheader(f"{setting_title(setting)}: all classes")
st.markdown(notices.readable(chosen.basis, study.settings))
numbers = ("Precision", "Recall", "Specificity", "F1", "AUROC", "AP")
st.dataframe(
    class_table(chosen.per_class),
    hide_index=True,
    height="content",
    placeholder="–",
    alt=f"Counts and metrics of every class, {setting_title(setting)}",
    column_config={
        "Class": st.column_config.TextColumn(pinned=True, width="medium"),
        "Positive": st.column_config.NumberColumn(help="Films read as positive"),
        "Predicted": st.column_config.NumberColumn(help="Films whose score is at least the threshold"),
        "Threshold": st.column_config.NumberColumn(format="%.3f", help=f"In units of the {chosen.score_kind}"),
        "F1, 95 %": st.column_config.TextColumn(help="95 % interval; films of one patient count together"),
        "AUROC, 95 %": st.column_config.TextColumn(help="95 % interval; films of one patient count together"),
        **{name: st.column_config.NumberColumn(format="%.3f") for name in numbers},
    },
)
st.caption(
    "– is undefined. An interval is not estimable with fewer than 5 positive films, or where every resample agrees. "
    "AP: average precision. Click a heading to sort."
)
notices.notes(report.notes, study.settings)

st.subheader("Curves of one class")
finding = selection.pick_finding(study)
drawn = cache.curves(study, split, finding)
counts = chosen.per_class[finding]
st.markdown(f"{counts.n_positive:,} positive of {counts.n_read:,} films read for {notices.plain(finding)}.")
left, right = st.columns(2, gap="large")
with left:
    st.markdown("**ROC:** positives found against negatives called positive")
    st.plotly_chart(roc_figure(drawn.roc), key="roc", config=QUIET, alt=f"ROC curves of {finding} by setting")
with right:
    st.markdown("**Precision and recall:** how many of the predicted are right")
    st.plotly_chart(
        precision_recall_figure(drawn.precision_recall),
        key="precision_recall",
        config=QUIET,
        alt=f"Precision-recall curves of {finding} by setting",
    )

st.subheader("Over-prediction")
st.markdown(
    "Films predicted for each film read as positive, at the same thresholds. 1 is balance; hollow marks at the left "
    "edge are classes that are never predicted."
)
st.plotly_chart(
    over_prediction_figure({name: figures.per_class for name, figures in report.settings.items()}),
    key="over_prediction",
    config=QUIET,
    alt="Predicted over read positives of every class by setting",
)

st.subheader("Which labels come together")
pairs = cache.pairs(study, setting, split)
if pairs is None:
    st.markdown("No decision can be made for this setting, so there is nothing to set against the labels read.")
    st.stop()
totals = np.diag(pairs.true)
left, right = st.columns(2, gap="large")
with left:
    st.markdown("**Read together:** of the films read as the row, % also read as the column")
    figure = co_occurrence_figure(study.classes, pairs.true, totals, "also read")
    st.plotly_chart(figure, key="pairs_read", config=QUIET, alt="Labels that were read together")
with right:
    st.markdown("**Predicted:** of the films read as the row, % predicted as the column")
    figure = co_occurrence_figure(study.classes, pairs.true_by_predicted, totals, "predicted")
    st.plotly_chart(figure, key="pairs_predicted", config=QUIET, alt="Labels predicted for films read as each class")
st.caption("Of a perfect model the right figure equals the left. Rows without positive films are empty.")
