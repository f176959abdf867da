"""The map with its selection, and the film beside it; each runs by itself, and neither draws the whole page again."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.metrics.arrays import FloatArray, IntArray
from core.settings.titles import encoder_title
from core.space.colouring import Colouring
from core.study import Study
from pages.embedding_space import map_choices, map_marks, other_maps, selected_films
from pages.embedding_space.film_panel import about_film, film_panel
from pages.embedding_space.map_choices import MapChoices
from pages.embedding_space.scatter import chosen_on_map, film_map
from pages.embedding_space.scatter.scene import DrawnColours, Panel, Scene, class_legend, drawn
from pages.shared import film_cards, film_view, map_selection, navigation, notices, selection, take
from pages.shared.map_state import Selected

_MAP: Final = "map"


@st.fragment
@notices.guarded
def show(study: Study, encoders: tuple[str, ...]) -> None:
    """Controls, map, film and selection."""
    choices = map_choices.pick(study, encoders)
    selected = map_selection.current(study)
    rows = study.rows(choices.split)
    wide = choices.is_side_by_side or choices.apart
    trust = None
    map_place, film_place = (st.container(), st.container()) if wide else st.columns(2, gap="medium")
    with map_place:
        points = other_maps.points(study, choices.encoders, choices.other, choices.n_dimensions)
        if points:
            _draw(study, choices, tuple(points), rows, selected)
            trust = _explain(study, choices)
        selected_films.show(study, selected)
        map_selection.into_address(study, selected)
    with film_place:
        _film(study, choices.encoders[-1], choices.split, wide=wide)
    selected_films.describe(study, choices.encoders[-1], selected, rows)
    if trust is not None:  # last, since it may take a second
        with trust:
            other_maps.quality_line(study, choices.encoders, choices.other, choices.n_dimensions)


def _film(study: Study, encoder: str, split: str, *, wide: bool) -> None:
    """The chosen film, its scores, and the films nearest to it; side by side where there is room."""
    left, right = st.columns(2, gap="medium") if wide else (st.container(), st.container())
    with left:
        _show_film(study, encoder, split)
        navigation.link_to("saliency", "Where do the models look on this film?")
    with right:
        film_panel(study, encoder)


@st.fragment
def _show_film(study: Study, encoder: str, split: str) -> None:
    """What is the chosen film's own: it takes the clicks on the map and runs by itself.

    So a click sends neither the map again, nor anything else that every film has.
    """
    clicked = selection.chosen_film(study)
    film = clicked or _example(study, study.rows(split))
    told = about_film(study, encoder, study.row_of(film))
    chosen_on_map(told, key=_MAP, on_opened=lambda row: map_selection.open_row(study, row))
    if not clicked:
        st.info(
            "Click a point on the map to see its film here. This is one to begin with.", icon=":material/ads_click:"
        )
    st.markdown(film_view.heading(study, film))
    film_view.picture(study, film, width=340)


def _example(study: Study, rows: IntArray) -> str:
    """A film to begin with: the first with a finding that is stored, else the first."""
    stored = study.images["file"].notna().to_numpy()[rows]
    found = (study.labels[rows, study.classes.index(selection.frequent_classes(study, 1)[0])] == 1) & stored
    return study.image_ids[int(rows[np.argmax(found)]) if found.any() else int(rows[0])]


def _draw(
    study: Study, choices: MapChoices, points: tuple[FloatArray, ...], rows: IntArray, selected: Selected
) -> None:
    colourings = map_choices.colourings(study, choices)
    colours = tuple(drawn(colouring, rows) for colouring in colourings)
    scene = Scene(
        points=points,
        colours=colours,
        panels=_panels(choices, colourings, colours),
        marks=map_marks.marks(study, choices),
        study=study.fingerprint,
        selected=selected.rows,
        seq=selected.seq,
        films=film_cards.offer(study) if navigation.is_in_app() else None,
        view_key=f"{study.fingerprint}-{'-'.join(choices.encoders)}-{choices.n_dimensions}-{choices.other}",
        min_width=330 if choices.apart else 300,
        legend=class_legend(colours) if choices.apart else None,
    )
    with take.whole(_of(choices, colourings)):
        film_map(scene, key=_MAP, on_selected=lambda event: map_selection.select(study, event))


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
        help="Drag to move, scroll to zoom, or take the lasso or the box to select several films (Shift adds).",
    )
    trust = st.container()
    if basis := map_choices.basis(study, choices):
        st.caption(notices.readable(basis, study.settings))
    map_marks.explain(study, choices)
    other_maps.describe(study, choices.encoders, choices.other, choices.n_dimensions)
    return trust
