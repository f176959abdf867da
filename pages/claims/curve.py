"""One claim: its verdict, its specification curve, and the variant that was clicked."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from core.claims.claim import CHANCE
from core.claims.ledger import ClaimResult
from core.claims.verdict import (
    VARIANT_WORDS,
    choices_words,
    effect_words,
    excluded_words,
    multiplicity_words,
    published_words,
    sides_words,
    verdict_words,
)
from core.figures.claims import curve_words, specification_curve
from core.settings.titles import setting_title
from core.study import Study
from pages.claims.links import Destination, destination
from pages.shared import navigation, notices, selection, studies, take

_VARIANT: Final = "variant"
_ICONS: Final = {1: ":material/check_circle:", -1: ":material/cancel:", 0: ":material/help:"}


def show(study: Study, result: ClaimResult, *, is_complete: bool) -> None:
    """The claim with everything that is known of it. is_complete : False while it is still computed."""
    st.header(notices.plain(result.claim.sentence))
    counts, separator, because = notices.plain(verdict_words(result)).partition("; ")
    with st.container(key="claim-verdict"):
        st.markdown(f"**{counts}**{separator}{because}")
    if result.missing is not None:
        st.caption(notices.plain(result.claim.source))
        return
    published = f"{published_words(result)} " if result.claim.published else ""
    st.markdown(notices.plain(f"{published}{multiplicity_words(result)}"))
    chosen = _chosen(result) if is_complete else None
    key = f"curve-{result.claim.name}-{len(result.codes)}"
    take.chart(
        specification_curve(result, chosen),
        take.Of(f"curve-{result.claim.name}", curve_words(result), said=f"{verdict_words(result)}. 95 % intervals."),
        key=key,
        on_select=(lambda: _take(key)) if is_complete else "ignore",
        selection_mode="points",
    )
    st.caption(
        "Click a point for its choices. Grey band: 95 % intervals. Darker cells: more of the variants above chose so.",
        help=notices.plain(f"{excluded_words(result)} Source: {result.claim.source}."),
    )
    if chosen is not None:
        _variant(study, result, chosen)


def _chosen(result: ClaimResult) -> int | None:
    """The variant that was clicked, else the one that was published; kept in the address."""
    asked = st.session_state.get(_VARIANT) or st.query_params.get(_VARIANT, "")
    name, _, place = str(asked).rpartition("~")
    if name == result.claim.name and place.isdecimal() and int(place) < len(result.codes):
        selection.write(_VARIANT, str(asked))
        return int(place)
    selection.write(_VARIANT, None)
    return result.published


def _take(key: str) -> None:
    state: Any = st.session_state.get(key)
    points = state["selection"]["points"] if state else []
    if points:
        name = key.removeprefix("curve-").rpartition("-")[0]
        found = points[0]["customdata"]
        variant = found[0] if isinstance(found, list) else found
        st.session_state[_VARIANT] = f"{name}~{int(variant)}"


def _variant(study: Study, result: ClaimResult, variant: int) -> None:
    """What the variant is, what it gives, and the pages that show its figures."""
    verdict = int(result.verdict[variant])
    is_published = " It is the published one." if variant == result.published else ""
    with st.container(border=True):
        said = f"**This variant {VARIANT_WORDS[verdict]}:** {effect_words(result, variant)}."
        st.markdown(f"{_ICONS[verdict]} {said}{is_published}")
        words = choices_words(result, variant)
        index = pd.Index([notices.plain(title) for title in words], name="Choice")
        choices = pd.DataFrame({"Option": [notices.plain(said) for said in words.values()]}, index=index)
        take.table(choices, take.Of(f"variant-{result.claim.name}-{variant}", f"A variant of: {result.claim.sentence}"))
        left, right = st.columns(2)
        for place, (column, value) in enumerate(zip((left, right), sides_words(result, variant), strict=True)):
            with column:
                st.markdown(f"**{_side(result, place)}:** {value}")
                _open(study, result, variant, place)


def _side(result: ClaimResult, place: int) -> str:
    claim = result.claim
    if place == 0:
        return setting_title(claim.first)
    if claim.second == CHANCE:
        return "Chance"
    return setting_title(claim.second) if isinstance(claim.second, str) else "The number claimed"


def _open(study: Study, result: ClaimResult, variant: int, place: int) -> None:
    """A link to the page in that state, in a window of its own, which leaves the state of this one alone."""
    name = str(st.session_state.get(studies.PICKED, study.root.name))
    found = destination(study, name, result, variant, place)
    if isinstance(found, Destination):
        page = navigation.entry(found.stem)
        st.link_button(f"Open in {page.title}", found.address, icon=page.icon)
    elif isinstance(result.claim.second, str) or place == 0:
        st.caption(found)
