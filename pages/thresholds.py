"""Live decision thresholds: a slider a class, and what it costs."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from core.operating_point import operating_point
from core.thresholds import POLICIES
from core.titles import setting_title
from pages.shared import cache, navigation, notices, selection, studies, threshold_deck

navigation.begin("thresholds")
study = studies.chosen_study()
notices.nature_of(study)
with st.container(horizontal=True, gap="medium"):
    setting = selection.pick_setting(study)
    split = selection.pick_split(study, label="Read on")
titles = {policy.name: policy.title for policy in POLICIES}
is_fixed = cache.fitted(study, setting, "max-f1").policy == "natural-cut"
policy = st.selectbox(
    "Starting point", list(titles), format_func=titles.__getitem__, key="policy", persist_state="session", width=460,
    help="How each class's threshold is fitted on the validation films.", disabled=is_fixed,
)  # fmt: skip

start = cache.fitted(study, setting, policy)
st.markdown(notices.readable(start.basis, study.settings))
if not start.is_defined:
    start = cache.fitted(study, setting, policy, exploratory=True)
    st.markdown(notices.readable(start.basis, study.settings))


@st.fragment
def deck() -> None:
    """Sliders and figures; moving a slider runs only this."""
    cards = threshold_deck.cards(study, setting, split, start)
    summary = st.container()
    thresholds = threshold_deck.draw(cards)
    threshold_deck.summarise(
        summary,
        now=operating_point(study, setting, split, thresholds),
        before=operating_point(study, setting, split, start.array()),
        n_moved=threshold_deck.n_moved(cards),
        is_exploratory=split != "val" or start.is_exploratory,
        cards=cards,
    )


st.subheader(f"{setting_title(setting)}, read on {selection.SPLIT_WORDS[split].lower()}")
deck()
