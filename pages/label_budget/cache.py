"""The cached functions of the page; keys are studies, never arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import streamlit as st

from core.label_budget.curves import Curves, compute_curves, figures_of
from core.label_budget.films import BudgetFilms, budget_films, budget_rows
from core.label_budget.orders import random_order, unlike_order, unsure_order
from core.metrics.arrays import FloatArray, IntArray
from core.study import Study
from pages.label_budget.budget import component
from pages.shared.cache import STUDY_KEY

N_DRAWS: Final = 12
"""Orders at random; the unsure order and the unlike order follow them."""


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def films(study: Study, encoder: str) -> BudgetFilms:
    """The films of a study in an encoder's space."""
    return budget_films(study, encoder)


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def orders(study: Study, encoder: str) -> tuple[IntArray, ...]:
    """Every order in which the train films may be labelled."""
    own = films(study, encoder)
    drawn = [random_order(own.patients, seed) for seed in range(N_DRAWS)]
    return (*drawn, unsure_order(own, seed=0), unlike_order(own.films["train"]))


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def curves(study: Study, encoder: str, by_class: bool) -> Curves:
    """The figures of every order at every budget."""
    return compute_curves(films(study, encoder), orders(study, encoder), by_class=by_class)


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def of_settings(study: Study) -> Mapping[str, FloatArray]:
    """The same figures (classes, measures) of the scores of every setting, by setting."""
    found = {}
    for setting in study.settings:
        labels, scores = study.judged_labels(setting), np.asarray(study.scores(setting))
        val, test = ((labels[rows], scores[rows]) for rows in (budget_rows(study, "val"), budget_rows(study, "test")))
        found[setting] = figures_of(val, test)
    return found


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def packed(study: Study, encoder: str) -> bytes:
    """What the browser adapts."""
    return component.packed(films(study, encoder), orders(study, encoder), token(study, encoder))


def token(study: Study, encoder: str) -> str:
    """Names the films of a study in an encoder's space."""
    return f"{study.fingerprint}/{encoder}"
