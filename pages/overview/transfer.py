"""Whether thresholds that were fitted under one setting serve under another."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.figures.transfer_table import refusals, transfer_table
from core.report.transfer import MEASURES, WAYS, Way, measure_named, way_words
from core.study import Study
from pages.overview import cache
from pages.shared import selection, take

_BOUGHT: Final = "A higher sensitivity is bought with false alarms."


def show(study: Study, split: str) -> None:
    """The matrix of settings, by rank or as the numbers are."""
    st.header("Do thresholds transfer?", help="Thresholds fitted under one setting, read under another.")
    with st.container(horizontal=True, gap="medium"):
        titles = {one.name: one.title for one in MEASURES}
        name = selection.pick_one("Read", list(titles), default=MEASURES[0].name, words=titles, key="transfer")
        words = {str(one): title for one, title in WAYS.items()}
        chosen = selection.pick_one("Carried over", list(words), default="rank", words=words, key="way")
    way: Way = "raw" if chosen == "raw" else "rank"
    found = cache.transferred(study, split, name, way)
    if found is None:
        st.caption("Thresholds are carried from setting to setting where two were fitted on validation films.")
        return
    measure = measure_named(name)
    title = f"{measure.title} under thresholds of other settings, carried over: {words[chosen]}"
    take.table(transfer_table(found), take.Of("transfer", title, split=split, said=take.SOUND))
    level = "" if found.level is None else f" Classes: those that reach {found.level:g}, as asked of validation films."
    st.caption(
        f"{measure.title}; then minus the setting's own thresholds, * where its 95 % interval excludes 0.{level}",
        help=f"{way_words(way)} {_BOUGHT if measure.promised else ''}".strip(),
    )
    for sentence in refusals(found):
        st.info(sentence, icon=":material/block:")
