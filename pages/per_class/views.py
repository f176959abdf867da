"""Parts of the per-class page: the table of all classes, one class's curves, over-prediction, co-occurrence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

from core.exports.tables import metrics_csv, metrics_latex
from core.figures.class_tables import INTERVAL, class_table
from core.figures.per_class import co_occurrence_figure, over_prediction_figure, precision_recall_figure, roc_figure
from core.metrics.class_figures import ClassMetrics, class_figures_in
from core.metrics.cooccurrence import films_of_pair
from core.report.settings import ClassesReport, Protocol
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds import ThresholdSet
from core.words import UNDEFINED
from pages.per_class import class_filter, turned_table
from pages.shared import cache, film_view, notices, selection, take, truth_dial
from pages.shared.downloads import Download, offer

_ROW_PX: Final = 32
_FILES: Final = (
    Download("metrics.csv", "All settings as CSV", "text/csv", metrics_csv),
    Download("metrics.tex", "All settings as LaTeX", "text/plain", metrics_latex),
)


def pick_protocol(study: Study) -> Protocol:
    """Whether films are decided by the thresholds in use, or as published."""
    words = {"sound": "Current", "paper": "The paper's"}
    chosen = selection.pick_one("Thresholds", list(words), default="sound", words=words, key="decided_by")
    return "paper" if chosen == "paper" else "sound"


def table(study: Study, split: str, chosen: ClassesReport, sets: cache.Sets) -> Callable[[], None] | None:
    """All classes of a setting, or some of them, with the files to carry away.

    Gives what the end of the page calls where there is a truth dial: it makes ready what the next turn shows.
    """
    choice = class_filter.pick(study, chosen.per_class)
    kept, decided = class_filter.members(choice, chosen.per_class), chosen.thresholds
    title = f"Counts and metrics of {len(kept)} classes, {setting_title(chosen.setting)}"
    of = take.Of("classes", title, chosen.setting, split, f"{chosen.basis} {take.RESAMPLED}")
    ahead = None
    if decided is None or len(truth_dial.positions(study)) < 2:
        _plain_table(chosen, kept, of)
    else:
        helps = {name: str(column.get("help") or "") for name, column in _columns(chosen).items()}
        with take.whole(of):
            turned_table.show(study, split, decided, chosen.per_class, choice, alt=of.title, helps=helps)
        ahead = partial(turned_table.send, study, split, decided, chosen.per_class, choice)
    st.caption(
        f"{UNDEFINED} is undefined. AP: average precision. Click a heading to sort.",
        help="An interval is not estimable with fewer than 5 positive films (specificity: 5 negative, precision: 5 "
        "predicted).",
    )
    offer(_FILES, study, split, {one.setting: one for one in sets}, key="class")
    return ahead


def _plain_table(chosen: ClassesReport, kept: list[str], of: take.Of) -> None:
    take.frame(
        class_table({finding: chosen.per_class[finding] for finding in kept}),
        of,
        key="class-table",
        hide_index=True,
        height=_ROW_PX * (len(kept) + 1) + 2,  # a number, so that its room is kept until it is there
        row_height=_ROW_PX,
        placeholder=UNDEFINED,
        column_config=_columns(chosen),
    )


def _columns(chosen: ClassesReport) -> dict[str, Any]:
    words, figures = "95 % interval; films of one patient count together", class_figures_in("table")
    return {
        "Class": st.column_config.TextColumn(pinned=True, width="medium"),
        "Positive": st.column_config.NumberColumn(help="Films labelled positive"),
        "Negative": st.column_config.NumberColumn(help="Films labelled negative; unlabelled films are in neither"),
        "Predicted": st.column_config.NumberColumn(help="Films whose score is at least the threshold"),
        "Predicted / positive": st.column_config.NumberColumn(
            format="%.2f", help="Over-prediction: 1 is balance, 2 is twice as many predicted as labelled"
        ),
        "Threshold": st.column_config.NumberColumn(format="%.3f", help=f"In units of the {chosen.score_kind}"),
        **{one.title: st.column_config.NumberColumn(format=f"%.{one.digits}f", help=one.help) for one in figures},
        **{f"{one.title}{INTERVAL}": st.column_config.TextColumn(help=words, width=150) for one in figures},
    }


def curves(study: Study, split: str, finding: str, counts: ClassMetrics) -> None:
    """ROC and precision-recall of one class, the settings together."""
    drawn = cache.curves(study, split, finding)
    st.markdown(f"{counts.n_positive:,} positive of {counts.n_read:,} films labelled for {notices.plain(finding)}.")
    notices.mostly_positive_classes(study, split, [finding])
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**ROC:** positives found against negatives called positive")
        words = f"ROC curves of {finding} by setting"
        take.chart(roc_figure(drawn.roc), take.Of(f"roc-{finding}", words, split=split), key="roc")
    with right:
        st.markdown("**Precision and recall:** how many of the predicted are right")
        words = f"Precision-recall curves of {finding} by setting"
        figure = precision_recall_figure(drawn.precision_recall)
        take.chart(figure, take.Of(f"precision-recall-{finding}", words, split=split), key="precision_recall")


def over_prediction(per_class: Mapping[str, Mapping[str, ClassMetrics]], split: str) -> None:
    """Predicted against labelled positives, every class and setting."""
    st.markdown(
        "Films predicted for each film labelled positive, at the thresholds above. 1 is balance; hollow marks at the "
        "left edge are classes that are never predicted."
    )
    take.chart(
        over_prediction_figure(per_class),
        take.Of("over-prediction", "Predicted over labelled positives of every class by setting", split=split),
        key="over_prediction",
    )


def together(study: Study, split: str, chosen: ThresholdSet) -> None:
    """Which labels come together: as labelled, and as predicted."""
    pairs = cache.pairs(study, split, chosen)
    if pairs is None:
        st.markdown("No decision can be made for this setting, so there is nothing to set against the labels.")
        return
    words = {"films": "Predicted on the films of the row", "pairs": "Predicted together"}
    against = selection.pick_one("Compare with", list(words), default="films", words=words, key="together")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Labelled together:** of the films labelled as the row, % also labelled as the column")
        figure = co_occurrence_figure(study.classes, pairs.true, pairs.of_true, "labelled", "also labelled")
        of = take.Of("labelled-together", "Labels that films have together, %", split=split)
        _cells(figure, "true", of, key="pairs_read")
    with right:
        if against == "films":
            st.markdown("**Predicted:** of the films labelled as the row, % predicted as the column")
            figure = co_occurrence_figure(
                study.classes, pairs.true_by_predicted, pairs.of_true, "labelled", "predicted"
            )
        else:
            st.markdown("**Predicted together:** of the films predicted as the row, % also predicted as the column")
            figure = co_occurrence_figure(
                study.classes, pairs.predicted, pairs.of_predicted, "predicted", "also predicted"
            )
        counted = "true_by_predicted" if against == "films" else "predicted"
        of = take.Of(f"predicted-{against}", f"{words[against]}, %", chosen.setting, split, chosen.basis)
        _cells(figure, counted, of, key=f"pairs_{against}")
    st.caption(
        "Click a cell for its films. For a perfect model both figures are the same.",
        help="Films not labelled for the column's class are left out; rows without films are empty.",
    )
    _films_of_cell(study, split, chosen)


_PAIR: Final = "pair"
"""In the address: which counts, and the places of both classes."""
_PAIRS: Final = {
    "true": "Labelled {row} and {column}",
    "true_by_predicted": "Labelled {row}, predicted {column}",
    "predicted": "Predicted {row} and {column}",
}


def _cells(figure: go.Figure, counted: str, of: take.Of, *, key: str) -> None:
    """A matrix, a click on a cell of which opens its films."""

    def clicked(places: list[int]) -> None:
        selection.write(_PAIR, f"{counted}.{places[0]}.{places[1]}")

    film_view.clickable(figure, clicked, of, key=key)


def _films_of_cell(study: Study, split: str, chosen: ThresholdSet) -> None:
    """The films of the cell that was clicked last, here or where a link was made; nothing before."""
    counted, *places = st.query_params.get(_PAIR, "").split(".")
    known = {str(place): place for place in range(len(study.classes))}
    if counted not in _PAIRS or len(places) != 2 or not set(places) <= set(known):
        return
    row, column = (known[place] for place in places)
    rows = study.rows(split)
    labels, scores = study.judged_labels(chosen.setting)[rows], study.scores(chosen.setting)[rows]
    found = rows[films_of_pair(labels, chosen.rule().decide(scores), counted, row, column)]
    title = _PAIRS[counted].format(row=study.classes[row], column=study.classes[column])
    film_view.films_behind(study, title, found, key="pair-films")
