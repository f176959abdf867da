"""The scores of a film of one's own against the thresholds in use, and what may be taken away of it."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.exports.spreadsheets import csv_of
from core.own_film.look import OwnFilm, own_film_archive
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds.sets import provenance
from core.words import number_words
from pages.saliency.maps import Found
from pages.shared import notices, operating, take

_OWN: Final = "own"
"""No split of the study: nothing was fitted on the film."""
_READING: Final = {
    "frozen": "They were set before this film was seen.",
    "fixed": "Nothing was fitted.",
    "exploratory": ":material/explore: Exploratory: they were chosen while looking at films other than validation.",
}
_SIGNS: Final = {1.0: "predicted", 0.0: "not predicted"}


def show(study: Study, pixels: npt.NDArray[np.uint8], own: OwnFilm, found: Found, *, is_unlike: bool) -> None:
    """Scores, where the thresholds come from, and the downloads: the only way in which anything of the film is kept.

    is_unlike : whether the film is unlike the study's.
    """
    table = scores_table(study, own)
    st.header("Scores against the thresholds")
    if is_unlike:
        st.caption(":material/troubleshoot: The film is unlike the study's (above): do not rely on these.")
    of = take.Of("scores", "Scores and decisions of the uploaded film", film="own-film")
    take.frame(table, of, height="content", row_height=28)
    st.caption("  \n".join(_basis(study)))
    scores = csv_of(table, index=True)
    with st.container(horizontal=True):
        st.download_button(
            "Film, maps and scores (ZIP)",
            partial(own_film_archive, study, pixels, found.maps, scores),
            "own-film.zip",
            "application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            help="The film's pixels as they are shown (no header), the maps of the method and layer chosen above as "
            "raw numbers, and the scores. Your browser saves it on your computer; the app keeps nothing.",
        )


def scores_table(study: Study, own: OwnFilm) -> pd.DataFrame:
    """One row per class: score and decision of every setting."""
    columns: dict[str, list[str]] = {}
    for setting, scores in own.scores.items():
        title = setting_title(setting)
        columns[f"{title}, {study.manifest.settings[setting].score_kind}"] = [number_words(value) for value in scores]
        left = operating.current_decisions(study, setting).left_to_reader(scores[None])[0]
        untrained = study.untrained(setting)
        columns[f"{title}, decision"] = [
            "never trained" if finding in untrained else "look" if look else _SIGNS.get(float(value), "no threshold")
            for finding, value, look in zip(study.classes, own.decisions[setting], left, strict=True)
        ]
    return pd.DataFrame(columns, index=pd.Index(study.classes, name="Class"))


def _basis(study: Study) -> tuple[str, ...]:
    """Where each setting's thresholds come from, and whether anyone looked at other films when they were chosen."""
    chosen = (operating.current_decisions(study, setting) for setting in study.settings)
    found = (f"{notices.readable(one.basis, study.settings)} {_READING[provenance(one, _OWN)]}" for one in chosen)
    return tuple(dict.fromkeys(found))
