"""The curves of all classes with the current thresholds on them, and how firm a fit is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.figures.small_multiples import PAIR
from core.figures.thresholds import CURVES, WITH_PROBABILITIES, alt_of, pairs_of, spread_pairs
from core.metrics.arrays import MIN_POSITIVES
from core.metrics.intervals import not_estimable
from core.study import Study
from core.thresholds import ClassFit, ThresholdSet, policy_named
from core.thresholds.calibration import CHOICES
from core.thresholds.spread import MOST_REFITTED, Spread
from core.words import UNDEFINED, interval_words, number_words, share_words, threshold_words
from pages.shared import calibration_view, film_view, operating, selection, take
from pages.thresholds import behind, cache, promised


def show(study: Study, setting: str, split: str) -> None:
    """One kind of curve, small for every class or large for one, the settings together."""
    titles = {name: title for name, title, _ in CURVES}
    name = selection.pick_one("Curve", list(titles), default=next(iter(titles)), words=titles, key="curve")
    sets = {other: operating.current_decisions(study, other) for other in study.settings}
    choice = calibration_view.pick_choice() if name in WITH_PROBABILITIES else "as-is"
    curves = cache.threshold_curves(study, split, sets, choice)
    finding = selection.finding_of(study)
    said = f"{CHOICES[choice]}." if name in WITH_PROBABILITIES else " ".join({one.basis: "" for one in sets.values()})
    which = {"all": "All, small", "one": f"{finding} alone"}
    shown = selection.pick_one("Classes", list(which), default="all", words=which, key="curves_of")
    if shown == "all":
        legend, figures = pairs_of(name, curves)
        take.legend(legend)
        asked = behind.asked(study)
        place = None if asked is None else min(curves.classes.index(asked[1]) // PAIR, len(figures) - 1)
        if place is None:
            behind.how()
        with st.grid(min(len(figures), 2), min_column_width=330):
            for number, figure in enumerate(figures):
                with st.container():
                    of = take.Of(f"{name}-{number + 1}", alt_of(name, curves), split=split, said=said, has_legend=True)
                    _chart(figure, f"curve-{name}-{number}", of, study)
                    if number == place:  # under the chart that was clicked, where it is in sight
                        behind.show(study, split, sets)
        return
    draw = next(draw for kind, _, draw in CURVES if kind == name)
    alone = curves.only(finding)
    figure = draw(alone, 1).update_layout(height=440, legend_y=1.14)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _chart(
            figure,
            f"curve-{name}-alone",
            take.Of(f"{name}-{finding}", alt_of(name, alone), split=split, said=said),
            study,
        )
    with right:
        behind.show(study, split, sets)


def _chart(figure: go.Figure, key: str, of: take.Of, study: Study) -> None:
    """A chart, a click on whose points opens their films."""
    film_view.clickable(figure, lambda point: behind.clicked(study, point), of, key=key)


def _side_by_side(figures: Sequence[go.Figure], of: take.Of) -> None:
    """As many in a row as the window has room for."""
    with st.grid(2, min_column_width=330):
        for number, figure in enumerate(figures):
            take.chart(figure, replace(of, name=f"{of.name}-{number + 1}"), key=f"{of.name}-{number}")


def show_fit(study: Study, setting: str, split: str) -> None:
    """How flat each class's optimum is, on how many positives it stands, and how much fitting flatters; or what was
    promised.
    """
    start = operating.current(study, setting).start
    if not start.fits:
        st.info("Nothing was fitted here: these thresholds are a fixed rule, or come from a file.")
        return
    if any(fit.promises for fit in start.fits.values()):
        promised.show(study, start, split)
        return
    why_not = _no_spread(start)
    spreads = {}
    if not why_not:
        with st.spinner("Fitting on 1,000 resamples of the patients"):
            spreads = cache.spreads(study, setting, start.policy, start.parameter)
    if why_not:
        st.caption(f"Refitted and corrected are {UNDEFINED} : {why_not}")
    take.frame(
        _fit_table(start, spreads),
        take.Of("fits", "How firm each class's threshold is", setting, start.split or "", start.basis),
        key="fit-table",
        height="content",
        column_config={
            "Nearly as good": st.column_config.TextColumn(
                help="Thresholds whose objective is within 0.02 of the best, and the share of films between them."
            ),
            "F1 corrected": st.column_config.TextColumn(
                help="The apparent F1 less its optimism: how much fitting on resamples flatters (Harrell 1996)."
            ),
        },
    )
    if spreads:
        title = "Thresholds fitted on resampled patients, by class"
        _side_by_side(spread_pairs(spreads), take.Of("spreads", title, setting, "val", start.basis))


def _no_spread(start: ThresholdSet) -> str:
    """Why a start was not fitted on resamples; "" where it can be."""
    if policy_named(start.policy).objective is None:
        return "this starting point is one cut for all classes, not a fit of each."
    if start.split != "val":
        return "thresholds were not fitted on validation films, so there is nothing to fit again."
    if start.n_films > MOST_REFITTED:
        return f"over {MOST_REFITTED:,} films, fitting 1,000 times takes too long here."
    return ""


def _fit_table(start: ThresholdSet, spreads: dict[str, Spread]) -> pd.DataFrame:
    rows: dict[str, dict[str, Any]] = {}
    for finding, fit in start.fits.items():
        spread = spreads.get(finding)
        rows[finding] = {
            "Positives": fit.n_positive,
            "Fitted threshold": threshold_words(fit.threshold),
            "Refitted, middle 95 %": _range(spread),
            "F1 apparent": number_words(None if spread is None else spread.apparent_f1),
            "F1 corrected": number_words(None if spread is None else spread.corrected_f1),
            "Nearly as good": _flat(fit),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Class")


def _flat(fit: ClassFit) -> str:
    if not (math.isfinite(fit.flat_low) and math.isfinite(fit.flat_high)):
        return UNDEFINED
    ends = f"{threshold_words(fit.flat_low, 3)} to {threshold_words(fit.flat_high, 3)}"
    return f"{ends} ({share_words(fit.flat_share, 1)} of films)"


def _range(spread: Spread | None) -> str:
    if spread is None or (math.isnan(spread.low) and spread.n_positive >= MIN_POSITIVES):
        return UNDEFINED
    if not spread.is_estimable:
        return interval_words(not_estimable(spread.n_positive))
    return f"{threshold_words(spread.low)} to {threshold_words(spread.high)}"
