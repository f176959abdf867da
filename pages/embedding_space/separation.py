"""Do the classes separate? In the original space: as published at once, with a null and class by class when asked."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd
import streamlit as st

from core.figures.separation import ALPHA, pair_figure
from core.metrics.neighbours import METRICS, Metric
from core.metrics.separation.conventions import CONVENTIONS
from core.metrics.separation.null import PairSeparation
from core.metrics.separation.one_class import ClassSeparation, Figure
from core.settings.titles import encoder_title
from core.space.separation import OneByOne, Separation, films_learnt_from, spaces_in_words
from core.study import Study
from core.words import interval_words, number_words, range_words, share_words
from pages.embedding_space import cache
from pages.shared import notices, selection, take

CHANCE: Final = 0.5
"""The area under the ROC curve of a classifier that knows nothing."""

_ONE_CLASS: Final = (
    "Silhouette (-1 to 1), Fisher ratio and purity: larger is more separated; Davies-Bouldin: smaller. Purity: "
    "the share of positive films among the 15 nearest of a positive film, from other patients; compare it with "
    "the share of all films. Linear: area under the ROC curve of a linear classifier on patients it was not "
    "fitted on; its star: the interval leaves 0.5 out. With fewer films Fisher ratio and Davies-Bouldin show "
    "classes further apart than they are; their intervals are corrected for it, so they need not be centred on "
    "the figure."
)


@st.fragment
@notices.guarded
def show(study: Study, encoders: tuple[str, ...]) -> None:
    """The published distances, then what labels that say nothing would give."""
    st.markdown(
        "Computed in the encoder's original space, never in the plane of the map. **Inter:** mean distance between "
        "class centres. **Intra:** mean distance of a film to the centre of its class. A larger ratio means better "
        "separated classes."
    )
    split = selection.pick_split(study, default="test", key="separation_split")
    for encoder in encoders:
        _warn_of_training(study, encoder, split)
    of = take.Of("separation", "Distances between and within classes", split=split, said="As published.")
    take.table(_published(study, encoders, split), of)
    st.caption(
        f"As published: each film counts to its first positive class only. {notices.plain(spaces_in_words(study))}",
        help="Compare encoders on the same films, not splits with each other: with fewer films chance drives the "
        "centres of classes further apart, and the ratio is larger.",
    )
    if selection.pick_toggle("With intervals, against shuffled labels, and class by class", key="separation_deep"):
        _deep(study, encoders, split)


def _warn_of_training(study: Study, encoder: str, split: str) -> None:
    if number := films_learnt_from(study, encoder, split):
        films = f"{number:,} of these films" if number < len(study.rows(split)) else "these films"
        st.warning(
            f"The {encoder_title(encoder).lower()} encoder was trained on {films}, with their labels: its classes look "
            "better separated here than on films that are new to it. Choose Test to compare encoders.",
            icon=":material/school:",
        )


def _published(study: Study, encoders: tuple[str, ...], split: str) -> pd.DataFrame:
    rows = [cache.published_separation(study, encoder, split) for encoder in encoders]
    return pd.DataFrame(
        {
            "Inter ↑": [number_words(row.inter) for row in rows],
            "Intra ↓": [number_words(row.intra) for row in rows],
            "Inter / intra ↑": [number_words(row.ratio) for row in rows],
            "Films": [f"{row.n_films:,}" for row in rows],
        },
        index=pd.Index([encoder_title(encoder) for encoder in encoders], name="Encoder"),
    )


def _deep(study: Study, encoders: tuple[str, ...], split: str) -> None:
    with st.container(horizontal=True, gap="medium"):
        titles = {way.name: way.title for way in CONVENTIONS}
        convention = selection.pick_one(
            "A film of several classes", list(titles), default="centroid", words=titles, key="separation_by"
        )
        words: dict[str, str] = {name: name.capitalize() for name in METRICS}
        chosen = selection.pick_one("Distance", list(words), default=METRICS[0], words=words, key="separation_metric")
    metric: Metric = "cosine" if chosen == "cosine" else "euclidean"
    st.caption(next(way.words for way in CONVENTIONS if way.name == convention))
    with st.spinner("Shuffling labels and resampling patients"):
        found = [cache.separation(study, encoder, split, convention, metric) for encoder in encoders]
    title = f"Distances between and within classes, {titles[convention]}, {chosen}"
    of = take.Of("separation-intervals", title, split=split, said=take.RESAMPLED)
    take.table(separation_table(found), of)
    st.caption(
        "Shuffled labels: the middle 95 % of the ratio if labels say nothing about films; p: how often it is as "
        f"large.{sample_words(found[0])}",
        help="The interval resamples patients. It is corrected for small-sample bias, so it need not be centred on the "
        "ratio.",
    )
    _by_class(study, encoders, split, metric, found)


def sample_words(one: Separation) -> str:
    """Which films the figures are of, where they are not of all; begins with a space."""
    words = ""
    if one.sampled is not None:
        words = (
            f" Inter, intra and their interval are estimates from {one.sampled.n_parts} random parts with "
            f"{one.sampled.n_films:,} of {one.n_films:,} films in all."
        )
    if one.n_tested < one.n_films:
        what = "Shuffled labels" if one.sampled else "Shuffled labels, interval"
        words += (
            f" {what} and pairs of classes are of {one.n_tested:,} of {one.n_films:,} films, those of random patients, "
            "so that they take seconds: bands and intervals are wider than all films would make them."
        )
    return words


def separation_table(found: list[Separation]) -> pd.DataFrame:
    """One row per encoder; Markdown text."""
    return pd.DataFrame(
        {
            "Inter": [number_words(one.distances.inter) for one in found],
            "Intra": [number_words(one.distances.intra) for one in found],
            "Inter / intra ↑": [number_words(one.distances.ratio) for one in found],
            "95 %": [range_words(one.interval.low, one.interval.high) for one in found],
            "Shuffled labels": [range_words(one.null.low, one.null.high) for one in found],
            "p": [number_words(one.null.p_value) for one in found],
        },
        index=pd.Index([encoder_title(one.encoder) for one in found], name="Encoder"),
    )


def _by_class(study: Study, encoders: tuple[str, ...], split: str, metric: Metric, found: list[Separation]) -> None:
    names = {encoder: encoder_title(encoder) for encoder in encoders}
    shown = selection.pick_one("Encoder", list(names), default=encoders[-1], words=names, key="separation_encoder")
    st.markdown("**Class against class**: inter over intra of each pair")
    pairs = found[encoders.index(shown)].pairs
    title = f"How far each pair of classes lies apart, {names[shown]} encoder"
    take.chart(pair_figure(study.classes, pairs), take.Of(f"pairs-{shown}", title, split=split), key="pairs")
    st.caption(pair_words(pairs), help="Darker: further apart. Point at a cell, or touch it, for its numbers.")
    st.markdown("**One class against all other films**")
    with st.spinner("Measuring every class"):
        measured = cache.class_separation(study, shown, split, metric)
    take.frame(
        class_table(measured.classes),
        take.Of(f"class-separation-{shown}", f"Every class against the rest, {names[shown]} encoder", split=split),
        hide_index=True,
        row_height=28,
        height="content",
    )
    st.caption(class_words(measured, films_learnt_from(study, shown, split)), help=_ONE_CLASS)


def pair_words(pairs: PairSeparation) -> str:
    """What the brackets mean, and how many pairs would do without them by chance."""
    expected = ALPHA * pairs.n_pairs
    by_chance = f"about {expected:.0f}" if expected >= 1 else "fewer than one"
    return (
        f"In brackets: no further apart than shuffled labels (p of {ALPHA} and more). Of {pairs.n_pairs} pairs "
        f"{pairs.n_below(ALPHA)} are further apart; {by_chance} would be by chance, if labels said nothing."
    )


def class_words(measured: OneByOne, n_learnt: int) -> str:
    """What the brackets and stars mean, and of which films.  n_learnt : films that the encoder was trained on."""
    part = (
        f" Of {measured.n_tested:,} of {measured.n_films:,} films, those of random patients."
        if measured.n_tested < measured.n_films
        else ""
    )
    learnt = f" The encoder itself was trained on {n_learnt:,} of the films, with their labels." if n_learnt else ""
    return (
        "In brackets: 95 % intervals. * Shuffled labels do as well less than once in 20 times. One star in 20 is due "
        f"to chance.{learnt}{part}"
    )


def class_table(found: tuple[ClassSeparation, ...]) -> pd.DataFrame:
    """One row per class with its figures as text."""
    return pd.DataFrame(
        [
            {
                "Class": one.finding,
                "Positive": one.n_positive,
                "Of all": share_words(one.prevalence, 1),
                "Silhouette": figure_words(one.silhouette),
                "Fisher ratio": figure_words(one.fisher_ratio),
                "Davies-Bouldin": figure_words(one.davies_bouldin),
                "Purity": figure_words(one.purity),
                "Linear": figure_words(one.linear_auroc),
            }
            for one in found
        ]
    )


def figure_words(figure: Figure) -> str:
    """A figure with its interval, and a star where its null, or an interval without chance, says that labels matter."""
    if math.isnan(figure.value):
        return interval_words(figure.interval)
    interval = figure.interval
    beyond = interval.is_estimable and not interval.low <= CHANCE <= interval.high
    star = "*" if (beyond if figure.null is None else figure.null.p_value < ALPHA) else ""
    return f"{number_words(figure.value, 2)}{star} ({interval_words(interval, 2)})"
