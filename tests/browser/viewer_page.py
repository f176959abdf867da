"""A page with nothing but the viewer, on a film whose landmark is known; run by the tests with `streamlit run`.

CXR_VIEWER_CASE names a JSON file: the film, the landmark's box in original pixels, which patch of the map is 1, and the
geometry of the model.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)

import numpy as np
import streamlit as st
from PIL import Image

from core.annotations.annotation import Annotation
from core.geometry import Geometry
from pages.saliency.film_viewer import film_viewer
from pages.saliency.film_viewer.payload import Drawing, FilmView, Panel, ViewedMap
from pages.shared import take

LINES = tuple((f"line {number}", f"value {number}") for number in range(7))
WORDS = "This is a sentence so long that it does not fit beside the map and must be broken to be read at all."
case = json.loads(Path(os.environ["CXR_VIEWER_CASE"]).read_text())
st.set_page_config(layout="wide")
st.title("Viewer")
film = np.array(Image.open(case["film"]).convert("L"))
height, width = film.shape
values = np.zeros((case["grid"], case["grid"]), np.float32)
values[case["patch"][0], case["patch"][1]] = 1
box = Annotation("film", "Landmark", "reader A", "box", height, width, json.dumps(case["box"]))
panels = (
    Panel("film", "Film"),
    Panel("map", "Map", LINES, ViewedMap(values, 1.0), WORDS, seen=Geometry(**case["geometry"]).box(height, width)),
)
finding = st.text_input("Class", "Landmark")
take.mount()
shown = film_viewer(
    take.Of("maps", "A film with a landmark", film="film"),
    FilmView(
        film_id="film",
        stamp="ready",
        caption="A film",
        film=film,
        panels=panels,
        outlines=[box],
        readers=["reader A"],
        drawing=Drawing("reader B", finding),
        about=("Map made by the method at the layer.",),
        footer="Not for clinical use.",
        can_step=(True, True),
    ),
    key="viewer",
)
st.code(json.dumps({name: shown[name] for name in ("step", "pick", "marks")}), language=None)
