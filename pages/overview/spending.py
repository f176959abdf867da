"""What a gain cost: time, trained parameters, labels."""

from __future__ import annotations

import streamlit as st

from core.figures.contests import cost_figure, cost_table, not_drawn
from core.report.contest import Contest
from core.report.cost import COSTS, cost_named
from core.study import Study
from pages.shared import notices, selection, take


def show(study: Study, found: Contest) -> None:
    """Every setting's gain by what it cost, one cost at a time."""
    st.header("What did the gain cost?")
    costs = {row.setting: {cost.name: cost.of(study, row.setting) for cost in COSTS} for row in found.rows}
    words = {cost.name: cost.title for cost in COSTS}
    name = selection.pick_one("Cost", list(words), default=COSTS[0].name, words=words, key="cost")
    title = f"Gain in {found.figure.title} of every setting by {words[name]}"
    take.chart(cost_figure(found, cost_named(name), costs), take.Of("cost", title, said=take.SOUND), key="cost_gain")
    for sentence in not_drawn(found, cost_named(name), costs):
        st.caption(notices.plain(sentence))
    with st.expander("As a table", icon=":material/table:"):
        take.table(cost_table(found, costs), take.Of("costs", "What gains cost", said=take.SOUND))
