"""The study at a glance: the results table, what is in it, what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import numpy as np
import streamlit as st

from core.figures.overview import bars_html, class_count_bars, label_count_bars
from core.figures.results_table import results_table
from core.findings import SPLITS
from core.paper import published
from core.paper.labels import label_source_note
from core.report.parts import IMPORT
from core.words import UNDEFINED
from pages.overview import certainty, protocols
from pages.shared import cache, navigation, notices, selection, studies

PROTOCOLS = {
    "paper": "**As published:** each film's scores are scaled to 0..1 on their own and cut at 0.5; "
    "undefined figures count as 0.",
    "sound": "**Sound:** one threshold per class, fitted on the validation films and then read on the test films; "
    "what is undefined is left out.",
}
RESULTS_HELP = (
    "Every figure is over the test films; with no split, over all films. LRAP: label ranking average precision. "
    "Coverage error: how far down a film's ranking its last true label stands. Distances are in each encoder's own "
    "space, so compare the ratio across models, not the distances."
)

navigation.begin("overview")
study = studies.chosen_study()
notices.nature_of(study)

split = "test" if study.splits().get("test") else "all"
rows = study.rows(split)
with st.container(border=True):
    st.subheader(notices.plain(study.name))
    st.markdown(studies.one_line(study))
    with st.grid(6, min_column_width=110):
        st.metric("Films", f"{len(study.images):,}")
        st.metric("Patients", f"{study.images['patient_id'].nunique():,}")
        st.metric("Classes", len(study.classes))
        for name in SPLITS:
            st.metric(f"{selection.SPLIT_WORDS[name]} films", f"{study.splits().get(name, 0):,}")

st.subheader("Results", help=RESULTS_HELP)
if study.settings:
    shares_settings = any(setting in published.OVERALL for setting in study.settings)
    protocol = selection.pick_protocol(study, default="paper" if shares_settings else "sound")
    beside = protocols.switch()
    st.markdown(PROTOCOLS[protocol])
    report = cache.report(study, split, protocol)
    overall = {name: setting.overall for name, setting in report.settings.items()}
    if protocol == "sound" and not study.splits().get("val"):
        st.markdown(" ".join(notices.readable(row.basis, study.settings) for row in report.settings.values()))
    st.markdown(f"**This study**, {report.n_films:,} {selection.SPLIT_WORDS[split].lower()} films")
    notices.table(results_table(overall))
    notices.mostly_positive_classes(study, split)
    if beside:
        protocols.other_table(study, split, protocol)
    reference = st.container() if shares_settings else st.expander("Published figures of another model on other films")
    with reference:
        st.markdown(f"**Published:** {published.MODEL} on {published.DATASET} ({published.SOURCE})")
        notices.table(results_table(published.OVERALL))
        if note := label_source_note(study):
            st.markdown(f":material/label: {notices.plain(note)}")
    st.caption(
        "Arrows say which way is better. The best of a column is :blue[**blue and bold**], the worst "
        f":red[*red and italic*]; {UNDEFINED} is undefined or not recorded."
    )
    notices.notes(report.notes, study.settings)
    sure = st.container()  # filled last: resampling is not waited for by what follows
    if beside:
        protocols.differences(study, split)
else:
    overall = {}
    notices.mostly_positive_classes(study, split)
    notices.missing("This study holds no scores, so there are no results.", IMPORT)

left, right = st.columns([3, 2], gap="large")
counts = {name: (study.labels[study.rows(name)] == 1).sum(axis=0) for name in study.splits()}
totals = np.sum(list(counts.values()), axis=0)
with left:
    st.subheader("Films of each class")
    st.markdown(studies.imbalance_words(study.classes, totals))
    bars = class_count_bars(study.classes, counts)
    st.html(bars_html(bars, title=f"Positive films of each of {len(study.classes)} classes"))
with right:
    if overall:
        st.subheader("Labels predicted and given")
        st.markdown("Predicting more labels than were given is over-prediction; 1.0 x is balance.")
        bars = label_count_bars(overall, len(rows))
        st.html(bars_html(bars, title="Mean number of labels per film, as labelled and as each setting predicts"))

st.subheader("What is in this study")
notices.table(studies.parts_table(study))
if study.settings:
    with sure:
        certainty.show(study, split)
