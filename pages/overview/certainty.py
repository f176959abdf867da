"""How sure the figures over all classes are, and where settings differ: pictures first, tables one click behind."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.figures.contests import contest_rows, contest_table, difference_rows, difference_table, references
from core.metrics.first_order import EXACT_UP_TO
from core.report.contest import Contest
from core.report.resampling_words import FIRST_ORDER, resampling_words
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds import ThresholdSet
from core.words import count_words
from pages.overview import cache as own
from pages.shared import take

_SURE = "The middle 95 % of {} Classes without a positive film are left out of the mean."
_DIFFER = (
    "On the same films and resamples. Intervals hold for all pairs of settings at once, so that the best of many is "
    "not best by being one of many."
)

_SURE_TITLE = "Every setting with its interval"
_SAID = f"{take.SOUND} Intervals hold for all pairs of settings at once."


def show(study: Study, split: str, sets: tuple[ThresholdSet, ...]) -> None:
    """Under our evaluation, whatever the table above shows: the paper's has no intervals."""
    contests = own.all_ranked(study, split, sets)
    defined = [one for one in contests if one.defined]
    st.markdown(
        "**How sure are these figures?** Our evaluation, 95 % intervals",
        help=_SURE.format(resampling_words(study, split)),
    )
    _forests(defined, split)
    with st.expander("As a table", icon=":material/table:"):
        if defined:
            take.table(contest_table(defined), take.Of("intervals", _SURE_TITLE, split=split, said=take.SOUND))
    if len(study.rows(split)) > EXACT_UP_TO:
        st.caption(
            f"Macro AUROC of over {count_words(EXACT_UP_TO)} films is resampled to the first order.", help=FIRST_ORDER
        )
    if len(sets) > 1 and defined:
        st.markdown("**Do the settings differ?**", help=_DIFFER)
        _differences(defined, split)
        with st.expander("As a table", icon=":material/table:"):
            take.table(
                difference_table(defined), take.Of("differences", "Differences of settings", split=split, said=_SAID)
            )
            st.caption(
                "In brackets: the 95 % interval for all pairs at once. * it excludes 0; otherwise it may be chance."
            )


def _forests(contests: Sequence[Contest], split: str) -> None:
    columns = st.columns(2, gap="large")
    for number, one in enumerate(contests):
        with columns[number % 2]:
            st.markdown(one.figure.heading)
            title = f"{one.figure.title} of every setting"
            of = take.Of(f"intervals-{one.figure.name}", title, split=split, said=take.SOUND)
            take.forest(contest_rows(one), of)


def _differences(contests: Sequence[Contest], split: str) -> None:
    """The first figure alone, against zero-shot and against the best: others are in the table."""
    first = contests[0]
    columns = st.columns(2, gap="large")
    for number, reference in enumerate(references(first)):
        with columns[number]:
            st.markdown(f"{first.figure.title} minus {setting_title(reference)}")
            rows = difference_rows(first, reference)
            title = f"{first.figure.title} of every setting minus {setting_title(reference)}"
            of = take.Of(f"differences-{reference}", title, split=split, said=_SAID)
            take.forest(rows, of, zero=True)
    st.caption("A ring: the interval holds 0, so the difference may be chance.")
