"""The cached functions of this page."""

from __future__ import annotations

import streamlit as st

from core.metrics.overall_figure import OverallFigure
from core.metrics.overall_figures import overall_figures_in
from core.prompts.films import FITTED_ON, films_asked, read_on
from core.prompts.stored import asked_prompts
from core.prompts.survey import PromptSurvey, survey
from core.prompts.variants import Variants, variants_of
from core.report.contest import Contest, contest, contest_figures, contests
from core.report.examples import ExampleFilm, example_films
from core.report.transfer import Transfer, Way, measure_named, transfer
from core.study import Study
from core.thresholds import ThresholdSet
from pages.shared.cache import KEYS, STUDY_KEY, Sets, resamples


def ranked(study: Study, split: str, sets: Sets, figure: OverallFigure) -> Contest:
    """The settings ranked by a figure."""
    return _ranked(study, split, sets, figure.name)


@st.cache_resource(max_entries=64, hash_funcs=KEYS, show_spinner=False)
def _ranked(study: Study, split: str, sets: Sets, figure: str) -> Contest:
    chosen = next(one for one in contest_figures() if one.name == figure)
    return contest(study, split, sets, chosen, resamples(study, split))


@st.cache_resource(max_entries=16, hash_funcs=KEYS, show_spinner="Resampling patients")
def all_ranked(study: Study, split: str, sets: Sets) -> tuple[Contest, ...]:
    """The settings ranked by every figure of reports that has an interval and a better side."""
    figures = [one for one in overall_figures_in("report") if one in contest_figures()]
    return contests(study, split, sets, figures, resamples(study, split))


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def examples(study: Study, chosen: ThresholdSet, split: str) -> tuple[str, tuple[ExampleFilm, ...]]:
    """A class with the clearest film of every way in which it came out, under the thresholds of a setting."""
    return example_films(study, chosen, study.rows(split))


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner=False)
def variants(study: Study) -> Variants | None:
    """The zero-shot row under every wording that the study keeps; None where it keeps none."""
    asked = asked_prompts(study)
    if asked is None:
        return None
    fit = films_asked(study, asked, FITTED_ON) if len(study.rows(FITTED_ON)) else None
    return variants_of(asked, study.classes, fit, films_asked(study, asked, read_on(study)))


@st.cache_resource(max_entries=8, hash_funcs=STUDY_KEY, show_spinner="Comparing the wordings")
def prompts(study: Study) -> PromptSurvey | None:
    """Every wording that the study keeps, measured; None where it keeps none."""
    asked = asked_prompts(study)
    return None if asked is None else survey(study, asked)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner="Reading thresholds under other settings")
def transferred(study: Study, split: str, measure: str, way: Way) -> Transfer | None:
    """Every setting's thresholds under every setting; None where they cannot be carried over."""
    return transfer(study, split, measure_named(measure), way, resamples=resamples(study, split))
