"""Cached functions of the page of claims. A ledger is a key by its file and the time of its last change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.claims.claim import Claim
from core.claims.figures import ClaimFigure
from core.claims.ledger import Ledger
from core.claims.store import claims_of, ledger_path, maps_of, read_ledger
from core.claims.variants import askable_figures
from core.claims.variants import unasked as claims_unasked
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


def unasked(study: Study, claims: Sequence[Claim]) -> dict[str, str]:
    """What the study lacks, by the name of each claim that it cannot be asked."""
    return claims_unasked(study, claims, maps_of(study))


def figures(study: Study) -> tuple[ClaimFigure, ...]:
    """The figures that a claim about the study may compare."""
    return askable_figures(study, maps_of(study))


def place(study: Study) -> tuple[tuple[Claim, ...], Path]:
    """The claims of a study, and where its ledger is kept. Raises ClaimError."""
    claims = claims_of(study)
    return claims, ledger_path(study, claims)
