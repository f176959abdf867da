"""How sure the figures over all classes are: intervals, and settings compared on the same films."""

from __future__ import annotations

import streamlit as st

from core.figures.class_tables import overall_interval_table
from core.report.report import MOST_RESAMPLED
from core.study import Study
from pages.shared import cache, comparison_view, notices


def show(study: Study, split: str) -> None:
    """Under the sound protocol, whatever the table above shows: the published one has no intervals."""
    report = cache.report(study, split, "sound", intervals=True)
    sets = tuple(one.thresholds for one in report.settings.values() if one.thresholds is not None)
    st.markdown("**How sure are these figures?** Sound protocol, with 95 % intervals")
    notices.table(overall_interval_table({name: one.overall for name, one in report.settings.items()}))
    if report.n_films > MOST_RESAMPLED:
        st.caption(f"With over {MOST_RESAMPLED:,} films figures over all classes are not resampled here.")
    else:
        st.caption(
            "In brackets: the middle 95 % of 1,000 resamples of the patients. Classes without a positive film are left "
            "out of the mean.",
            help="A resample draws patients, each with all of their films.",
        )
    if len(sets) > 1:
        st.markdown("**Do the settings differ?** On the same films, each less the other")
        comparison_view.overall(study, split, sets)
