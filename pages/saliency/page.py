"""Where a model looks on a film, against what readers drew: one film, all annotated films, or a film of one's own."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from core.errors import CoreError
from pages.saliency import annotated_films, choices, film_choices, one_film, own_film
from pages.saliency.arena import view as arena
from pages.shared import film_view, navigation, notices, selection, truth_dial

VIEWS = {"film": "One film", "annotated": "All annotated films", "own": "A film of your own", "arena": "Arena"}

study = navigation.begin("saliency")
top = st.container(key="view-line", horizontal=True, vertical_alignment="center", gap="small")
with top:
    view = choices.pick_view(VIEWS)
if view != "own":
    study = truth_dial.followed(study)
if view == "annotated":
    annotated_films.show(study)
    st.stop()
if view == "own":
    own_film.show(study)
    st.stop()
if view == "arena":
    arena.show(study)
    st.stop()

line = selection.controls()
picked = film_choices.pick(study, line)
if picked is None:
    st.stop()
selection.choose_film(picked.image_id)
selection.chosen_film(study)
try:
    one_film.show(study, picked, line, top)
except CoreError as error:
    notices.show_error(error, title="This film cannot be shown")
labels = st.expander("Labels and scores of this film", icon=":material/table_rows:", key="labels", on_change="rerun")
if labels.open:
    with labels:
        film_view.scores(study, picked.image_id)
