"""Settings against each other on the same films, by paired differences."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.figures.class_tables import INTERVAL, comparison_table
from core.metrics.class_figures import class_figures_in
from core.report.resampling_words import resampling_words
from core.settings.titles import setting_title
from core.study import Study
from core.words import UNDEFINED
from pages.shared import cache, selection, take

_WORDS: Final = "95 % interval over resamples of the patients, the same for both settings"


def by_class(study: Study, split: str, sets: cache.Sets) -> None:
    """One pair of settings, class by class."""
    if len(sets) < 2:
        st.caption("This study has one setting, so there is nothing to compare it with.")
        return
    with st.spinner("Resampling patients"):
        pairs = {f"{one.first}-{one.second}": one for one in cache.comparisons(study, split, sets)}
    words = {name: f"{setting_title(one.second)} minus {setting_title(one.first)}" for name, one in pairs.items()}
    name = selection.pick_one("Difference", list(pairs), default=list(pairs)[-1], words=words, key="difference")
    figures = class_figures_in("comparison")
    take.frame(
        comparison_table(pairs[name].reversed()),
        take.Of("differences", f"{words[name]}, every class", split=split, said=f"{_WORDS}."),
        key="comparison-table",
        hide_index=True,
        height="content",
        placeholder=UNDEFINED,
        column_config={
            "Class": st.column_config.TextColumn(pinned=True, width="medium"),
            **{one.title: st.column_config.NumberColumn(format=f"%+.{one.digits}f", help=one.help) for one in figures},
            **{f"{one.title}{INTERVAL}": st.column_config.TextColumn(help=_WORDS) for one in figures},
            "Excludes 0": st.column_config.TextColumn(
                help="Figures whose interval excludes 0; the others may be chance"
            ),
        },
    )
    st.caption(
        "Each setting at its own thresholds. With many classes, about 1 in 20 differs from 0 by chance.",
        help="Not estimable with fewer than 5 positive films, or where no resample differs. "
        f"{resampling_words(study, split)}",
    )
