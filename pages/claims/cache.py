"""Cached functions of the page of claims. A ledger is a key by its file and the time of its last change; what a study
lacks hangs on its table of maps too, whose last change is asked for each time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.claims.claim import Claim
from core.claims.figures import ClaimFigure
from core.claims.ledger import Ledger
from core.claims.store import claims_of, ledger_path, read_ledger
from core.claims.variants import askable_figures
from core.claims.variants import unasked as claims_unasked
from core.claims.written import claim_to_json
from core.saliency.localization.store import stamp
from core.study import Study
from pages.shared.cache import STUDY_KEY, maps_table


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
    return _unasked(study, stamp(study), json.dumps(list(map(claim_to_json, claims))), claims)


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def _unasked(study: Study, changed: int, asked: str, _claims: Sequence[Claim]) -> dict[str, str]:
    return claims_unasked(study, _claims, maps_table(study))


def figures(study: Study) -> tuple[ClaimFigure, ...]:
    """The figures that a claim about the study may compare."""
    return _figures(study, stamp(study))


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def _figures(study: Study, changed: int) -> tuple[ClaimFigure, ...]:
    return askable_figures(study, maps_table(study))


def place(study: Study) -> tuple[tuple[Claim, ...], Path]:
    """The claims of a study, and where its ledger is kept. Raises ClaimError."""
    claims = claims_of(study)
    return claims, ledger_path(study, claims, maps_table(study))
