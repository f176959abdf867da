"""Cached functions of the embedding space: what takes longer than a click. Keys are as in `pages.shared.cache`."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.metrics.arrays import FloatArray
from core.metrics.map_quality import MapQuality
from core.metrics.neighbours import Metric
from core.metrics.separation.distances import ClassDistances
from core.projection.record import map_quality_of
from core.space.label_review import LabelReview, label_suspects
from core.space.movement import ClassMovement, class_movements
from core.space.neighbours import Agreement, FilmNeighbour, agreement_of, film_neighbours
from core.space.separation import OneByOne, Separation, class_separation_of, paper_separation_of, separation_of
from core.space.suspects import NearDuplicate, Outlier, near_duplicates, outliers
from core.space.text import ModalityGap, modality_gap, stored_similarities
from core.study import Study
from pages.shared.cache import STUDY_KEY


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def map_figures(study: Study, encoder: str, n_dimensions: int) -> MapQuality:
    """How well a stored map keeps neighbours."""
    return map_quality_of(study, encoder, n_dimensions)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def published_separation(study: Study, encoder: str, split: str) -> ClassDistances:
    """The paper's distances."""
    return paper_separation_of(study, encoder, split)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def separation(study: Study, encoder: str, split: str, convention: str, metric: Metric) -> Separation:
    """Distances with interval, null and pairs."""
    return separation_of(study, encoder, split, convention, metric)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def class_separation(study: Study, encoder: str, split: str, metric: Metric) -> OneByOne:
    """Every class against the rest."""
    return class_separation_of(study, encoder, split, metric=metric)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def movements(study: Study, split: str, before: str, after: str) -> tuple[ClassMovement, ...]:
    """How classes moved from one encoder's space to another's."""
    return class_movements(study, split, before=before, after=after)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def label_review(study: Study, encoder: str, split: str) -> LabelReview:
    """Labels that neighbours do not support."""
    return label_suspects(study, encoder, split=split)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def duplicates(study: Study, encoder: str, split: str) -> tuple[NearDuplicate, ...]:
    """Films that are almost the same."""
    return near_duplicates(study, encoder, split=split)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def outlying(study: Study, encoder: str, split: str) -> tuple[Outlier, ...]:
    """Films far from all others."""
    return outliers(study, encoder, split=split)


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def text_gap(study: Study) -> ModalityGap:
    """How far prompts lie from films."""
    return modality_gap(study)


@st.cache_resource(max_entries=32, hash_funcs=STUDY_KEY, show_spinner=False)
def prompt_similarity(study: Study, text: str) -> FloatArray:
    """(n,) cosine of films to a prompt: a stored one from its embedding, another by the model. Raises CoreError."""
    for row, prompt in enumerate(study.manifest.prompts):
        if prompt.text == text:
            return stored_similarities(study, row)
    from core.space.prompt_lab import similarity_to

    return similarity_to(study, text)


@st.cache_resource(max_entries=64, hash_funcs=STUDY_KEY, show_spinner=False)
def agreement(study: Study, encoder: str, rows: tuple[int, ...]) -> Agreement:
    """Whether the neighbours of these films share their labels."""
    return agreement_of(study, encoder, np.array(rows))


@st.cache_resource(max_entries=512, hash_funcs=STUDY_KEY, show_spinner=False)
def nearest_films(study: Study, encoder: str, row: int, number: int) -> tuple[FilmNeighbour, ...]:
    """The films nearest to one in the original space. Raises CoreError."""
    return film_neighbours(study, encoder, row, k=number)
