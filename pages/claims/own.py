"""Claims of one's own: made here, kept in the study's folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from core.claims.claim import CHANCE, DIRECTION_WORDS, Claim
from core.claims.written import claim_from_json, own_claims, sentence_of, write_claims
from core.errors import CoreError
from core.settings.titles import setting_title
from core.study import Study
from pages.claims import cache
from pages.shared import notices

_NUMBER = "a number"


def show(study: Study, claims: Sequence[Claim], *, is_open: bool) -> None:
    """The form for one more, and what takes own ones away. is_open : where nothing else can be asked."""
    with st.expander("A claim of your own", icon=":material/edit_note:", expanded=is_open):
        _form(study, claims)
        own = own_claims(study.root)
        if own:
            names = {one.name: one.sentence for one in own}
            gone = st.selectbox("Own claims", list(names), format_func=names.__getitem__, key="claim_gone")
            st.button("Take away", icon=":material/delete:", key="claim_take", on_click=_remove, args=(study, gone))
        st.caption("Kept as claims.json in the study's folder; the guide of `core` says what such a file holds.")


def _form(study: Study, claims: Sequence[Claim]) -> None:
    settings = {name: setting_title(name) for name in study.settings}
    others = {**(settings if len(settings) > 1 else {}), _NUMBER: "The number below", CHANCE: "Chance"}
    titles = {one.name: one.title for one in cache.figures(study)}
    with st.form("claim_form", border=False):
        st.text_input("Sentence", key="claim_sentence", placeholder="Left empty, what stands below says it.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _pick("Figure", titles, key="claim_figure")
            _pick("of", settings, key="claim_first")
            _pick("which", DIRECTION_WORDS, key="claim_direction")
            _pick("that of", others, key="claim_second")
        with st.container(horizontal=True):
            st.number_input("Number", value=0.5, key="claim_value", width=150)
            st.number_input("Margin", min_value=0.0, value=0.0, key="claim_margin", width=150)
        st.form_submit_button("Add the claim", icon=":material/add:", on_click=_add, args=(study, claims))


def _pick(label: str, words: Mapping[str, str], *, key: str) -> None:
    st.selectbox(label, list(words), format_func=words.__getitem__, key=key, width=200)


def _add(study: Study, claims: Sequence[Claim]) -> None:
    """Takes what the form holds, or says why it is no claim; for a callback."""
    here = st.session_state
    figure, first, direction = here["claim_figure"], here["claim_first"], here["claim_direction"]
    second = float(here["claim_value"]) if here["claim_second"] == _NUMBER else here["claim_second"]
    sentence = here["claim_sentence"].strip() or sentence_of(figure, first, direction, second)
    told: dict[str, object] = {
        "id": _name(sentence, [one.name for one in claims]),
        "sentence": sentence,
        "figures": [figure],
        "first": first,
        "second": second,
        "direction": direction,
        "margin": float(here["claim_margin"]),
    }
    try:
        claim = claim_from_json(told, "This claim")
        write_claims(study.root, (*own_claims(study.root), claim))
    except CoreError as error:
        notices.show_error(error, title="This claim cannot be asked")
    else:
        here["claim"] = claim.name


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
