"""The first thing that is seen: which setting is best, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.figures.contests import contest_rows
from core.report.contest import Contest
from core.report.verdict import verdict
from core.study import Study
from core.thresholds import ThresholdSet
from pages.overview import examples
from pages.shared import notices, take

_LEFT, _RIGHT = 420, 580
"""Widths in pixels: side by side where there is room, else one above the other."""
_ICONS = {"clear": ":material/trophy:", "open": ":material/balance:"}


def best_set(found: Contest, sets: Sequence[ThresholdSet]) -> ThresholdSet | None:
    """The thresholds of the setting that ranks first; None where it has none."""
    return next((one for one in sets if one.setting == found.rows[0].setting), None)


def show(study: Study, split: str, found: Contest, sets: Sequence[ThresholdSet], films: str) -> None:
    """The verdict in a sentence, every setting with its interval, and four films of the best setting beside them.

    films : which films these are, in words.
    """
    said = verdict(found)
    icon = _ICONS.get(said.kind, ":material/info:")
    with st.container(border=True, key="verdict", horizontal=True, gap="medium"):
        with st.container(width=_LEFT):
            st.markdown(f"{icon} **{notices.plain(said.sentence)}**")
            title = f"{found.figure.title} of every setting, 95 % intervals"
            take.forest(
                contest_rows(found), take.Of("verdict", title, split=split, said=f"{take.SOUND} {said.sentence}")
            )
            is_fitted = all(one.split == "val" for one in sets)
            st.caption(
                f"{found.figure.title} under our evaluation, {films}, 95 % intervals"
                f"{', thresholds fitted on validation films' if is_fitted else ''}.",
                help=f"{said.grounds} {found.figure.help}.",
            )
        best = best_set(found, sets)
        if best is not None:
            with st.container(width=_RIGHT):
                examples.show(study, best, split)
