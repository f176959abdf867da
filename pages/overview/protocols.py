"""As published beside sound: the switch on the overview, and what it shows."""

from __future__ import annotations

import streamlit as st

from core.figures.results_table import results_table, sweep_table
from core.paper.differences import protocol_differences
from core.report.settings import Protocol
from core.study import Study
from pages.shared import cache, notices, selection, take


def switch() -> bool:
    """Whether both protocols are to be shown; `beside=1` in the address asks for it."""
    return selection.pick_toggle("As published beside sound", key="beside")


def other_table(study: Study, split: str, shown: Protocol) -> None:
    """The results under the protocol that is not shown."""
    other: Protocol = "sound" if shown == "paper" else "paper"
    st.markdown(f"**The same films, {'sound' if other == 'sound' else 'as published'}**")
    settings = cache.report(study, split, other).settings
    of = take.Of(f"results-{other}", "The same films", split=split, said=take.PROTOCOLS[other])
    take.table(results_table({name: row.overall for name, row in settings.items()}), of)


def differences(study: Study, split: str) -> None:
    """Every difference with what it does to this study, and the paper's sweep."""
    paper, sound = (cache.report(study, split, protocol) for protocol in ("paper", "sound"))
    st.markdown("**What differs, and what it does to the numbers of this study** (as published → sound)")
    for entry in protocol_differences(study, paper, sound):
        st.markdown(f"- **{entry.title}.** {notices.plain(entry.words)}  \n  :material/arrow_forward: {entry.effect}")
    if steps := cache.sweep(study, split):
        with st.expander("Zero-shot at the published cuts, 0.20 to 0.90", icon=":material/swap_vert:"):
            st.markdown(
                "Each film's scores are scaled to 0..1 on their own; one cut serves all classes. Choosing the best row "
                "on the films that it is read on flatters it."
            )
            take.table(sweep_table(steps), take.Of("sweep", "Zero-shot at the published cuts", split=split))
