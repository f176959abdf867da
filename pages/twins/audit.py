"""The shortcut audit: is a class told as well in every group of films? For any study with scores."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.report.parts import IMPORT
from core.study import Study
from core.words import difference_words, figure_words
from pages.shared import notices, selection, take
from pages.twins import cache

_SHOWN = 12


def show(study: Study) -> None:
    """The worst in a sentence, then the comparisons."""
    st.header("Shortcut audit")
    if not study.settings:
        notices.missing("This study holds no scores, so there is nothing to audit.", IMPORT)
        return
    with st.container(horizontal=True, gap="medium"):
        setting = selection.pick_setting(study)
        split = selection.pick_split(study, key="audit_split")
    with st.spinner("Comparing groups of films"):
        found = cache.audit(study, setting, split)
    st.markdown(
        notices.plain(found.sentence),
        help="AUROC of a class among films with another class, or of an age, sex or view, against the other films. "
        "It goes with a group and proves no cause: groups differ in more than their name.",
    )
    if not found.rows:
        return
    rows = [
        {
            "Class": notices.plain(row.finding),
            "Where": notices.plain(row.where),
            "There (95 %)": figure_words(row.inside, row.inside_interval, 2),
            "Elsewhere (95 %)": figure_words(row.outside, row.outside_interval, 2),
            "Difference": difference_words(row.difference.value, row.difference.interval, 2),
            "Positives": f"{row.n_positive[0]:,} and {row.n_positive[1]:,}",
            "Sure of all": "yes" if row.stands_out else "no",
        }
        for row in found.rows[:_SHOWN]
    ]
    of = take.Of("shortcut-audit", found.sentence, setting, split, "95 % intervals.")
    take.table(pd.DataFrame(rows).set_index("Class"), of)
    st.caption(
        f"The first {len(rows)} of {len(found.rows):,}, the clearest first. Sure of all: with every comparison counted."
    )
