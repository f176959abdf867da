"""Claims of one's own: made here, kept in the study's folder."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from core.claims.claim import CHANCE, DIRECTION_WORDS, DIRECTIONS, Claim
from core.claims.figures import FIGURES
from core.claims.written import OWN, claim_from_json, own_claims, write_claims
from core.errors import CoreError
from core.settings.titles import setting_title
from core.study import Study
from pages.shared import notices

_NUMBER = "a number"


def show(study: Study, claims: Sequence[Claim]) -> None:
    """The form for one more, and what takes own ones away."""
    with st.expander("A claim of your own", icon=":material/edit_note:"):
        _form(study, claims)
        own = own_claims(study.root)
        if own:
            names = {one.name: one.sentence for one in own}
            gone = st.selectbox("Own claims", list(names), format_func=names.__getitem__, key="claim_gone")
            st.button("Take away", icon=":material/delete:", key="claim_take", on_click=_remove, args=(study, gone))
        st.caption("Kept as claims.json in the study's folder; the guide of `core` says what such a file holds.")


def _form(study: Study, claims: Sequence[Claim]) -> None:
    settings = {name: setting_title(name) for name in study.settings}
    with st.form("claim_form", border=False, clear_on_submit=False):
        sentence = st.text_input("Sentence", key="claim_sentence", placeholder="Our probe beats zero-shot.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            titles = {one.name: one.title for one in FIGURES}
            figure = st.selectbox("Figure", list(titles), format_func=titles.__getitem__, key="claim_figure", width=220)
            first = st.selectbox("of", list(settings), format_func=settings.__getitem__, key="claim_first", width=200)
            direction = st.selectbox(
                "which", list(DIRECTIONS), format_func=DIRECTION_WORDS.__getitem__, key="claim_direction", width=150
            )
            others = {**settings, CHANCE: "Chance", _NUMBER: "The number below"}
            second = st.selectbox(
                "that of", list(others), format_func=others.__getitem__, key="claim_second", width=200
            )
        with st.container(horizontal=True):
            value = st.number_input("Number", value=0.5, key="claim_value", width=150)
            margin = st.number_input("Margin", min_value=0.0, value=0.0, key="claim_margin", width=150)
        if st.form_submit_button("Add the claim", icon=":material/add:"):
            told: dict[str, object] = {
                "id": _name(sentence, [one.name for one in claims]),
                "sentence": sentence,
                "figures": [figure],
                "first": first,
                "second": float(value) if second == _NUMBER else second,
                "direction": direction,
                "margin": float(margin),
                "source": OWN,
            }
            _add(study, told)


def _add(study: Study, told: dict[str, object]) -> None:
    try:
        claim = claim_from_json(told, "This claim")
        write_claims(study.root, (*own_claims(study.root), claim))
    except CoreError as error:
        notices.show_error(error, title="This claim cannot be asked")
        return
    st.session_state["claim"] = claim.name
    st.rerun()


def _remove(study: Study, name: str) -> None:
    try:
        write_claims(study.root, [one for one in own_claims(study.root) if one.name != name])
    except CoreError as error:
        notices.show_error(error, title="This claim cannot be taken away")


def _name(sentence: str, taken: Sequence[str]) -> str:
    """An id from a sentence that no other claim has."""
    base = re.sub(r"[^a-z0-9]+", "-", sentence.lower()).strip("-")[:50] or "claim"
    number = next(one for one in range(1, 1000) if (base if one == 1 else f"{base}-{one}") not in taken)
    return base if number == 1 else f"{base}-{number}"
