"""Prompts: how far they lie from films, and a lab in which one class's prompts are edited and scored."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd
import streamlit as st

from core.errors import CoreError
from core.figures.prompt_moves import moves_figure
from core.metrics.arrays import MIN_POSITIVES
from core.metrics.classification import Confusion
from core.metrics.difference import Difference
from core.space.prompt_lab import PromptTrial, ScoreFigures, moves_of, try_prompts
from core.space.prompt_pairs import PromptError, PromptPair, lines_of, pair_from_templates, stored_pair
from core.space.study_model import why_not
from core.space.text import can_compare
from core.study import Study
from core.words import UNDEFINED, interval_words, number_words, signed_interval_words, signed_words
from pages.embedding_space import cache
from pages.shared import notices, selection, take

_SIDES: Final = ("It is there", "It is not there")
_TRIED: Final = "prompt_trial"
_USUAL: Final = (("chest x-ray with {}",), ("chest x-ray without {}",))


@st.fragment
@notices.guarded
def show(study: Study) -> None:
    """The gap between films and prompts in words, then the lab."""
    if not can_compare(study):
        notices.missing("This study holds no prompts in the space of its films.")
        return
    st.markdown(f"**The gap between films and text.** {notices.plain(cache.text_gap(study).sentence)}")
    st.caption(
        "Because of the gap, prompts are not drawn on a map of films. Choose “Similarity to a prompt” under Colour by "
        "instead."
    )
    st.markdown("**Prompt lab.** Edit the prompts of a class and see what becomes of zero-shot.")
    reason = why_not(study)
    if reason is not None:
        st.info(notices.plain(reason), icon=":material/edit_off:")
        return
    _lab(study)


def _lab(study: Study) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        finding = selection.pick_finding(study, key="prompt_class")
        split = selection.pick_split(study, label="Show results on", key="prompt_split")
    start = _start(study, finding)
    with st.form(f"prompts-{study.fingerprint}-{finding}"):
        left, right = st.columns(2)
        keys = [f"{title}-{study.fingerprint}-{finding}" for title in _SIDES]
        present, absent = (
            column.text_area(title, "\n".join(lines), height=130, key=key, persist_state="session")
            for column, title, lines, key in zip((left, right), _SIDES, start, keys, strict=True)
        )
        st.caption(
            "One prompt per line; several are averaged. {} stands for the finding as a report words it.",
            help="A film's score is its similarity to the first side minus that to the second.",
        )
        asked = st.form_submit_button("Score these prompts", icon=":material/play_arrow:")
    if asked:
        _try(study, finding, present, absent, split)
    fingerprint, kept = st.session_state.get(_TRIED, ("", None))
    if kept is not None and (fingerprint, kept.pair.finding, kept.split) == (study.fingerprint, finding, split):
        _result(study, kept)


def _start(study: Study, finding: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The stored prompts; usual templates where the study holds none for the class."""
    try:
        pair = stored_pair(study, finding)
    except PromptError:
        return _USUAL
    return pair.present, pair.absent


def asked_pair(finding: str, present: str, absent: str) -> PromptPair:
    """The prompts of two text fields; with {} anywhere they are templates. Raises PromptError."""
    sides = lines_of(present), lines_of(absent)
    if any("{}" in line for side in sides for line in side):
        return pair_from_templates(finding, *sides)
    return PromptPair(finding, *sides)


def _try(study: Study, finding: str, present: str, absent: str, split: str) -> None:
    st.session_state.pop(_TRIED, None)
    try:
        pair = asked_pair(finding, present, absent)
        with st.spinner("Reading the prompts"):
            st.session_state[_TRIED] = (study.fingerprint, try_prompts(study, pair, split))
    except CoreError as error:
        notices.show_error(error, title="These prompts cannot be scored")


def _result(study: Study, trial: PromptTrial) -> None:
    for note in trial.notes:
        st.warning(notices.plain(note), icon=":material/spellcheck:")
    take.table(trial_table(trial), take.Of("prompts", f"Prompts of {trial.pair.finding}", said=gain_words(trial.gain)))
    st.markdown(gain_words(trial.gain))
    n_positive = trial.edited.n_positive
    if n_positive < MIN_POSITIVES:
        st.caption(f"Not estimable from {n_positive} positive films: take the figures as they are, without weight.")
    st.caption(
        f"Read on {trial.edited.n_read:,} films, {n_positive:,} of them positive. Prompts chosen on these films "
        "flatter their figures: choose on validation films.",
        help="The fitted threshold is that of the highest F1 on validation films. “× labelled”: predicted over "
        "labelled films, 1 is as many as there are. Read on test films once, after choosing.",
    )
    _moves(study, trial)


def _moves(study: Study, trial: PromptTrial) -> None:
    """Which films' scores moved which way."""
    finding = notices.plain(trial.pair.finding)
    st.markdown("**How the scores moved**")
    title = f"Change of the scores of films with and without {trial.pair.finding}"
    figure = moves_figure(trial.pair.finding, *moves_of(study, trial))
    take.chart(figure, take.Of("prompt-moves", title), key="prompt_moves")
    st.caption(
        "Right of 0: nearer to “it is there” than with the stored prompts.",
        help="Where both groups move together, only the threshold changes. Where films with "
        f"{finding} move further right than films without it, the prompts tell them apart better.",
    )


def gain_words(gain: Difference) -> str:
    """The difference of the two areas with its interval, in a sentence."""
    if math.isnan(gain.value):
        return "The difference in AUROC is undefined: these films do not hold both kinds."
    if not gain.interval.is_estimable:
        return f"AUROC changes by {signed_words(gain.value)} ({interval_words(gain.interval)})."
    ends, verdict = (
        signed_interval_words(gain.interval),
        "which excludes 0" if gain.is_clear else "which may be chance",
    )
    return f"AUROC changes by {signed_words(gain.value)} (95 % interval {ends}, by patients), {verdict}."


def trial_table(trial: PromptTrial) -> pd.DataFrame:
    """Stored beside edited prompts; Markdown text."""
    sides = {"Stored": trial.stored, "Edited": trial.edited}
    return pd.DataFrame(
        {
            "AUROC ↑": [number_words(one.auroc) for one in sides.values()],
            "Average precision ↑": [number_words(one.average_precision) for one in sides.values()],
            "Predicted at margin 0": [_predicted(one, one.at_zero) for one in sides.values()],
            "Fitted threshold": [number_words(one.threshold) for one in sides.values()],
            "Predicted at it": [_predicted(one, one.fitted) for one in sides.values()],
            "Precision, recall at it": [_precision_recall(one.fitted) for one in sides.values()],
        },
        index=pd.Index(list(sides), name="Prompts"),
    )


def _predicted(figures: ScoreFigures, decided: Confusion | None) -> str:
    if decided is None:
        return UNDEFINED
    over = f", {number_words(decided.n_predicted / figures.n_positive, 2)} × labelled" if figures.n_positive else ""
    return f"{decided.n_predicted:,}{over}"


def _precision_recall(decided: Confusion | None) -> str:
    return UNDEFINED if decided is None else f"{number_words(decided.precision)}, {number_words(decided.recall)}"
