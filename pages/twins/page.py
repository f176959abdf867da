"""Twin films: press a finding on or off and see what every score makes of it; over all films, what moves scores."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from core.datasets.films import can_render
from core.errors import CoreError
from core.twins.pair import study_renderer
from pages.shared import navigation, notices
from pages.twins import audit, causes, maps, pair

study = navigation.begin("twins")
if not can_render(study):
    try:
        study_renderer(study)
    except CoreError as error:
        st.info(notices.plain(error.message), icon=":material/content_copy:")
else:
    pair.show(study, study_renderer(study))
    causes.show(study)
    maps.show(study)
audit.show(study)
