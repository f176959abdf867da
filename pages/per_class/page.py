"""Every class: counts, metrics, intervals, curves, calibration, over-prediction, labels together, groups, readers."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from pages.per_class import comparison, readers, subgroups, views, without_scores
from pages.shared import (
    cache,
    calibration_view,
    navigation,
    notices,
    operating,
    selection,
    truth_dial,
)

TABS = (
    "Curves of one class",
    "Settings compared",
    "Over-prediction",
    "Findings together",
    "Calibration",
    "Groups of films",
    "Readers",
)

study = navigation.begin("per_class")
study = truth_dial.turned(study)
if not study.settings:
    without_scores.show(study)
    st.stop()
with selection.controls():
    setting = selection.pick_setting(study)
    split = selection.pick_split(study)
    protocol = views.pick_protocol(study)

sets = tuple(operating.current_decisions(study, name) for name in study.settings)
chosen = next(one for one in sets if one.setting == setting)
paper = cache.report(study, split, "paper") if protocol == "paper" else None
figures = cache.classes(study, split, chosen) if paper is None else paper.settings[setting]
make_ready = views.table(study, split, figures, sets)
if protocol == "paper":
    st.markdown(notices.readable(figures.basis, study.settings))
    st.caption(
        "The paper's evaluation: undefined figures count as 0, and there are no intervals.",
        help="Below the table, all parts that depend on decisions, except over-prediction, use the thresholds in use.",
    )
else:
    notices.reading(chosen, split, study.settings)
notices.mostly_positive_classes(study, split)
truth_dial.show_standing(study, setting, split)
notices.notes(cache.notes(study, split, sets) if paper is None else paper.notes, study.settings)

one_class, compared, over, together, calibrated, groups, read = st.tabs(TABS, key="class_part", bind="query-params")
with one_class:
    if one_class.open:
        finding = selection.pick_finding(study)
        views.curves(study, split, finding, figures.per_class[finding])
with compared:
    if compared.open:
        comparison.by_class(study, split, sets)
with over:
    if over.open:
        every = [cache.classes(study, split, one) for one in sets] if paper is None else [*paper.settings.values()]
        views.over_prediction({one.setting: one.per_class for one in every}, split)
with together:
    if together.open:
        views.together(study, split, chosen)
with calibrated:
    if calibrated.open:
        calibration_view.show(study, setting, split)
with groups:
    if groups.open:
        finding = selection.pick_finding(study)
        subgroups.show(study, split, chosen, finding, figures.per_class[finding])
with read:
    if read.open:
        readers.show(study, split, sets)
if make_ready is not None:
    make_ready()
