"""What the selected films are: a gallery, their classes against all, their neighbours, their ids."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from core.exports.spreadsheets import csv_of
from core.metrics.arrays import IntArray
from core.metrics.classification import OUTCOME_TITLES
from core.settings.titles import encoder_title
from core.space.colouring import ColourRequest
from core.space.composition import ClassShare, composition
from core.space.map_state import Selected
from core.study import Study
from core.words import figure_words, interval_words, share_words, unbroken
from pages.embedding_space import cache
from pages.shared import film_view, map_selection, navigation, notices, selection, take

MOST_SHOWN: Final = 60
"""Films of the gallery; their pictures come as they are scrolled to."""
_FEW: Final = 8
_GALLERY_HEIGHT: Final = 340
_MOST_ASKED: Final = 300
_AT_ONCE: Final = 20_000
"""Films of a study up to which a selection's neighbours are looked up without being asked for."""


def show(study: Study, selected: Selected, request: ColourRequest) -> None:
    """The gallery, the first thing to see after a lasso; one sentence where nothing is selected.

    request : what the map is coloured by; where that is of one class, each film says how it came out for it.
    """
    number = len(selected.rows)
    if selected.is_empty:
        st.caption("Nothing is selected: click a word of the legend, or lasso films, for a gallery and their classes.")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.header(f"Selection: {number:,} {'film' if number == 1 else 'films'}", anchor="selection", width="content")
        _export(study, selected.rows)
    if not number:
        st.caption(f"None of the picked films is {notices.plain(selected.within)}.")
        return
    _gallery(study, selected.rows, request)


def describe(study: Study, encoder: str, selected: Selected, shown: IntArray) -> None:
    """What the selected films among those on the map are made of; nothing where nothing is selected.

    shown : rows of the films on the map, which the selection is compared with.
    """
    if not len(selected.rows):
        return
    rows = np.intersect1d(selected.rows, shown)
    if words := outside_words(len(rows), len(selected.rows)):
        st.caption(words)
    if not len(rows):
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _classes(study, rows, shown)
    with right:
        _agreement(study, encoder, rows)


def outside_words(n_shown: int, n_selected: int) -> str:
    """How many of the selected films are on the map; "" where all are."""
    if n_shown == n_selected:
        return ""
    if not n_shown:
        return f"None of the {n_selected:,} selected films is on this map: choose All films above it."
    verb = "is" if n_shown == 1 else "are"
    return f"{n_shown:,} of {n_selected:,} selected films {verb} on this map; the figures below are of those."


def _gallery(study: Study, rows: IntArray, request: ColourRequest) -> None:
    said = _verdicts(study, rows, request)
    if said is not None:
        st.caption(f"{notices.plain(said.of)}: {outcome_words(said)}")
    shown = gallery_rows(study, rows)
    chosen = selection.chosen_film(study)
    marked = None if chosen is None else study.row_of(chosen)
    with st.container(height=_GALLERY_HEIGHT if len(shown) > _FEW else "content", border=False, key="selected-films"):
        tiles = [(int(row), "") for row in shown]
        film_view.gallery(study, tiles, key="gallery", chosen=marked, said=said, is_small=True)
    if len(rows) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN} are shown, films stored with the study first. Click one to open it.")
    if not navigation.is_in_app():
        st.caption("Small pictures need the whole app: `streamlit run app.py`.")


def gallery_rows(study: Study, rows: IntArray) -> IntArray:
    """The films of the gallery: those that are stored first, each part in row order."""
    stored = study.images["file"].notna().to_numpy()[rows]
    return np.concatenate([rows[stored], rows[~stored]])[:MOST_SHOWN]


def _verdicts(study: Study, rows: IntArray, request: ColourRequest) -> film_view.Verdicts | None:
    """How the films came out for the class that the map is coloured by; None where it is of none."""
    if not request.finding or not study.settings:
        return None
    setting = request.setting or selection.setting_of(study)
    return film_view.verdicts(study, setting, request.finding, rows)


def outcome_words(said: film_view.Verdicts) -> str:
    """How many films came out in which way, those that matter most first."""
    counts = Counter(said.outcomes.values())
    return ", ".join(f"{counts[name]:,} {title.lower()}" for name, title in OUTCOME_TITLES.items() if counts[name])


def _classes(study: Study, rows: IntArray, against: IntArray) -> None:
    shares = composition(study.labels, study.classes, study.patient_numbers(study.rows("all")), rows, against)
    st.markdown("**What the selection is made of**")
    take.table(composition_table(shares), take.Of("selection", f"What {len(rows):,} selected films are made of"))
    st.caption(
        "Lift: the class's share of the selection over its share of all films on the map; 1 is as everywhere.",
        help="With its 95 % interval, by patients.",
    )


def composition_table(shares: tuple[ClassShare, ...]) -> pd.DataFrame:
    """One row per class with a positive film, the highest lift first; Markdown text, a dash for what is undefined."""
    ordered = sorted(
        (share for share in shares if share.n_positive_of_all), key=lambda share: -np.nan_to_num(share.lift, nan=-1.0)
    )
    return pd.DataFrame(
        {
            "Selected": [f"{share.n_positive:,} ({share_words(share.share, 1)})" for share in ordered],
            "Of all": [f"{share.n_positive_of_all:,} ({share_words(share.share_of_all, 1)})" for share in ordered],
            "Lift": [_lift(share) for share in ordered],
        },
        index=pd.Index([notices.plain(share.finding) for share in ordered], name="Class"),
    )


def _lift(share: ClassShare) -> str:
    if not share.interval.is_estimable:
        fewest = min(share.n_positive_of_all, share.n_read)
        return unbroken(interval_words(replace(share.interval, n=fewest)))
    return figure_words(share.lift, share.interval, 2)


def _agreement(study: Study, encoder: str, rows: IntArray) -> None:
    """Do neighbours share labels?"""
    st.markdown("**Do neighbours share labels?**")
    if len(study.image_ids) > _AT_ONCE and not selection.pick_toggle(
        "Compare with all films (takes a while)", key="agreement"
    ):
        return
    asked = rows if len(rows) <= _MOST_ASKED else rows[np.linspace(0, len(rows) - 1, _MOST_ASKED).astype(int)]
    found = cache.agreement(study, encoder, tuple(int(row) for row in asked))
    if math.isnan(found.share):
        st.markdown("No selected film has a positive label, so there is nothing to share.")
        return
    ends = f"{share_words(found.interval.low)} to {share_words(found.interval.high)}"
    interval = ends if found.interval.is_estimable else interval_words(found.interval)
    st.markdown(
        f"Of the 10 films nearest to a selected one in the {encoder_title(encoder).lower()} encoder's original space, "
        f"**{share_words(found.share)}** ({interval}) share a positive label with it; of other "
        f"patients' films drawn at random {share_words(found.expected)} would."
    )
    sampled = f" An even sample of {len(asked):,} of the selected films." if len(asked) < len(rows) else ""
    st.caption(f"Films of other patients, {found.n_films:,} selected films with a positive label.{sampled}")


def _export(study: Study, rows: IntArray) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.download_button(
            "Export ids",
            lambda: ids_csv(study, rows),
            file_name=take.file_name("", "", "selected-films.csv"),
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
        )
        clear = partial(map_selection.clear, study)
        st.button("Clear selection", icon=":material/close:", type="tertiary", on_click=clear)


def ids_csv(study: Study, rows: IntArray) -> str:
    """image_id, and the fingerprint of the study that the films are of."""
    table = pd.DataFrame({"image_id": [study.image_ids[row] for row in rows], "study": study.fingerprint})
    return csv_of(table)
