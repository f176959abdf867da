"""Grad-CAM of one film in the settings, against what readers drew."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from core.errors import CoreError
from core.titles import setting_title
from pages.shared import cache, film_choices, film_view, navigation, notices, saliency_view, selection, studies

navigation.begin("saliency")
study = studies.chosen_study()
notices.nature_of(study)
image_id = film_choices.pick(study)
if image_id is None:
    st.stop()
selection.choose_film(image_id)
selection.chosen_film(study)

try:
    pixels = cache.film(study, image_id)
except CoreError as error:
    notices.show_error(error, title="This film cannot be shown")
    st.stop()
look = saliency_view.pick(study, image_id)
found = saliency_view.compute(study, image_id, look.finding)
panels = st.columns(1 + len(found.maps)) if found.maps else st.columns([2, 3])
with panels[0]:
    st.markdown(f"**{notices.plain(notices.film_caption(study, image_id))}**")
    saliency_view.draw_film(study, image_id, pixels, is_alone=not found.maps)
for panel, (setting, saliency) in zip(panels[1:], found.maps.items(), strict=False):
    with panel:
        st.markdown(f"**{setting_title(setting)}**")
        saliency_view.draw_map(study, image_id, pixels, setting, saliency, look, found)
with panels[1] if not found.maps else st.container():
    for problem in found.errors:
        st.info(notices.plain(f"{problem.message} {problem.remedy}"), icon=":material/add_box:")
    if found.maps:
        saliency_view.explain(found, look)
    saliency_view.masks_table(study, image_id)
    with st.expander("Labels and scores of this film", icon=":material/table_rows:", expanded=not found.maps):
        film_view.scores(study, image_id)
