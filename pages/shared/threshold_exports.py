"""What a reader carries away: the set, the numbers, a report, a notebook, a link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from core.exports.html import html_report
from core.exports.notebook import notebook
from core.exports.tables import metrics_csv, metrics_latex
from core.exports.thresholds import threshold_json
from core.study import Study
from core.thresholds import ThresholdSet
from pages.shared import operating, selection, studies

Sets = Mapping[str, ThresholdSet]

_FILES: Final[tuple[tuple[str, str, str, Callable[[Study, str, Sets], str]], ...]] = (
    ("thresholds.json", "Thresholds", "application/json", threshold_json),
    ("metrics.csv", "Figures as CSV", "text/csv", metrics_csv),
    ("metrics.tex", "Figures as LaTeX", "text/plain", metrics_latex),
    ("report.html", "Report (HTML, opens offline)", "text/html", html_report),
    ("thresholds.ipynb", "Notebook", "application/x-ipynb+json", notebook),
)
"""File name, what it is, its type, and what writes it. To offer one more, add a line."""


def show(study: Study, setting: str, split: str) -> None:
    """The downloads, and the view as a link."""
    sets = {setting: operating.current_decisions(study, setting) for setting in study.settings}
    if any(chosen.is_exploratory for chosen in sets.values()):
        st.caption(":material/explore: Exploratory thresholds are marked so in every one of these files.")
    with st.container(horizontal=True):
        for name, title, kind, make in _FILES:
            st.download_button(
                title,
                lambda make=make: make(study, split, sets),  # type: ignore[misc]
                file_name=name,
                mime=kind,
                key=f"carry-{name}",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption("This view as a link: study, setting, films, class, thresholds, and film.")
    st.code(link(study, setting, split), language=None, wrap_lines=True)


def link(study: Study, setting: str, split: str) -> str:
    """The address of this view, with everything in it, what is usual too."""
    address = (st.context.url or "").split("?")[0]
    here = {"study": st.session_state.get(studies.PICKED), "setting": setting, "read_on": split}
    held = {name: st.query_params[name] for name in st.query_params}
    return f"{address}?{urlencode({**here, 'finding': selection.finding_of(study), **held})}"
