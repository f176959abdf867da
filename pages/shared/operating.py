"""The thresholds that a reader works with: where they started, where they were frozen, where they stand.

They live in the session, one set a study and setting, so that every page can ask for them, and in the address.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.errors import CoreError
from core.study import Study
from core.thresholds import POLICIES, ThresholdSet
from pages.shared import cache, notices
from pages.shared.cache import DEFAULT_POLICY
from pages.shared.threshold_address import (
    AskedPolicy,
    is_of_turned,
    read_policy,
    read_values,
    require_labels,
    written_parts,
)
from pages.shared.working_thresholds import (
    WorkingThresholds,
    begin,
    begin_exploring,
    carried,
    frozen,
    imported,
)

_ADDRESS: Final = "thresholds"
"""In the address, once for each setting whose thresholds are not the usual ones: its place, then its parts."""
_LINKED: Final = "operating-linked"
_WAITING, _ELSEWHERE = "operating-waiting", "operating-elsewhere"
"""What the first address says of labels that are read otherwise, until it is taken; and what the address says of such
labels now: pages that read them as written carry it along."""
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


def beside_locked(study: Study) -> list[str]:
    """The settings whose locked thresholds stand while others decide."""
    return [setting for setting in study.settings if current(study, setting).is_beside_frozen]


def next_epoch(setting: str) -> str:
    """The name of one more start in this session."""
    number = st.session_state.get("operating-starts", 0) + 1
    st.session_state["operating-starts"] = number
    return f"{setting}-{number}"


def keep(study: Study, setting: str, operating: WorkingThresholds) -> None:
    """Makes these the setting's thresholds."""
    st.session_state[_key(study, setting)] = operating


def carried_to(before: Study, after: Study, setting: str) -> WorkingThresholds:
    """What becomes of a setting's thresholds where labels are read otherwise: fitted ones are fitted anew by the same
    policy, those that were moved, frozen or imported stay where they are."""
    kept = current(before, setting)
    return carried(kept, fitted(after, setting, *policy_of(kept.start)), cache.films_of(after, "val"))


def carry_over(before: Study, after: Study) -> None:
    """Takes every setting's thresholds along when labels are read otherwise, as `carried_to` has them; they replace
    what an address still held."""
    for name in (_WAITING, _ELSEWHERE):
        st.session_state.pop(f"{name}-{before.root}", None)
    for setting in before.settings:
        if _key(before, setting) in st.session_state:
            keep(after, setting, carried_to(before, after, setting))


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


def carry(study: Study) -> None:
    """Take the thresholds that a session's first address brings, and write them into the address as they stand now.

    Every page does, so that its address decides films at another desk as it does here. A page that turns the study
    does it once more, with the study as it reads labels: until then what is of those labels waits.
    """
    if _LINKED not in st.session_state:
        st.session_state[_LINKED] = True
        asked = st.query_params.get_all(_ADDRESS)
        for name in (_WAITING, _ELSEWHERE):
            st.session_state[f"{name}-{study.root}"] = [entry for entry in asked if _is_of_turned(entry)]
        for entry in asked:
            if not _is_of_turned(entry):
                _take(study, *entry.split(_SEPARATOR))
    if study.position is not None:
        for entry in st.session_state.pop(f"{_WAITING}-{study.root}", []):
            _take(study, *entry.split(_SEPARATOR))
    write_address(study)


def _is_of_turned(entry: str) -> bool:
    return is_of_turned(entry.split(_SEPARATOR))


def _take(study: Study, place: str, *parts: str) -> None:
    """One setting's thresholds from the address; says so where they cannot be taken."""
    try:
        setting = _setting_at(study, place)
        require_labels(study, setting, parts)
        keep(study, setting, read_values(study, setting, _opened(study, setting, read_policy(parts)), parts))
    except CoreError as error:
        notices.show_error(error, title="The thresholds of this link were not taken")


def sets_of_link(study: Study, entries: Sequence[str]) -> dict[str, ThresholdSet]:
    """Every setting's thresholds as the entries of an address have them, and this session's stay as they are.

    Raises CoreError where an entry cannot be taken; those of labels that are read otherwise are left out.
    """
    found = {setting: _opened(study, setting, AskedPolicy()) for setting in study.settings}
    for place, *parts in (entry.split(_SEPARATOR) for entry in entries if not _is_of_turned(entry)):
        setting = _setting_at(study, place)
        found[setting] = read_values(study, setting, _opened(study, setting, read_policy(parts)), parts)
    return {setting: one.as_set() for setting, one in found.items()}


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
    start = fitted(study, setting, asked.name or DEFAULT_POLICY, asked.parameter, asked.confidence)
    epoch, split = f"{setting}-{start.policy}", asked.picked_on
    if split is not None and split != "val" and not start.is_exploratory:
        return begin_exploring(start, fitted(study, setting, DEFAULT_POLICY), split, epoch=epoch)
    return begin(start, epoch=epoch)


def write_address(study: Study) -> None:
    """Write into the address what this session chose, moved, froze and imported, of every setting.

    What is said there of the labels as written and of the labels as they are read now stands side by side.
    """
    own = []
    for place, setting in enumerate(study.settings):
        kept: WorkingThresholds | None = st.session_state.get(_key(study, setting))
        parts = [] if kept is None else written_parts(study, setting, kept, usual=DEFAULT_POLICY)
        own += [_SEPARATOR.join([str(place), *parts])] if parts else []
    before, elsewhere = st.query_params.get_all(_ADDRESS), f"{_ELSEWHERE}-{study.root}"
    if study.position is not None:
        st.session_state[elsewhere] = own
        own = [entry for entry in before if not _is_of_turned(entry)]
    entries = [*own, *st.session_state.get(elsewhere, [])]
    if not entries:
        st.query_params.pop(_ADDRESS, None)
    elif before != entries:
        st.query_params[_ADDRESS] = entries
