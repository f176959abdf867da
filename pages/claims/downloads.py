"""The ledger to carry away."""

from __future__ import annotations

import json

import streamlit as st

from core.claims.ledger import Ledger
from core.claims.verdict import claims_json
from core.exports.claims import claims_csv, claims_latex
from core.exports.methods import claims_paragraph
from pages.shared import take


def show(ledger: Ledger) -> None:
    """Every variant, all verdicts, and how they were found, as files."""
    files = (
        ("claims.csv", "Every variant as CSV", "text/csv", lambda: claims_csv(ledger)),
        ("claims.tex", "Verdicts as LaTeX", "text/plain", lambda: claims_latex(ledger)),
        ("claims.json", "Verdicts as JSON", "application/json", lambda: json.dumps({"claims": claims_json(ledger)})),
        ("methods.txt", "Methods", "text/plain", lambda: claims_paragraph(ledger)),
    )
    with st.container(horizontal=True):
        for name, title, mime, make in files:
            st.download_button(
                title,
                make,
                file_name=take.file_name("", "", name),
                mime=mime,
                key=f"claims-{name}",
                icon=":material/download:",
                on_click="ignore",
            )
