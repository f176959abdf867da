"""What a reader carries away: the set, the numbers, a report, a notebook, a link."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from core.exports.notebook import notebook
from core.exports.tables import metrics_csv, metrics_latex
from core.exports.thresholds import threshold_json
from core.study import Study
from pages.shared import operating, selection, studies
from pages.shared.downloads import REPORT, Download, offer, say_exploratory

_FILES: Final = (
    Download("thresholds.json", "Thresholds", "application/json", threshold_json),
    Download("metrics.csv", "Figures as CSV", "text/csv", metrics_csv),
    Download("metrics.tex", "Figures as LaTeX", "text/plain", metrics_latex),
    REPORT,
    Download("thresholds.ipynb", "Notebook", "application/x-ipynb+json", notebook),
)
"""To offer one more, add a line."""


def show(study: Study, setting: str, split: str) -> None:
    """The downloads, and the view as a link."""
    sets = {setting: operating.current_decisions(study, setting) for setting in study.settings}
    say_exploratory(sets, beside_locked=operating.beside_locked(study))
    offer(_FILES, study, split, sets, key="carry")
    st.caption("This view as a link: study, setting, films, class, thresholds, and film.")
    st.code(link(study, setting, split), language=None, wrap_lines=True)


def link(study: Study, setting: str, split: str) -> str:
    """The address of this view, with everything in it, what is usual too."""
    address = (st.context.url or "").split("?")[0]
    here = {"study": st.session_state.get(studies.PICKED), "setting": setting, "read_on": split}
    held = {name: st.query_params.get_all(name) for name in st.query_params}
    return f"{address}?{urlencode({**here, 'finding': selection.finding_of(study), **held}, doseq=True)}"
