"""Films to look at again: labels that neighbours do not support, near-duplicates, outliers; each one click away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from core.exports.spreadsheets import csv_of
from core.metrics.arrays import IntArray
from core.settings.titles import encoder_title
from core.space.label_review import LabelSuspect
from core.space.separation import films_learnt_from
from core.space.suspects import NearDuplicate, Outlier
from core.study import Study
from pages.embedding_space import cache
from pages.shared import film_view, map_selection, notices, selection, take

_SHOWN: Final = 24
_KINDS: Final = {"labels": "Labels", "duplicates": "Near-duplicates", "outliers": "Outliers"}


@dataclass(frozen=True)
class FilmList:
    """Films to show: (row, what is odd about it), most telling first, and how they were found."""

    films: tuple[tuple[int, str], ...]
    words: str

    @property
    def rows(self) -> IntArray:
        """Each film once, ascending."""
        return np.unique(np.array([row for row, _ in self.films], dtype=np.int64))


@st.fragment
@notices.guarded
def show(study: Study, encoders: tuple[str, ...]) -> None:
    """One of the lists, its films as small pictures."""
    with st.container(horizontal=True, gap="medium"):
        kind = selection.pick_one("Look for", list(_KINDS), default="labels", words=_KINDS, key="suspects")
        names = {encoder: encoder_title(encoder) for encoder in encoders}
        encoder = selection.pick_one("Encoder", list(names), default=encoders[0], words=names, key="suspects_encoder")
        split = selection.pick_split(study, default="all", key="suspects_split")
    with st.spinner("Comparing films with their neighbours"):
        found = _LISTS[kind](study, encoder, split)
    st.caption(found.words + learnt_words(study, encoder, split))
    if not found.films:
        st.markdown("None was found.")
        return
    chosen = selection.chosen_film(study)
    opened = film_view.gallery(
        study, found.films[:_SHOWN], key=f"suspects_{kind}", chosen=None if chosen is None else study.row_of(chosen)
    )
    if opened:
        st.rerun()
    _what_to_do(study, kind, found)


def learnt_words(study: Study, encoder: str, split: str) -> str:
    """A warning where the encoder has learnt the labels that are reviewed, or nothing; begins with a space."""
    if number := films_learnt_from(study, encoder, split):
        return (
            f" This encoder was trained with the labels of {number:,} of these films: wrong labels that it learnt by "
            "heart do not show. Look with the frozen encoder too."
        )
    return ""


def _what_to_do(study: Study, kind: str, found: FilmList) -> None:
    number = f"The first {_SHOWN} of {len(found.films):,}. " if len(found.films) > _SHOWN else ""
    st.caption(f"{number}A click opens the film above, beside the map, and on the other pages.")
    with st.container(horizontal=True):
        if st.button("Select these on the map", icon=":material/lasso_select:", key=f"select_{kind}"):
            map_selection.select_rows(study, found.rows)
            st.rerun()
        st.download_button(
            "Export list",
            lambda: list_csv(study, found),
            file_name=take.file_name("", "", f"{kind}-to-review.csv"),
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"export_{kind}",
        )
        film_view.link_to(study, "saliency", "Where do the models look on the opened film?")


def list_csv(study: Study, found: FilmList) -> str:
    """image_id, what is odd, and the fingerprint of the study."""
    ids, words = [study.image_ids[row] for row, _ in found.films], [note for _, note in found.films]
    return csv_of(pd.DataFrame({"image_id": ids, "why": words, "study": study.fingerprint}))


def _labels(study: Study, encoder: str, split: str) -> FilmList:
    review = cache.label_review(study, encoder, split)
    silent = f" Neighbours say nothing about {', '.join(review.silent)}." if review.silent else ""
    part = f" A random {review.n_reviewed:,} of {review.n_films:,} films." if review.n_reviewed < review.n_films else ""
    words = (
        "Labels that disagree with the 15 most similar films of other patients, the most suspect first. A suspect "
        f"label may well be right: it is a reason to look, not a verdict.{part}{silent}"
    )
    return FilmList(tuple((one.row, suspect_words(one)) for one in review.suspects), notices.plain(words))


def suspect_words(one: LabelSuspect) -> str:
    """What was labelled, and what the neighbours have."""
    read = f"labelled {one.finding}" if one.label else f"labelled “no {one.finding}”"
    return f"{read}, but {one.n_positive} of {one.n_neighbours} similar films have it"


def _duplicates(study: Study, encoder: str, split: str) -> FilmList:
    pairs = cache.duplicates(study, encoder, split)
    films = [
        (study.row_of(image_id), f"pair {rank}: {duplicate_words(pair)}")
        for rank, pair in enumerate(pairs, start=1)
        for image_id in (pair.first, pair.second)
    ]
    words = (
        "Pairs less than half as far apart as a film usually is from its nearest, nearest first. Near-duplicates of "
        "different patients, in different splits or with other labels are worth a look."
    )
    return FilmList(tuple(films), words)


def duplicate_words(pair: NearDuplicate) -> str:
    """Whether patients, splits and labels agree."""
    patient = "same patient" if pair.same_patient else "different patients"
    split = "" if pair.same_split else ", different splits"
    labels = f", labelled differently for {', '.join(pair.labels_differ)}" if pair.labels_differ else ""
    return patient + split + labels


def _outliers(study: Study, encoder: str, split: str) -> FilmList:
    found = cache.outlying(study, encoder, split)
    words = "Films far from all others: a wrong view, a bad exposure, another body part, or simply a rare film."
    return FilmList(tuple((one.row, outlier_words(one)) for one in found), words)


def outlier_words(one: Outlier) -> str:
    """How far it is from its neighbours."""
    return f"{one.relative:.1f} times as far from its neighbours as they are from theirs"


_LISTS: Final[dict[str, Callable[[Study, str, str], FilmList]]] = {
    "labels": _labels,
    "duplicates": _duplicates,
    "outliers": _outliers,
}
