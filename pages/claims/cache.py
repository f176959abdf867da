"""Cached functions of the page of claims. A ledger is a key by its file and the time of its last change."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.claims.claim import Claim
from core.claims.ledger import Ledger
from core.claims.store import claims_of, ledger_path, read_ledger
from core.study import Study


def ledger(path: Path) -> Ledger | None:
    """What is known of a study's claims so far; None where nothing is."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    return _ledger(str(path), changed)


@st.cache_resource(max_entries=6, show_spinner=False)
def _ledger(path: str, changed: int) -> Ledger | None:
    return read_ledger(Path(path))


def place(study: Study) -> tuple[tuple[Claim, ...], Path]:
    """The claims of a study, and where its ledger is kept. Raises ClaimError."""
    claims = claims_of(study)
    return claims, ledger_path(study, claims)
