"""Where thresholds start: fitted by a policy on validation films, or read from a file."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.errors import CoreError
from core.study import Study
from core.thresholds import POLICIES, ThresholdSet, policy_named
from core.thresholds.files import for_study, read_threshold_file
from pages.shared import notices, operating

_FILE: Final = "file"
_DRAGGED: Final = {policy.name: policy for policy in POLICIES if not policy.is_film_wise}


def pick(study: Study, setting: str) -> ThresholdSet:
    """The set that the deck starts from; a new policy or file begins anew."""
    chosen = operating.current(study, setting)
    _policy(study, setting, chosen)
    _parameter(study, setting, chosen)
    with st.popover("Import", icon=":material/upload_file:"):
        _upload(study, setting)
    return chosen.start


def _policy(study: Study, setting: str, chosen: operating.Operating) -> None:
    names = list(_DRAGGED)
    here = chosen.start.policy
    is_cut = here in ("natural-cut", "none")
    words = {name: policy.title for name, policy in _DRAGGED.items()}
    if here not in names:
        names, words = [here, *names], {**words, here: _words(here)}
    key = f"policy-{study.fingerprint}-{setting}-{chosen.epoch}"
    st.selectbox(
        "Starting point",
        names,
        names.index(here),
        format_func=words.__getitem__,
        key=key,
        width=330,
        on_change=lambda: _begin(study, setting, st.session_state[key]),
        help="How each class's threshold is fitted on the validation films. A new one begins anew.",
        disabled=is_cut,
    )


def _words(policy: str) -> str:
    known = {"natural-cut": "The middle of the scores", "none": "No threshold", "by-hand": "Set by hand, from a file"}
    return known.get(policy, "From a file")


def _parameter(study: Study, setting: str, chosen: operating.Operating) -> None:
    """The number of a policy that has one."""
    policy = _DRAGGED.get(chosen.start.policy)
    if policy is None or policy.parameter is None:
        return
    asked = policy.parameter
    key = f"parameter-{study.fingerprint}-{setting}-{chosen.epoch}"
    now = chosen.start.parameter
    st.number_input(
        asked.words,
        min_value=float(asked.low),
        max_value=float(asked.high),
        value=float(asked.default if now is None else now),
        key=key,
        width=220,
        on_change=lambda: _begin(study, setting, policy.name, st.session_state[key]),
    )


def _begin(study: Study, setting: str, policy: str, parameter: float | None = None) -> None:
    """Starts anew from a policy."""
    policy_named(policy)
    start = operating.fitted(study, setting, policy, parameter)
    operating.keep(study, setting, operating.begin(start, epoch=_next(study, setting)))
    operating.remember_policy(policy, parameter)


def _next(study: Study, setting: str) -> str:
    """The name of one more start in this session."""
    number = st.session_state.get("operating-starts", 0) + 1
    st.session_state["operating-starts"] = number
    return f"{setting}-{number}"


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
        taken = operating.imported(chosen, epoch=_next(study, chosen.setting))
        operating.keep(study, chosen.setting, taken)
    st.rerun(scope="app")
