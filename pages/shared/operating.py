"""The thresholds that a reader works with: where they started, where they were frozen, where they stand.

They live in the session, one set a study and setting, so that every page can ask for them, and in the address.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.errors import CoreError
from core.study import Study
from core.thresholds import POLICIES, ThresholdSet
from pages.shared import cache
from pages.shared.selection import SPLIT_WORDS
from pages.shared.threshold_address import read_marks, written_marks
from pages.shared.working_thresholds import (
    WorkingThresholds,
    begin,
    begin_exploring,
    carried,
    frozen,
    imported,
)

DEFAULT_POLICY: Final = "max-f1"
_ADDRESS: Final = "thresholds"
_POLICY, _PARAMETER, _CONFIDENCE, _CHOSEN_ON = "policy", "policy_at", "policy_sure", "policy_on"
_REFUSED: Final = "operating-refused"
_SEPARATOR: Final = "~"


def _key(study: Study, setting: str) -> str:
    return f"operating-{study.scores_fingerprint(setting)}-{setting}"


def current(study: Study, setting: str) -> WorkingThresholds:
    """The thresholds of a setting: those of this session, else those of the address, else fitted on validation."""
    key = _key(study, setting)
    if key not in st.session_state:
        st.session_state[key] = _asked(study, setting)
    kept: WorkingThresholds = st.session_state[key]
    return kept


def current_decisions(study: Study, setting: str) -> ThresholdSet:
    """The thresholds that decide films now, for any page: `.rule().decide(scores)`, `.array()` in class order."""
    return current(study, setting).as_set()


def keep(study: Study, setting: str, operating: WorkingThresholds) -> None:
    """Makes these the setting's thresholds."""
    st.session_state[_key(study, setting)] = operating


def carry(before: Study, after: Study) -> None:
    """Takes every setting's thresholds along when labels are read otherwise: fitted ones are fitted anew by the same
    policy, those that were moved, frozen or imported stay where they are."""
    for setting in before.settings:
        if (kept := st.session_state.get(_key(before, setting))) is not None:
            start = fitted(after, setting, *policy_of(kept.start))
            st.session_state[_key(after, setting)] = carried(kept, start, cache.films_of(after, "val"))


Chosen = tuple[str, float | None, float | None]
"""A policy with its number and its confidence, None = its own."""


def policy_of(start: ThresholdSet) -> Chosen:
    """What fits such a set again; the usual policy where a set is of none."""
    known = start.policy in [policy.name for policy in POLICIES]
    return (start.policy, start.parameter, start.confidence) if known else (DEFAULT_POLICY, None, None)


def fitted(
    study: Study, setting: str, policy: str, parameter: float | None = None, confidence: float | None = None
) -> ThresholdSet:
    """The set to start from; where validation films are missing and the scores have no cut, fitted on all, marked."""
    start = cache.fitted(study, setting, policy, parameter, confidence)
    return start if start.is_defined else cache.fitted(study, setting, policy, parameter, confidence, exploratory=True)


def taken(study: Study, chosen: ThresholdSet, *, epoch: str) -> WorkingThresholds:
    """A set from a file, frozen. Where its policy gives the same here, an address need only name the policy."""
    if chosen.policy in [policy.name for policy in POLICIES]:
        again = fitted(study, chosen.setting, chosen.policy, chosen.parameter, chosen.confidence)
        are_same = again.values == chosen.values and again.uppers == chosen.uppers
        if are_same and again.is_exploratory == chosen.is_exploratory:
            return frozen(begin(again, epoch=epoch))
    return imported(chosen, epoch=epoch)


def _asked(study: Study, setting: str) -> WorkingThresholds:
    """What the address asks for; what it does not say is fitted on validation."""
    opened = _policy_asked(study, setting)
    place, *parts = st.query_params.get(_ADDRESS, "").split(_SEPARATOR)
    if place != _place(study, setting) or not parts:
        return opened
    try:
        return read_marks(study, setting, opened, parts)
    except CoreError as error:
        st.session_state[_REFUSED] = error
        return opened


def _policy_asked(study: Study, setting: str) -> WorkingThresholds:
    """The policy of the address, exploratory where it was chosen while looking at films other than val."""
    usual = fitted(study, setting, DEFAULT_POLICY)
    try:
        numbers = [st.query_params.get(name) for name in (_PARAMETER, _CONFIDENCE)]
        policy = st.query_params.get(_POLICY, DEFAULT_POLICY)
        start = fitted(study, setting, policy, *(None if one is None else float(one) for one in numbers))
    except (CoreError, ValueError):
        start = usual
    epoch, split = f"{setting}-{start.policy}", st.query_params.get(_CHOSEN_ON)
    if split in SPLIT_WORDS and split != "val" and not start.is_exploratory:
        return begin_exploring(start, usual, split, epoch=epoch)
    return begin(start, epoch=epoch)


def _place(study: Study, setting: str) -> str:
    """How the address names the setting whose thresholds it holds."""
    return str(study.settings.index(setting))


def write_address(study: Study, setting: str, operating: WorkingThresholds) -> None:
    """Keeps a setting's thresholds in the address: its policy; in one parameter what was moved, frozen, imported."""
    start = operating.start
    is_policy = start.policy in [policy.name for policy in POLICIES] and not operating.is_imported
    _write(_POLICY, start.policy if is_policy and start.policy != DEFAULT_POLICY else None)
    for name, number in ((_PARAMETER, start.parameter), (_CONFIDENCE, start.confidence)):
        _write(name, str(number) if is_policy and number is not None else None)
    _write(_CHOSEN_ON, operating.started_on)
    marks = written_marks(study, setting, operating)
    _write(_ADDRESS, _SEPARATOR.join([_place(study, setting), *marks]) if marks else None)


def _write(name: str, value: str | None) -> None:
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def refused() -> CoreError | None:
    """What was wrong with the thresholds of the address, said once."""
    error: CoreError | None = st.session_state.pop(_REFUSED, None)
    return error
