"""Live decision thresholds: what each one costs, which films it changes, and the set to carry away."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from pages.shared import navigation, notices, selection, truth_dial
from pages.thresholds import deck as threshold_deck
from pages.thresholds import start as threshold_start
from pages.thresholds import view

study = navigation.begin("thresholds")
study = truth_dial.turned(study)
with selection.controls(has_labels=False):
    setting = selection.pick_setting(study, has_label=False)
    split = selection.pick_split(study, default="val", label="Show results on", key="read_on", has_label=False)
    start = threshold_start.pick(study, setting, split)
look = view.DeckContext(study, setting, split, start)


@st.fragment
@notices.guarded
def deck() -> None:
    """Rows, figures and what follows from them; a move runs only this."""
    view.show(look)


body = st.container(gap="xsmall")
if look.has_thresholds:
    threshold_deck.send_tables(look.counts)  # first, and once a setting and split: no move sends it again
    if look.truth is not None:
        threshold_deck.send_truths(look.truths)
with body:
    deck()
