"""Where thresholds start: fitted by a policy on validation films, or read from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.errors import CoreError
from core.study import Study
from core.thresholds import POLICIES, Parameter, ThresholdSet
from core.thresholds.files import for_study, read_threshold_file
from pages.shared import notices, operating, working_thresholds

_POLICIES: Final = {policy.name: policy for policy in POLICIES}


def pick(study: Study, setting: str, split: str) -> ThresholdSet:
    """The set that the deck starts from; a new policy or file begins anew. split : the films that are looked at."""
    chosen = operating.current(study, setting)
    policy = _POLICIES.get(chosen.start.policy)
    title = _words(chosen.start.policy) if policy is None else policy.title
    with st.popover(f"Thresholds: {title}", icon=":material/flag:", help="How thresholds begin, or a file of them"):
        _policy(study, setting, split, chosen)
        _parameter(study, setting, split, chosen)
        _upload(study, setting)
    return chosen.start


def _policy(study: Study, setting: str, split: str, chosen: working_thresholds.WorkingThresholds) -> None:
    names = list(_POLICIES)
    here = chosen.start.policy
    is_cut = here in ("natural-cut", "none")
    words = {name: policy.title for name, policy in _POLICIES.items()}
    if here not in names:
        names, words = [here, *names], {**words, here: _words(here)}
    key = f"policy-{study.fingerprint}-{setting}-{chosen.epoch}"
    st.selectbox(
        "Choose thresholds by",
        names,
        names.index(here),
        format_func=words.__getitem__,
        key=key,
        width=330,
        on_change=lambda: _begin(study, setting, split, st.session_state[key]),
        help="How each class's threshold is fitted on the validation films. A new one begins anew, "
        "and counts as exploratory where it is chosen while other films are read.",
        disabled=is_cut or chosen.frozen is not None,
    )
    if chosen.frozen is not None:
        st.caption("These are locked. Unlock to begin anew by another rule.")


def _words(policy: str) -> str:
    known = {"natural-cut": "The middle of the scores", "none": "No threshold", "by-hand": "Set by hand, from a file"}
    return known.get(policy, "From a file")


def _parameter(study: Study, setting: str, split: str, chosen: working_thresholds.WorkingThresholds) -> None:
    """The numbers of a policy that has any: its parameter, and how sure a promise is to be kept."""
    policy = _POLICIES.get(chosen.start.policy)
    if policy is None:
        return
    asked = (
        ("parameter", policy.parameter, chosen.start.parameter),
        ("sure", policy.confidence, chosen.start.confidence),
    )
    keys = {name: f"{name}-{study.fingerprint}-{setting}-{chosen.epoch}" for name, number, _ in asked if number}

    def begin() -> None:
        numbers = {name: float(st.session_state[key]) for name, key in keys.items()}
        _begin(study, setting, split, policy.name, numbers.get("parameter"), numbers.get("sure"))

    for name, number, now in asked:
        if number is not None:
            _number(number, now, keys[name], begin, is_locked=chosen.frozen is not None)


def _number(asked: Parameter, now: float | None, key: str, on_change: Callable[[], None], *, is_locked: bool) -> None:
    """A field for one number of a policy."""
    here = asked.default if now is None else now
    low, high, value = (int(one) if asked.is_whole else float(one) for one in (asked.low, asked.high, here))
    step, form = (1, "%d") if asked.is_whole else (0.01, "%g")
    st.number_input(
        f"{asked.words[0].upper()}{asked.words[1:]}",
        min_value=low,
        max_value=high,
        value=value,
        step=step,
        format=form,
        key=key,
        width=330,
        on_change=on_change,
        disabled=is_locked,
    )


def _begin(
    study: Study,
    setting: str,
    split: str,
    policy: str,
    parameter: float | None = None,
    confidence: float | None = None,
) -> None:
    """Starts anew from a policy; exploratory where films other than val are looked at."""
    if policy not in _POLICIES:
        return
    start, now = operating.fitted(study, setting, policy, parameter, confidence), operating.current(study, setting)
    operating.keep(study, setting, working_thresholds.restarted(now, start, split, epoch=operating.next_epoch(setting)))


def _upload(study: Study, setting: str) -> None:
    """Takes thresholds.json in, or says in words why not."""
    content = st.file_uploader("Thresholds from a file (thresholds.json)", type="json", key="threshold-file")
    if content is None:
        st.session_state.pop("threshold-file-taken", None)
        return
    if st.session_state.get("threshold-file-taken") == content.file_id:
        st.caption("Taken.")
        return
    try:
        sets = for_study(read_threshold_file(content.getvalue(), where=content.name), study)
    except CoreError as error:
        notices.show_error(error, title="This file was not taken")
        return
    st.session_state["threshold-file-taken"] = content.file_id
    for chosen in sets:
        taken = operating.taken(study, chosen, epoch=operating.next_epoch(chosen.setting))
        operating.keep(study, chosen.setting, taken)
    st.rerun(scope="app")
