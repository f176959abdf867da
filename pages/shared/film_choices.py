"""The film to look at: filters, a list, and the next and the previous film."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.study import Study
from pages.shared import selection

_KEY: Final = "saliency_film"
_ANY: Final = "any"


def pick(study: Study) -> str | None:
    """One film of those that pass the filters; None, with a sentence, where none does."""
    chosen = selection.chosen_film(study)
    annotated = study.annotated_ids()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        split = selection.pick_split(study, default=_split_of(study, chosen), key="film_split")
        finding = st.selectbox("Read as", [_ANY, *study.classes], key="film_class", persist_state="session", width=260)
        with_masks = st.toggle(
            f"Only films with masks ({len(annotated):,})",
            key="film_masks",
            disabled=not annotated,
            persist_state="session",
        )
    films = selection.films_with(
        study, split=split, finding=None if finding == _ANY else finding, with_masks=with_masks and bool(annotated)
    )
    if not films:
        st.info("No film passes these filters.", icon=":material/filter_alt_off:")
        return None
    if st.session_state.get(_KEY) not in films or (chosen in films and st.session_state.get(_KEY) != chosen):
        st.session_state[_KEY] = chosen if chosen in films else _first_of_interest(study, films)
    return _list(study, films)


def _list(study: Study, films: Sequence[str]) -> str:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        position = films.index(st.session_state[_KEY])
        for label, icon, step in (("Previous", "arrow_back", -1), ("Next", "arrow_forward", 1)):
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"film_{label}",
                on_click=_step,
                args=(films, step),
                disabled=not 0 <= position + step < len(films),
            )
        st.selectbox(f"Film {position + 1:,} of {len(films):,}", films, key=_KEY, on_change=_follow, width=320)
    return str(st.session_state[_KEY])


def _step(films: Sequence[str], step: int) -> None:
    st.session_state[_KEY] = films[films.index(st.session_state[_KEY]) + step]
    _follow()


def _follow() -> None:
    selection.choose_film(st.session_state[_KEY])


def _split_of(study: Study, image_id: str | None) -> str:
    if image_id is None:
        return "test"
    return str(study.images["split"].iloc[study.row_of(image_id)])


def _first_of_interest(study: Study, films: Sequence[str]) -> str:
    """The first film that a reader drew on, else the first."""
    annotated = set(study.annotated_ids())
    return next((image_id for image_id in films if image_id in annotated), films[0])


def findings_of(study: Study, image_id: str) -> list[str]:
    """The classes to ask a map of: those a reader drew, those read as positive, then all others."""
    labels = study.labels[study.row_of(image_id)]
    drawn = [annotation.finding for annotation in study.annotations(image_id)]
    read = [name for name, value in zip(study.classes, labels, strict=True) if value == 1]
    ordered = [name for name in (*drawn, *read, *study.classes) if name in study.classes]
    return list(dict.fromkeys(ordered))
