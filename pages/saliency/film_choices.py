"""The film to look at: filters, a list, and the next and the previous film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.saliency.evidence import films_with_outcome, most_found
from core.saliency.first_films import N_FILMS
from core.settings.registry import shown_first
from core.settings.titles import setting_title
from core.study import Study
from pages.shared import map_selection, notices, operating, selection

_KEY: Final = "saliency_film"
_SHOWN: Final = "saliency_film_shown"
_FILTERED: Final = "saliency_filtered_class"
_LET_GO: Final = "saliency_filters_let_go"
_ANY: Final = selection.ANY_CLASS
_READ: Final = selection.LABELLED
_OUTCOMES: Final = {words: outcome for outcome, words in selection.OUTCOME_WORDS.items()}


@dataclass(frozen=True)
class PickedFilm:
    """One film of those that pass the filters, in order."""

    image_id: str
    films: tuple[str, ...]

    @property
    def can_step(self) -> tuple[bool, bool]:
        """Whether there is a film before and one after."""
        position = self.films.index(self.image_id)
        return position > 0, position + 1 < len(self.films)

    def step(self, by: int) -> None:
        """Goes to another film; for callbacks."""
        _step(self.films, by)


def pick(study: Study, line: DeltaGenerator) -> PickedFilm | None:
    """One film of those that pass the filters; None, with a sentence, where none does.

    line : where the widgets stand; others may follow in it.
    """
    chosen = selection.chosen_film(study)
    if st.session_state.pop(_LET_GO, False) and chosen is not None:
        _let_go(study, chosen)
    with line:
        place = st.container(horizontal=True, wrap=False, gap="small", vertical_alignment="bottom", width="content")
        with st.popover("Filters", icon=":material/filter_alt:"):
            films = _filtered(study, chosen)
    if chosen not in (None, st.session_state.get(_SHOWN), *films):  # it was chosen elsewhere, and is to be seen here
        st.session_state[_LET_GO] = True
        st.rerun()
    if not films:
        st.info("No film passes these filters.", icon=":material/filter_alt_off:")
        return None
    if st.session_state.get(_KEY) not in films or (chosen in films and st.session_state.get(_KEY) != chosen):
        st.session_state[_KEY] = chosen if chosen in films else _first_of_interest(study, films)
    with place:
        st.session_state[_SHOWN] = _list(films)
    return PickedFilm(st.session_state[_SHOWN], tuple(films))


def _let_go(study: Study, chosen: str) -> None:
    """Open filters that leave a film out which was chosen on another page, and say so."""
    st.session_state.update(
        {
            "film_split": _split_of(study, chosen),
            "film_class": _ANY,
            "film_masks": False,
            "film_on_map": False,
        }
    )
    st.caption("The filters left this film out and are open again.")


def _filtered(study: Study, chosen: str | None) -> list[str]:
    annotated, from_map = study.annotated_ids(), _selected_on_map(study)
    split = selection.pick_split(study, default=_split_of(study, chosen), key="film_split")
    finding = selection.pick_listed("Class", [_ANY, *study.classes], default=_ANY, key="film_class", width=240)
    if finding in study.classes and finding != st.session_state.get(_FILTERED, finding):
        st.session_state[selection.MAP_FINDING] = finding
    st.session_state[_FILTERED] = finding
    outcome, setting = _outcome(study) if finding in study.classes else (_READ, "")
    n_drawn = len(selection.films_with(study, split=split, finding=None, with_masks=True))
    with_masks = selection.pick_toggle(f"Only films with masks ({n_drawn:,})", key="film_masks", disabled=not annotated)
    on_map = bool(from_map) and selection.pick_toggle(
        f"Only films selected on the map ({len(from_map):,})", key="film_on_map"
    )
    if on_map:
        map_selection.into_address(study, map_selection.current(study))
    known = finding if finding in study.classes else None
    is_read = outcome == _READ
    films = selection.films_with(
        study, split=split, finding=known if is_read else None, with_masks=with_masks and bool(annotated)
    )
    keep = set(from_map) if on_map else set(films)
    if known and not is_read:
        keep &= set(_with_outcome(study, split, setting, known, _OUTCOMES[outcome]))
    return [image_id for image_id in films if image_id in keep]


def _outcome(study: Study) -> tuple[str, str]:
    """How a class was labelled or predicted, and by which setting."""
    options = [_READ, *(_OUTCOMES if study.settings else [])]
    outcome = selection.pick_listed("That was", options, default=_READ, key="film_outcome", width=180)
    if outcome not in _OUTCOMES:
        return _READ, ""
    words = {name: setting_title(name) for name in study.settings}
    return outcome, selection.pick_listed(
        "By", list(words), default=shown_first(study.settings), words=words, key="film_by", width=150
    )


def _with_outcome(study: Study, split: str, setting: str, finding: str, outcome: str) -> list[str]:
    return films_with_outcome(
        study, setting, finding, operating.current_decisions(study, setting), outcome, study.rows(split)
    )


def _selected_on_map(study: Study) -> tuple[str, ...]:
    """The films selected on the map, in row order; empty where nothing is selected."""
    return tuple(study.image_ids[row] for row in map_selection.current(study).rows)


def _list(films: Sequence[str]) -> str:
    position = films.index(st.session_state[_KEY])
    for label, icon, step in (("Previous", "arrow_back", -1), ("Next", "arrow_forward", 1)):
        st.button(
            "",
            icon=f":material/{icon}:",
            help=f"{label} film",
            key=f"film_{label}",
            on_click=_step,
            args=(films, step),
            disabled=not 0 <= position + step < len(films),
        )
    title = f"Film {position + 1:,} of {len(films):,}"
    st.selectbox(title, films, key=_KEY, on_change=_follow, persist_state="session", width=155)
    return str(st.session_state[_KEY])


def _step(films: Sequence[str], step: int) -> None:
    position = films.index(st.session_state[_KEY]) + step if st.session_state.get(_KEY) in films else 0
    _go(films[min(max(position, 0), len(films) - 1)])


def _follow() -> None:
    selection.choose_film(st.session_state[_KEY])


def _split_of(study: Study, image_id: str | None) -> str:
    if image_id is None:
        return "test"
    return str(study.images["split"].iloc[study.row_of(image_id)])


def _first_of_interest(study: Study, films: Sequence[str]) -> str:
    """The film that most settings are right on, of the first ones that a reader drew on; else the first."""
    annotated = set(study.annotated_ids())
    drawn = [image_id for image_id in films if image_id in annotated][:N_FILMS]
    if not drawn:
        return films[0]
    decisions = [operating.current_decisions(study, setting) for setting in study.settings]
    return most_found(study, {image_id: findings_of(study, image_id)[0] for image_id in drawn}, decisions)


def offer_film_with(study: Study, picked: PickedFilm, finding: str, place: DeltaGenerator) -> None:
    """A button to a film that has a class, where this one has not; to one that a reader drew it on, if there is any.

    place : where the button stands.
    """
    drawn = {entry.image_id for entry in study.annotations() if entry.finding == finding}
    read = set(selection.films_with(study, split="all", finding=finding, with_masks=False))
    if picked.image_id in drawn | read:
        return
    films = [name for name in picked.films if name in drawn] or [name for name in picked.films if name in read]
    if films:
        words = f"A film with {notices.plain(finding)}"
        place.button(
            words, icon=":material/image_search:", on_click=_go, args=(films[0],), type="tertiary", key="film_with"
        )


def _go(image_id: str) -> None:
    st.session_state[_KEY] = image_id
    _follow()


def findings_of(study: Study, image_id: str) -> list[str]:
    """The classes to ask a map of: those a reader drew, those labelled positive, then all others."""
    labels = study.labels[study.row_of(image_id)]
    drawn = [annotation.finding for annotation in study.annotations(image_id)]
    read = [name for name, value in zip(study.classes, labels, strict=True) if value == 1]
    ordered = [name for name in (*drawn, *read, *study.classes) if name in study.classes]
    return list(dict.fromkeys(ordered))
