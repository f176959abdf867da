"""The first thing that is seen: which setting is best, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.figures.contests import contest_rows
from core.report.contest import Contest
from core.report.verdict import verdict
from core.thresholds import ThresholdSet
from pages.shared import notices, take

_ICONS = {"clear": ":material/trophy:", "open": ":material/balance:"}


def show(found: Contest, sets: Sequence[ThresholdSet], split: str, films: str) -> None:
    """The verdict in a sentence, and every setting with its interval.

    films : which films these are, in words.
    """
    said = verdict(found)
    icon = _ICONS.get(said.kind, ":material/info:")
    with st.container(border=True):
        st.markdown(f"{icon} **{notices.plain(said.sentence)}**")
        title = f"{found.figure.title} of every setting, 95 % intervals"
        of = take.Of("verdict", title, split=split, said=f"{take.SOUND} {said.sentence}")
        take.forest(contest_rows(found), of)
        is_fitted = all(one.split == "val" for one in sets)
        st.caption(
            f"{found.figure.title} under the sound protocol, {films}, 95 % intervals"
            f"{', thresholds fitted on validation films' if is_fitted else ''}.",
            help=f"{said.grounds} {found.figure.help}.",
        )
