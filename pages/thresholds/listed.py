"""What films stand beside the deck: in the session, in the address, and as rows of the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import streamlit as st

from core.metrics.arrays import IntArray
from core.metrics.classification import OUTCOME_TITLES
from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.listed_films import CELLS, OUTCOME_OF_CELL, SETTLED, film_outcomes, listed_films
from pages.shared import selection
from pages.shared.working_thresholds import WorkingThresholds

_KEPT: Final = "listed"
_CHANGED: Final = "changed"
_USUAL: Final = CELLS[0]
_KINDS: Final = (*CELLS, *SETTLED, _CHANGED)


def asked() -> str:
    """What the pane begins with: what this session looks at, else what the address asks for."""
    kept = st.session_state.get(_KEPT, st.query_params.get(_KEPT))
    keep(kept if kept in _KINDS else _USUAL)
    return str(st.session_state[_KEPT])


def keep(kind: str) -> None:
    """Keeps it, in the address too."""
    st.session_state[_KEPT] = kind
    selection.write(_KEPT, None if kind == _USUAL else kind)


def take(study: Study, event: Any) -> None:
    """What the deck sends when a count is clicked: its kind and its class."""
    if isinstance(event, Mapping) and event.get("kind") in _KINDS and event.get("finding") in study.classes:
        keep(event["kind"])
        st.session_state["finding"] = event["finding"]


def rows_of(study: Study, split: str, now: WorkingThresholds, event: Any) -> IntArray | None:
    """Rows of all films of a list of the pane; None where it names none. thumb : the cut whose moves are listed."""
    if not isinstance(event, Mapping) or event.get("finding") not in study.classes:
        return None
    finding, kind = event["finding"], event.get("kind")
    if kind == _CHANGED:
        above = ("ruled_in",) if event.get("thumb") == "upper" else ("found", "false_alarms")

        def called(chosen: ThresholdSet) -> IntArray:
            return np.concatenate([listed_films(study, split, chosen, finding, one) for one in above])

        return np.setxor1d(called(now.as_set()), called(now.reference_set()))
    return listed_films(study, split, now.as_set(), finding, kind) if kind in _KINDS else None


def group_of(study: Study, split: str, now: WorkingThresholds, event: Mapping[str, Any], rows: IntArray) -> str | None:
    """The group of the map's legend that has these films of a list and no others; None where there is none."""
    outcome = OUTCOME_OF_CELL.get(str(event.get("kind")))
    if outcome is None or not len(rows):
        return None
    films = study.rows(split)
    found = np.array(film_outcomes(study, now.as_set(), event["finding"], films)) == outcome
    return OUTCOME_TITLES[outcome] if np.array_equal(np.sort(films[found]), np.sort(rows)) else None
