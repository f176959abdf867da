"""The thresholds that a reader works with: where they started, where they were frozen, where they stand.

They live in the session, one set a study and setting, so that every page can ask for them, and in the address.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.errors import CoreError
from core.study import Study
from core.thresholds import POLICIES, ThresholdSet
from pages.shared import cache, notices
from pages.shared.threshold_address import AskedPolicy, read_policy, read_values, written_parts
from pages.shared.working_thresholds import (
    WorkingThresholds,
    begin,
    begin_exploring,
    frozen,
    imported,
)

DEFAULT_POLICY: Final = "max-f1"
_ADDRESS: Final = "thresholds"
"""In the address, once for each setting whose thresholds are not the usual ones: its place, then its parts."""
_LINKED: Final = "operating-linked"
_SEPARATOR: Final = "~"


def _key(study: Study, setting: str) -> str:
    return f"operating-{study.scores_fingerprint(setting)}-{setting}"


def current(study: Study, setting: str) -> WorkingThresholds:
    """The thresholds of a setting: those of this session, which begins with the address's, else the usual ones."""
    key = _key(study, setting)
    if key not in st.session_state:
        st.session_state[key] = _opened(study, setting, AskedPolicy())
    kept: WorkingThresholds = st.session_state[key]
    return kept


def current_decisions(study: Study, setting: str) -> ThresholdSet:
    """The thresholds that decide films now, for any page: `.rule().decide(scores)`, `.array()` in class order."""
    return current(study, setting).as_set()


def keep(study: Study, setting: str, operating: WorkingThresholds) -> None:
    """Makes these the setting's thresholds."""
    st.session_state[_key(study, setting)] = operating


def fitted(study: Study, setting: str, policy: str, parameter: float | None = None) -> ThresholdSet:
    """The set to start from; where validation films are missing and the scores have no cut, fitted on all, marked."""
    start = cache.fitted(study, setting, policy, parameter=parameter)
    return start if start.is_defined else cache.fitted(study, setting, policy, parameter=parameter, exploratory=True)


def taken(study: Study, chosen: ThresholdSet, *, epoch: str) -> WorkingThresholds:
    """A set from a file, frozen. Where its policy gives the same here, an address need only name the policy."""
    if chosen.policy in [policy.name for policy in POLICIES]:
        again = fitted(study, chosen.setting, chosen.policy, chosen.parameter)
        if again.values == chosen.values and again.is_exploratory == chosen.is_exploratory:
            return frozen(begin(again, epoch=epoch))
    return imported(chosen, epoch=epoch)


def carry(study: Study) -> None:
    """Take the thresholds that a session's first address brings, and write them into the address as they stand now.

    Every page does, so that its address decides films at another desk as it does here.
    """
    if _LINKED not in st.session_state:
        st.session_state[_LINKED] = True
        for entry in st.query_params.get_all(_ADDRESS):
            _take(study, *entry.split(_SEPARATOR))
    write_address(study)


def _take(study: Study, place: str, *parts: str) -> None:
    """One setting's thresholds from the address; says so where they cannot be taken."""
    try:
        setting = _setting_at(study, place)
        keep(study, setting, read_values(study, setting, _opened(study, setting, read_policy(parts)), parts))
    except CoreError as error:
        notices.show_error(error, title="The thresholds of this link were not taken")


def _setting_at(study: Study, place: str) -> str:
    """The setting of a place. Raises CoreError where the study has none there."""
    settings = {str(number): setting for number, setting in enumerate(study.settings)}
    if place not in settings:
        raise CoreError(
            f"The link holds thresholds of setting {place!r}, and the study has {len(settings)}, counted from 0.",
            remedy="Open the study that the link was made in, or copy the link again.",
        )
    return settings[place]


def _opened(study: Study, setting: str, asked: AskedPolicy) -> WorkingThresholds:
    """A policy's thresholds, exploratory where it was chosen while looking at films other than val."""
    start = fitted(study, setting, asked.name or DEFAULT_POLICY, asked.parameter)
    epoch, split = f"{setting}-{start.policy}", asked.picked_on
    if split is not None and split != "val" and not start.is_exploratory:
        return begin_exploring(start, fitted(study, setting, DEFAULT_POLICY), split, epoch=epoch)
    return begin(start, epoch=epoch)


def write_address(study: Study) -> None:
    """Write into the address what this session chose, moved, froze and imported, of every setting."""
    entries = []
    for place, setting in enumerate(study.settings):
        kept: WorkingThresholds | None = st.session_state.get(_key(study, setting))
        parts = [] if kept is None else written_parts(study, setting, kept, usual=DEFAULT_POLICY)
        entries += [_SEPARATOR.join([str(place), *parts])] if parts else []
    if not entries:
        st.query_params.pop(_ADDRESS, None)
    elif st.query_params.get_all(_ADDRESS) != entries:
        st.query_params[_ADDRESS] = entries
