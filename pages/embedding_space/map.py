"""The map with its selection, and the film beside it; each runs by itself, and neither draws the whole page again."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.metrics.arrays import FloatArray, IntArray
from core.settings.titles import encoder_title
from core.space.colouring import Colouring
from core.space.map_state import Selected
from core.study import Study
from pages.embedding_space import map_choices, map_marks, other_maps, selected_films
from pages.embedding_space.film_panel import about_film, film_panel
from pages.embedding_space.map_choices import MapChoices
from pages.embedding_space.scatter import chosen_on_map, film_map
from pages.embedding_space.scatter.scene import DrawnColours, Panel, Scene, class_legend, drawn, rows_of_group
from pages.shared import film_cards, film_view, map_selection, navigation, notices, selection, take

_MAP: Final = "map"
_WIDTH, _NARROW = 340, 240
"""Pixels of the film's picture: by itself, and below the gallery of the selected films."""


@st.fragment
@notices.guarded
def show(study: Study, encoders: tuple[str, ...]) -> None:
    """Controls, map, film and selection."""
    choices = map_choices.pick(study, encoders)
    rows = study.rows(choices.split)
    coloured = map_choices.colourings(study, choices)
    colours = tuple(drawn(colouring, rows) for colouring in coloured)
    selected = map_selection.on_map(study, partial(_films_of, colours))
    encoder, trust = choices.encoders[-1], None
    places = _places(is_wide=choices.is_side_by_side or choices.apart)
    with places.map:
        points = other_maps.points(study, choices.encoders, choices.other, choices.n_dimensions)
        if points:
            _draw(study, choices, tuple(points), coloured, colours, selected)
        map_selection.into_address(study, selected, is_map=True)
    with places.films:
        selected_films.show(study, selected, choices.request)
    with places.film:
        begin = selected_films.gallery_rows(study, selected.rows) if len(selected.rows) else _examples(study, rows)
        _show_film(study, encoder, int(begin[0]), is_small=not selected.is_empty)
        film_view.link_to(study, "saliency", "Where do the models look on this film?")
    with places.words:
        if points:
            trust = _explain(study, choices)
    with places.panel:
        film_panel(study, encoder)
    selected_films.describe(study, encoder, selected, rows)
    if trust is not None:  # last, since it may take a second
        with trust:
            other_maps.quality_line(study, choices.encoders, choices.other, choices.n_dimensions)


class _Places(NamedTuple):
    """Where the parts stand. films : the selected ones, seen beside the map or right below it."""

    map: DeltaGenerator
    films: DeltaGenerator
    film: DeltaGenerator
    words: DeltaGenerator
    panel: DeltaGenerator


def _places(*, is_wide: bool) -> _Places:
    """Map and films side by side and the words below; a map that takes the whole width above all others."""
    if is_wide:
        above, films, words = st.container(), st.container(), st.container()
        film, panel = st.columns(2, gap="medium")
        return _Places(above, films, film, words, panel)
    left, right = st.columns(2, gap="medium")
    words, panel = st.columns(2, gap="medium")
    with right:
        return _Places(left, st.container(), st.container(), words, panel)


def _films_of(colours: tuple[DrawnColours, ...], name: str) -> IntArray | None:
    """The rows of a group of the legend; several maps of a class each have no such legend."""
    return rows_of_group(colours[0], name) if len(colours) == 1 else None


@st.fragment
def _show_film(study: Study, encoder: str, begin: int, *, is_small: bool) -> None:
    """What is the chosen film's own: it takes the clicks on the map and runs by itself.

    So a click sends neither the map again, nor anything else that every film has.
    """
    clicked = selection.chosen_film(study)
    film = clicked or study.image_ids[begin]
    told = about_film(study, encoder, study.row_of(film))
    chosen_on_map(told, key=_MAP, on_opened=lambda row: map_selection.open_row(study, row))
    if not clicked and not is_small:
        st.info(
            "Click a point on the map to see its film here. This is one to begin with.", icon=":material/ads_click:"
        )
    st.markdown(film_view.heading(study, film))
    film_view.picture(study, film, width=_NARROW if is_small else _WIDTH)


def _examples(study: Study, rows: IntArray) -> IntArray:
    """Films to begin with: those with a finding that are stored, else all."""
    stored = study.images["file"].notna().to_numpy()[rows]
    found = (study.labels[rows, selection.telling_class(study)] == 1) & stored
    return rows[found] if found.any() else rows


def _draw(
    study: Study,
    choices: MapChoices,
    points: tuple[FloatArray, ...],
    colourings: tuple[Colouring, ...],
    colours: tuple[DrawnColours, ...],
    selected: Selected,
) -> None:
    scene = Scene(
        points=points,
        colours=colours,
        panels=_panels(choices, colourings, colours),
        marks=map_marks.marks(study, choices),
        row=map_selection.row_of(study),
        picked=selected.picked,
        within=selected.within,
        seq=selected.seq,
        films=film_cards.offer(study) if navigation.is_in_app() else None,
        view_key=f"{study.fingerprint}-{'-'.join(choices.encoders)}-{choices.n_dimensions}-{choices.other}",
        min_width=330 if choices.apart else 300,
        legend=class_legend(colours) if choices.apart else None,
    )
    with take.whole(_of(choices, colourings)):
        groups = partial(_films_of, colours)
        film_map(scene, key=_MAP, on_selected=lambda event: map_selection.select(study, event, groups))


def _of(choices: MapChoices, colourings: tuple[Colouring, ...]) -> take.Of:
    """What the map is of, for its files."""
    encoders = " and ".join(encoder_title(name) for name in choices.encoders)
    how = "the study's own layout" if choices.other is None else "a layout made on demand"
    title = f"Films in {choices.n_dimensions} dimensions by {', '.join(one.title for one in colourings)}; {encoders}"
    return take.Of(f"map-{'-'.join(choices.encoders)}", title, split=choices.split, said=f"Laid out by {how}.")


def _panels(
    choices: MapChoices, colourings: tuple[Colouring, ...], colours: tuple[DrawnColours, ...]
) -> tuple[Panel, ...]:
    """A map for each encoder and, where classes are apart, for each class."""
    several = choices.is_side_by_side
    return tuple(
        Panel(
            " · ".join([*([encoder_title(encoder)] if several else []), *([colouring.title] if choices.apart else [])]),
            _number(colours[place]) if choices.apart else "",
            points,
            place,
        )
        for place, colouring in enumerate(colourings)
        for points, encoder in enumerate(choices.encoders)
    )


def _number(colours: DrawnColours) -> str:
    """How many films have the class: what stands in brackets in its legend."""
    return next(
        (group.title[group.title.rfind("(") :] for group in reversed(colours.groups) if not group.is_ground), ""
    )


def _explain(study: Study, choices: MapChoices) -> DeltaGenerator:
    """What the map is; gives the place for how far to trust it."""
    st.caption(
        "Click a point for its film. Neighbours are films that the encoder finds alike; distances and sizes of "
        "clusters on the map mean nothing.",
        help="Drag to move, scroll to zoom, or take the lasso or the box to select several films (Shift adds). A click "
        "in the legend looks at its films alone, and a lasso then takes films of it; Esc takes either off again.",
    )
    trust = st.container()
    if basis := map_choices.basis(study, choices):
        st.caption(notices.readable(basis, study.settings))
    map_marks.explain(study, choices)
    other_maps.describe(study, choices.encoders, choices.other, choices.n_dimensions)
    return trust
