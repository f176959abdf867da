"""What a starting point promised of each class, and what two cuts settle."""

from __future__ import annotations

import streamlit as st

from core.figures.promise_tables import grey_zone_table, promise_table
from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.grey_zone import grey_zones
from pages.shared import take
from pages.shared.selection import SPLIT_WORDS


def show(study: Study, start: ThresholdSet, split: str) -> None:
    """A table each, where there is something to say."""
    st.caption(
        "Promises are of patients, each counted once. False alarms and missed: films against the plain rule.",
        help="A patient counts for the worst of the films: found where all positive ones are, a false alarm where any "
        "negative one is. Kept in: of 100 draws of as many patients, exact for scores without ties.",
    )
    take.table(
        promise_table(start.fits),
        take.Of("promises", "What is promised", start.setting, start.split or "", start.basis),
    )
    if start.has_grey_zone:
        st.caption(f"What the two cuts settle on {SPLIT_WORDS[split].lower()}, in films; limits one-sided, 95 %.")
        of = take.Of("grey-zones", "What the two cuts settle", start.setting, split, start.basis)
        take.table(grey_zone_table(grey_zones(study, split, start), study.classes), of)
