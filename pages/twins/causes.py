"""What findings do to scores over all test films, beside what their films would suggest; and the shortcuts."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from core.errors import CoreError
from core.exports.spreadsheets import csv_of
from core.figures.causal_matrix import causal_figure
from core.settings.registry import shown_first
from core.settings.titles import setting_title
from core.study import Study
from core.twins.matrix import CausalMatrix
from core.twins.shortcuts import RULE, shortcuts
from core.words import count_words
from pages.shared import notices, selection, take
from pages.twins import cache

_SHOWN: Final = 6
"""Shortcuts that stand open; the others are folded away."""


def show(study: Study) -> None:
    """The matrix of one setting; where the study holds none, the command that makes it."""
    st.header("What moves the scores")
    try:
        effects = cache.effects(study)
    except CoreError as error:
        notices.show_error(error, title="The effects of findings cannot be shown")
        return
    if effects is None:
        command = f"python -m core twins {study.root}"
        notices.missing("The twins of all test films have not been looked at yet.", command)
        return
    words = {name: setting_title(name) for name in effects.settings}
    setting = selection.pick_one(
        "Setting", list(effects.settings), default=shown_first(effects.settings), words=words, key="twins_setting"
    )
    with st.spinner("Resampling patients for the intervals"):
        matrix = cache.matrix(study, setting)
    if matrix is None:
        return
    _shortcuts(matrix)
    _figures(matrix)
    st.download_button(
        "Matrix as CSV",
        csv_of(_table(matrix), index=False).encode(),
        f"{take.file_name(setting, 'test', 'causes-and-intervals')}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _shortcuts(matrix: CausalMatrix) -> None:
    found = [notices.plain(entry.sentence) for entry in shortcuts(matrix)]
    if not found:
        st.markdown("No shortcut is named by the rule.", help=RULE)
        return
    st.markdown(f"**{count_words(len(found))} shortcuts by the rule**", help=RULE)
    st.markdown("\n".join(f"- {sentence}" for sentence in found[:_SHOWN]))
    if len(found) > _SHOWN:
        with st.expander(f"{count_words(len(found) - _SHOWN)} more"):
            st.markdown("\n".join(f"- {sentence}" for sentence in found[_SHOWN:]))


def _figures(matrix: CausalMatrix) -> None:
    halves = (
        (
            "causes",
            "Cause: the finding added, all else the same",
            matrix.effect,
            "Rows: what is added; columns: whose score moves, in standard deviations over the test films. Mean over "
            "films; 95 % intervals over resampled patients on hover. A film that shows it has its twin without "
            "it. No Finding: all findings of a film taken away.",
        ),
        (
            "together",
            "Together: films that show it, against the others",
            matrix.together,
            "The same scale. Films that show a finding also show what comes with it, so this is what a table of "
            "co-occurrence would suggest.",
        ),
    )
    for place, (name, title, found, how) in zip(st.columns(2), halves, strict=True):
        with place:
            st.markdown(f"**{title}**", help=how)
            words = f"{title}: rows are findings, columns scores, numbers standard deviations"
            take.chart(
                causal_figure(matrix, found), take.Of(name, words, matrix.setting, "test"), key=f"matrix-{title}"
            )


def _table(matrix: CausalMatrix) -> pd.DataFrame:
    """One row per cause and class, with both halves."""
    rows = []
    for row, cause in enumerate(matrix.causes):
        for column, finding in enumerate(matrix.classes):
            entry: dict[str, object] = {"cause": cause, "score_of": finding}
            for name, found in (("effect", matrix.effect), ("together", matrix.together)):
                entry[f"{name}_sd"] = found.value[row, column]
                entry[f"{name}_low"] = found.low[row, column]
                entry[f"{name}_high"] = found.high[row, column]
                entry[f"{name}_films"] = int(found.n[row])
            rows.append(entry)
    return pd.DataFrame(rows)
