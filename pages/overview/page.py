"""The study at a glance: which setting is best, the results, how sure they are, what the study holds."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import numpy as np
import streamlit as st

from core.figures.overview import class_count_bars, label_count_bars
from core.findings import SPLITS
from core.prompts.films import read_on
from core.report.parts import IMPORT
from pages.overview import certainty, results, spending, transfer, wordings
from pages.shared import navigation, notices, selection, studies, take, truth_dial

study = navigation.begin("overview")
study = truth_dial.turned(study)

split = read_on(study)
shown = results.show(study, split) if study.settings else None
if shown is None:
    notices.mostly_positive_classes(study, split)
    notices.missing("This study holds no scores, so there are no results.", IMPORT)
sure = st.container()  # filled last: what is resampled is not waited for by what follows

left, right = st.columns([3, 2], gap="large")
counts = {name: (study.labels[study.rows(name)] == 1).sum(axis=0) for name in study.splits()}
totals = np.sum(list(counts.values()), axis=0)
with left:
    st.header("Films of each class")
    st.markdown(studies.imbalance_words(study.classes, totals))
    bars = class_count_bars(study.classes, counts)
    take.bars(bars, take.Of("class-counts", f"Positive films of each of {len(study.classes)} classes"))
with right:
    if shown is not None:
        st.header("Labels predicted and given")
        st.markdown("Predicting more labels than were given is over-prediction; 1.0 x is balance.")
        bars = label_count_bars(shown.overall, len(study.rows(split)))
        of = take.Of(
            "label-counts", "Mean number of labels per film, as labelled and as each setting predicts", split=split
        )
        take.bars(bars, of)

st.header("What is in this study")
st.markdown(f"**{notices.plain(study.name)}.** {studies.one_line(study)}")
with st.grid(6, min_column_width=110):
    st.metric("Films", f"{len(study.images):,}")
    st.metric("Patients", f"{study.images['patient_id'].nunique():,}")
    st.metric("Classes", len(study.classes))
    for name in SPLITS:
        st.metric(f"{selection.SPLIT_WORDS[name]} films", f"{study.splits().get(name, 0):,}")
take.table(studies.parts_table(study), take.Of("parts", "What is in this study"))
if shown is not None:
    with sure:
        certainty.show(study, split, shown.sets)
        if len(study.settings) > 1 and shown.contest.defined:
            spending.show(study, shown.contest)
        wordings.show(study)
        if len(study.settings) > 1:
            transfer.show(study, split)
