"""The verdict and the results table: the first screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.figures.results_table import figures_line, in_order, named_apart, results_table
from core.metrics.overall_figures import Overall
from core.paper import published
from core.paper.differences import published_differences
from core.report.contest import Contest, contest_figures, usual_figure
from core.report.groups import grouped
from core.report.settings import Protocol
from core.study import Study
from core.thresholds import ThresholdSet
from core.words import UNDEFINED, count_words
from pages.overview import cache as own
from pages.overview import protocols, verdict_card, wordings
from pages.shared import cache, notices, selection, take

_HELP: Final = (
    "Every figure is over the test films; with no split, over all films. Distances are in each encoder's own "
    "space, so compare the ratio across models, not the distances. "
)
_MARKS: Final = (
    f"Arrows say which way is better. The best of a column is blue and bold, the worst red and italic; {UNDEFINED} is "
    "undefined or not recorded."
)
_STUDY: Final = "study"
_FILES: Final[dict[Protocol, str]] = {"paper": "results-paper", "sound": "results-ours"}


@dataclass(frozen=True)
class Shown:
    """What the first screen shows, for what follows on the page.

    overall : by setting, under the evaluation that is chosen; ours where both are.
    sets : the thresholds of our evaluation.
    contest : the settings ranked under it.
    """

    overall: dict[str, Overall]
    sets: tuple[ThresholdSet, ...]
    contest: Contest


def show(study: Study, split: str) -> Shown:
    """The verdict with four films beside it, and the results under one choice of evaluation."""
    card = st.container(key="verdict-room" if cache.has_pictures(study) else None)
    card.empty()  # without a child it would not be there, nor its room
    with selection.controls(of="results"):
        st.header("Results", help=_HELP + _MARKS, width="content")
        evaluation = protocols.pick(study)
        rank, is_grouped = _arrangement(study)
    sets = cache.fitted_sets(study)
    figure = next((one for one in contest_figures() if one.name == rank), usual_figure(sets))
    found = own.ranked(study, split, sets, figure)
    films = f"{count_words(len(study.rows(split)))} {selection.SPLIT_WORDS[split].lower()} films"
    with card:  # before the table, whose distances take longer
        verdict_card.show(study, split, found, sets, films)
    ranked = None if rank == _STUDY else found
    if evaluation == "both":
        protocols.show_both(study, split)
        overall = {name: one.overall for name, one in cache.report(study, split, "sound").settings.items()}
    else:
        overall = _table(study, split, evaluation, ranked, is_grouped, films)
    notices.mostly_positive_classes(study, split)
    notices.notes(cache.report(study, split, "paper" if evaluation == "paper" else "sound").notes, study.settings)
    return Shown(overall, sets, found)


def _arrangement(study: Study) -> tuple[str, bool]:
    """The name of the figure that rows are sorted by, or that they are as in the study; whether they are grouped."""
    if len(study.settings) < 2:
        return _STUDY, False
    words = {_STUDY: "Order of the study", **{one.name: one.title for one in contest_figures()}}
    rank = selection.pick_listed("Sorted by", list(words), default=_STUDY, words=words, key="rank", width=200)
    may_group = 1 < len(grouped(study.settings)) < len(study.settings)
    return rank, may_group and selection.pick_toggle("In groups", key="grouped")


def _table(
    study: Study, split: str, protocol: Protocol, found: Contest | None, is_grouped: bool, films: str
) -> dict[str, Overall]:
    report = cache.report(study, split, protocol)
    if protocol == "sound" and not study.splits().get("val"):
        st.markdown(" ".join(notices.readable(row.basis, study.settings) for row in report.settings.values()))
    overall = {name: setting.overall for name, setting in report.settings.items()}
    rows = in_order(overall, None if found is None else found.figure)
    if protocol == "paper":
        beneath = {name: figures_line("in the paper", row) for name, row in published.OVERALL.items()}
        st.markdown(f"**Published, and this study evaluated likewise.** {_why_not_the_same(study, split)}")
    else:
        beneath = wordings.spreads(study)
        st.markdown(f"**This study**, {films}, our evaluation")
    of = take.Of(_FILES[protocol], f"Results of this study, {films}", split=split, said=take.PROTOCOLS[protocol])
    table = results_table(rows, is_grouped=is_grouped, beneath=beneath)
    take.table(table, of, whole=named_apart(table, beneath))
    return overall


def _why_not_the_same(study: Study, split: str) -> str:
    """What makes a study's figures differ from published ones where both are evaluated alike."""
    return notices.plain(" ".join(one.words for one in published_differences(study, split)))
