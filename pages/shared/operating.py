"""The thresholds that a reader works with: where they started, where they were frozen, where they stand.

They live in the session, one set a study and setting, so that every page can ask for them, and in the address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st

from core.errors import CoreError
from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.links import decode_thresholds, encode_thresholds
from pages.shared import cache
from pages.shared.selection import SPLIT_WORDS
from pages.shared.working_thresholds import Operating, all_same, begin, frozen, imported, moved, unfrozen

__all__ = [
    "Operating",
    "begin",
    "current",
    "current_decisions",
    "fitted",
    "frozen",
    "imported",
    "keep",
    "moved",
    "refused",
    "remember_policy",
    "unfrozen",
    "write_address",
]

DEFAULT_POLICY: Final = "max-f1"
_ADDRESS: Final = "thresholds"
_POLICY, _PARAMETER = "policy", "policy_at"
_REFUSED: Final = "operating-refused"
_AT_START, _SEPARATOR, _EXPLORED = "start", "~", "on-"


def _key(study: Study, setting: str) -> str:
    return f"operating-{study.scores_fingerprint(setting)}-{setting}"


def current(study: Study, setting: str) -> Operating:
    """The thresholds of a setting: those of this session, else those of the address, else fitted on validation."""
    key = _key(study, setting)
    if key not in st.session_state:
        st.session_state[key] = _asked(study, setting)
    kept: Operating = st.session_state[key]
    return kept


def current_decisions(study: Study, setting: str) -> ThresholdSet:
    """The thresholds that decide films now, for any page: `.rule().decide(scores)`, `.array()` in class order."""
    return current(study, setting).as_set()


def keep(study: Study, setting: str, operating: Operating) -> None:
    """Makes these the setting's thresholds."""
    st.session_state[_key(study, setting)] = operating


def fitted(study: Study, setting: str, policy: str, parameter: float | None = None) -> ThresholdSet:
    """The set to start from; where validation films are missing and the scores have no cut, fitted on all, marked."""
    start = cache.fitted(study, setting, policy, parameter=parameter)
    return start if start.is_defined else cache.fitted(study, setting, policy, parameter=parameter, exploratory=True)


def remember_policy(policy: str, parameter: float | None) -> None:
    """Keeps the policy in the address, unless it is what the address means without it."""
    for name, value, default in ((_POLICY, policy, DEFAULT_POLICY), (_PARAMETER, parameter, None)):
        if value == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = str(value)


def _asked(study: Study, setting: str) -> Operating:
    """What the address asks for; what it does not say is fitted on validation."""
    policy, text = st.query_params.get(_POLICY, DEFAULT_POLICY), st.query_params.get(_ADDRESS, "")
    try:
        parameter = st.query_params.get(_PARAMETER)
        start = fitted(study, setting, policy, None if parameter is None else float(parameter))
    except (CoreError, ValueError):
        start = fitted(study, setting, DEFAULT_POLICY)
    operating = begin(start, epoch=f"{setting}-{start.policy}")
    place, *parts = text.split(_SEPARATOR)
    if place != _place(study, setting) or not parts:
        return operating
    try:
        return _from_address(operating, study.scores_fingerprint(setting), parts)
    except CoreError as error:
        st.session_state[_REFUSED] = error
        return operating


def _place(study: Study, setting: str) -> str:
    """How the address names the setting whose thresholds it holds."""
    return str(study.settings.index(setting))


def _from_address(operating: Operating, fingerprint: str, parts: Sequence[str]) -> Operating:
    """parts : current thresholds, then maybe the frozen ones, then maybe on which split they were explored."""

    def read(part: str) -> tuple[float, ...]:
        return tuple(map(float, decode_thresholds(part, fingerprint, len(operating.values))))

    current_values, *marks = parts
    held = [part for part in marks if not part.startswith(_EXPLORED)]
    explored = [part.removeprefix(_EXPLORED) for part in marks if part.startswith(_EXPLORED)]
    frozen_values = None if not held else operating.values if held[0] == _AT_START else read(held[0])
    return replace(
        operating,
        values=read(current_values),
        frozen=frozen_values,
        explored_on=next((split for split in explored if split in SPLIT_WORDS), None),
        epoch=f"{operating.epoch}-link",
    )


def write_address(study: Study, setting: str, operating: Operating) -> None:
    """Keeps the thresholds in the address, in one parameter; nothing where they stand where they started."""
    if operating.frozen is None and not operating.n_moved:
        st.query_params.pop(_ADDRESS, None)
        return
    fingerprint = study.scores_fingerprint(setting)
    parts = [_place(study, setting), encode_thresholds(fingerprint, np.array(operating.values))]
    if operating.frozen is not None:
        is_start = not operating.is_imported and all_same(operating.frozen, operating.start.array())
        parts.append(_AT_START if is_start else encode_thresholds(fingerprint, np.array(operating.frozen)))
    text = _SEPARATOR.join([*parts, *([_EXPLORED + operating.explored_on] if operating.explored_on else [])])
    if st.query_params.get(_ADDRESS) != text:
        st.query_params[_ADDRESS] = text


def refused() -> CoreError | None:
    """What was wrong with the thresholds of the address, said once."""
    error: CoreError | None = st.session_state.pop(_REFUSED, None)
    return error
