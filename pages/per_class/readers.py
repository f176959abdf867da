"""How far the readers agree, and the settings beside them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.figures.reader_tables import agreement_table, rater_table
from core.report.parts import IMPORT
from core.report.readers import KAPPA_WORDS, StudyReaders, several_readers, study_readers
from core.study import Study
from core.words import UNDEFINED
from pages.shared import cache, notices, selection

_AGAINST: Final = (
    "Each reader is set against the majority of the others, and each setting, at the thresholds in use, against the "
    "same majorities: the readers' figures are the ceiling."
)


@st.cache_resource(max_entries=8, hash_funcs=cache.KEYS, show_spinner=False)
def _compared(study: Study, split: str, sets: cache.Sets) -> StudyReaders | None:
    return study_readers(study, split, sets, cache.resamples(study, split))


def show(study: Study, split: str, sets: cache.Sets) -> None:
    """All classes in a table, one class reader by reader."""
    found = several_readers(study)
    if found is None:
        notices.missing(
            "This study does not say what each of several readers said. A label table with a column reader does, one "
            "row for every film and reader.",
            IMPORT,
        )
        return
    with st.spinner("Resampling patients for the intervals"):
        readers = _compared(study, split, sets)
    if readers is None:
        st.markdown("There is no film in this split.")
        return
    kinds = dict.fromkeys(one.kind for one in readers.per_class)
    names = f"{len(readers.names)} readers ({notices.plain(readers.source)})"
    st.markdown(f"**{names}.** Kappa: {'; '.join(KAPPA_WORDS[kind] for kind in kinds)}.", help=_AGAINST)
    _every_class(readers)
    finding = selection.pick_finding(study)
    one = readers.per_class[study.classes.index(finding)]
    st.markdown(f"**{notices.plain(finding)}**, reader by reader, against the majority of the others")
    table = rater_table(one)
    table.index = table.index.map(notices.plain)
    notices.table(table)
    st.caption("In brackets: 95 % intervals over resamples of patients. The settings are as they are used above.")


def _every_class(readers: StudyReaders) -> None:
    table = agreement_table(readers.per_class)
    number = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(
        table,
        key="reader-table",
        hide_index=True,
        height="content",
        placeholder=UNDEFINED,
        alt=f"Agreement of {len(readers.names)} readers on {len(table)} classes",
        column_config={
            "Class": st.column_config.TextColumn(pinned=True, width="medium"),
            "Films": st.column_config.NumberColumn(help="Films that two readers or more looked at"),
            "Positive": st.column_config.NumberColumn(help="Of these, films that a reader called positive"),
            **{name: number for name in table.columns[3:] if not name.endswith("95 %")},
        },
    )
    st.caption(f"{UNDEFINED} is undefined. Readers' F1: all readers, each against the majority of the others.")
