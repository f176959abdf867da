"""The cards of the thresholds page: scores, slider and counts of one class each, and the figures over all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.figures.thresholds import score_strip_figure
from core.metrics.arrays import MIN_POSITIVES, FloatArray
from core.metrics.classification import Confusion
from core.operating_point import OperatingPoint
from core.study import Study
from core.thresholds import ThresholdCounts, ThresholdSet
from pages.shared import cache, notices

_STEPS: Final = 400


@dataclass(frozen=True)
class Card:
    """One class. start : the fitted threshold, or where nothing is predicted.  low, high : ends of the slider."""

    finding: str
    counts: ThresholdCounts
    key: str
    start: float
    is_fitted: bool
    low: float
    high: float

    @property
    def value(self) -> float:
        """Where the slider stands."""
        return float(st.session_state.get(self.key, self.start))


def cards(study: Study, setting: str, split: str, start: ThresholdSet) -> list[Card]:
    """One card a class; a slider keeps its place while the study, the setting and the starting point stay."""
    counts = cache.counts(study, setting, split)
    scores = np.asarray(study.scores(setting))
    made = []
    for index, finding in enumerate(study.classes):
        fitted = start.values[finding]
        low, high = _ends(scores[:, index], start.score_kind, fitted)
        key = f"threshold-{study.fingerprint}-{setting}-{start.policy}-{finding}"
        made.append(
            Card(finding, counts[finding], key, high if fitted is None else fitted, fitted is not None, low, high)
        )
    return made


def _ends(scores: FloatArray, kind: str, fitted: float | None) -> tuple[float, float]:
    """The ends of a slider: 0..1 for a probability, else a little beyond the scores; always around the fitted one."""
    low, high = (0.0, 1.0) if kind == "probability" else (float(scores.min()), float(scores.max()))
    margin = 0.01 * ((high - low) or 1.0)
    high = max(high, float(scores.max())) + margin
    low = low if kind == "probability" else low - margin
    return (low, high) if fitted is None else (min(low, fitted), max(high, fitted))


def draw(deck: Sequence[Card]) -> FloatArray:
    """Draws the cards; (n_classes,) where the sliders stand."""
    st.caption(
        "On each card: the scores of films read as positive (orange, upwards) and as negative (grey, downwards), each "
        "to its own height; the blue line is the threshold, and a film is predicted where its score is at least that."
    )
    with st.grid(3, min_column_width=270):
        for card in deck:
            with st.container(border=True, height="stretch"):
                _draw(card)
    return np.array([card.value for card in deck])


def _draw(card: Card) -> None:
    st.session_state.setdefault(card.key, card.start)
    positives = f"{card.counts.n_positive:,} positive"
    if card.counts.n_positive < MIN_POSITIVES:
        positives = f":orange[{positives}: too few to judge]"
    st.markdown(f"**{notices.plain(card.finding)}** · {positives}")
    st.plotly_chart(
        score_strip_figure(card.counts, card.value, card.low, card.high),
        key=f"strip-{card.key}",
        config={"staticPlot": True},
        alt=f"Scores of {card.finding}: positives above the line, negatives below, threshold {card.value:.3f}",
    )
    st.slider(
        f"Threshold of {card.finding}",
        card.low,
        card.high,
        step=(card.high - card.low) / _STEPS,
        format="%.3f",
        key=card.key,
        label_visibility="collapsed",
        persist_state="session",
    )
    st.markdown(counts_words(card.counts.at(card.value)))
    if not card.is_fitted:
        st.caption("No film to fit on has this class: it starts where nothing is predicted.")


def counts_words(counts: Confusion) -> str:
    """What a threshold gives, in one short paragraph; – is undefined."""
    return (
        f"predicted **{counts.n_predicted:,}**, right **{counts.tp:,}**, missed **{counts.fn:,}**  \n"
        f"precision **{_share(counts.precision)}** · recall **{_share(counts.recall)}**  \n"
        f"specificity **{_share(counts.specificity)}** · F1 **{_share(counts.f1)}**"
    )


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def n_moved(deck: Sequence[Card]) -> int:
    """How many sliders are away from where they started."""
    return sum(not math.isclose(card.value, card.start, rel_tol=1e-9, abs_tol=1e-12) for card in deck)


def summarise(
    place: DeltaGenerator,
    *,
    now: OperatingPoint,
    before: OperatingPoint,
    n_moved: int,
    is_exploratory: bool,
    cards: Sequence[Card],
) -> None:
    """The figures over all classes, what moving changed, and how far they may be trusted."""
    with place, st.grid(5, min_column_width=130):
        for title, name in (("Macro F1", "macro_f1"), ("Micro F1", "micro_f1"), ("Exact match", "exact_match")):
            _metric(title, getattr(now, name), getattr(before, name), 3)
        _metric(
            "Predicted labels per film",
            _mean(now.n_predicted, now),
            _mean(before.n_predicted, before),
            2,
            is_merit=False,
        )
        _metric("Read labels per film", _mean(now.n_true, now), _mean(before.n_true, before), 2, is_merit=False)
    with place, st.container(horizontal=True, vertical_alignment="center"):
        if not n_moved:
            st.badge("At the starting point", icon=":material/flag:", color="blue")
        elif is_exploratory:
            st.badge(
                f"Exploratory: {_moved(n_moved)} while looking at these films",
                icon=":material/explore:",
                color="orange",
            )
        else:
            st.badge(f"{_moved(n_moved)} on validation films", icon=":material/tune:", color="blue")
        st.button("Reset", icon=":material/undo:", on_click=reset, args=(cards,), key="reset", disabled=not n_moved)
    if n_moved and is_exploratory:
        place.caption("Thresholds chosen on the films they are judged on flatter every figure: choose on validation.")


def reset(deck: Sequence[Card]) -> None:
    """Every slider back to where it started."""
    for card in deck:
        st.session_state[card.key] = card.start


def _moved(number: int) -> str:
    return "1 threshold moved" if number == 1 else f"{number} thresholds moved"


def _mean(number: int, point: OperatingPoint) -> float:
    return number / point.n_films if point.n_films else math.nan


def _metric(title: str, now: float, before: float, decimals: int, *, is_merit: bool = True) -> None:
    change = round(now - before, decimals)
    st.metric(
        title,
        "–" if math.isnan(now) else f"{now:.{decimals}f}",
        None if math.isnan(change) or change == 0 else f"{change:+.{decimals}f}",
        delta_color="normal" if is_merit else "off",
    )
