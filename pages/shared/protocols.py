"""As published beside sound: the switch on the overview, and what it shows."""

from __future__ import annotations

import streamlit as st

from core.figures.results_table import results_table
from core.paper_sweep import sweep_table
from core.protocol_differences import differences_table, protocol_differences
from core.study import Study
from pages.shared import cache, notices


def switch() -> bool:
    """Whether both protocols are to be shown; `beside=1` in the address asks for it."""
    asked = st.query_params.get("beside") == "1"
    return st.toggle("As published beside sound", asked, key="beside", persist_state="session")


def beside(study: Study, split: str) -> None:
    """Both results tables of a study, every difference with what it does here, and the paper's sweep."""
    paper, sound = (cache.report(study, split, protocol) for protocol in ("paper", "sound"))
    for title, report in (("As published", paper), ("Sound", sound)):
        st.markdown(f"**{title}**")
        notices.table(results_table({name: row.overall for name, row in report.settings.items()}))
    st.markdown("**What differs, and what it does to the numbers of this study**")
    notices.table(differences_table(protocol_differences(study, paper, sound)))
    if steps := cache.sweep(study, split):
        with st.expander("Zero-shot at the published cuts, 0.20 to 0.90", icon=":material/swap_vert:"):
            st.markdown(
                "Each film's scores are scaled to 0..1 on their own; one cut serves all classes. Choosing the best row "
                "on the films that it is read on flatters it."
            )
            notices.table(sweep_table(steps))
