"""The map of films, linked to the films; how well classes separate, in the original space."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app


import streamlit as st

from core.report.parts import embedded
from pages.embedding_space import map, separation
from pages.embedding_space import prompts as prompt_view
from pages.embedding_space import suspects as suspects_view
from pages.shared import navigation, notices, truth_dial

study = navigation.begin("embedding_space")
study = truth_dial.followed(study)
encoders = embedded(study)
if not encoders:
    notices.missing(
        "This study holds no image embeddings, so there is no map. A build adds them; an import takes "
        "`--embeddings ENCODER=FILE.npy`, and `python -m core project STUDY` lays them out."
    )
    st.stop()
map.show(study, encoders)
separate, suspects, prompts = st.tabs(
    ["Do the classes separate?", "Labels to look at again", "Prompts"], key="space_part", bind="query-params"
)
with separate:
    if separate.open:
        separation.show(study, encoders)
with suspects:
    if suspects.open:
        suspects_view.show(study, encoders)
with prompts:
    if prompts.open:
        prompt_view.show(study)
