"""How far the readers agree, and the settings beside them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.figures.reader_tables import agreement_table, rater_table, region_pair_table, region_table
from core.report.parts import IMPORT
from core.report.readers import (
    KAPPA_WORDS,
    StudyAnnotators,
    StudyReaders,
    several_readers,
    study_annotators,
    study_readers,
)
from core.study import Study
from core.words import UNDEFINED
from pages.shared import cache, notices, selection, take

_REGIONS: Final = (
    "Kappa, same word: whether readers mark the same films. Dice and IoU: how far their regions lie on each other, 1 "
    "is the same; the mean over the pairs of readers of a film, then over films."
)
_AGAINST: Final = (
    "Each reader is set against the majority of the others, and each setting, at the thresholds in use, against the "
    "same majorities: the readers' figures are the ceiling."
)


@st.cache_resource(max_entries=8, hash_funcs=cache.KEYS, show_spinner=False)
def _compared(study: Study, split: str, sets: cache.Sets) -> StudyReaders | None:
    return study_readers(study, split, sets, cache.resamples(study, split))


@st.cache_resource(max_entries=8, hash_funcs=cache.KEYS, show_spinner=False)
def _drawn(study: Study, split: str) -> StudyAnnotators | None:
    return study_annotators(study, split, cache.resamples(study, split))


def show(study: Study, split: str, sets: cache.Sets) -> None:
    """What several readers said of films, and what several drew on them; or how a study comes to have either."""
    if not len(study.rows(split)):
        st.markdown("There is no film in this split.")
        return
    has_said = several_readers(study) is not None
    with st.spinner("Setting the readers' marks against each other"):
        drawn = _drawn(study, split)
    if has_said:
        _said(study, split, sets)
    if drawn is not None:
        _regions(drawn)
    if not has_said and drawn is None:
        notices.missing(
            "This study does not say what each of several readers said or drew on these films. A label table with a "
            "column reader does, one row for every film and reader; so do marks with the names of who drew them.",
            IMPORT,
        )


def _said(study: Study, split: str, sets: cache.Sets) -> None:
    """All classes in a table, one class reader by reader."""
    with st.spinner("Resampling patients for the intervals"):
        readers = _compared(study, split, sets)
    assert readers is not None
    kinds = dict.fromkeys(one.kind for one in readers.per_class)
    names = f"{len(readers.names)} readers ({notices.plain(readers.source)})"
    st.markdown(f"**{names}.** Kappa: {'; '.join(KAPPA_WORDS[kind] for kind in kinds)}.", help=_AGAINST)
    _every_class(readers, split)
    finding = selection.pick_finding(study)
    one = readers.per_class[study.classes.index(finding)]
    st.markdown(f"**{notices.plain(finding)}**, reader by reader, against the majority of the others")
    table = rater_table(one)
    table.index = table.index.map(notices.plain)
    take.table(table, take.Of(f"readers-{finding}", f"{finding}, reader by reader", split=split, said=take.RESAMPLED))
    st.caption("In brackets: 95 % intervals over resamples of patients. The settings are as they are used above.")


def _regions(drawn: StudyAnnotators) -> None:
    """How far regions lie on each other: all classes, and one by pairs of readers."""
    st.markdown(f"**Regions that {len(drawn.names)} readers drew**", help=_REGIONS)
    table = region_table(drawn.per_class)
    number = st.column_config.NumberColumn(format="%.3f")
    take.frame(
        table,
        take.Of("regions", f"Agreement of the regions of {len(drawn.names)} readers on {len(table)} classes"),
        key="region-table",
        hide_index=True,
        height="content",
        placeholder=UNDEFINED,
        column_config={
            "Class": st.column_config.TextColumn(pinned=True, width="medium"),
            "Films": st.column_config.NumberColumn(help="Films that two readers or more drew anything on"),
            "Marked": st.column_config.NumberColumn(help="Of these, films that a reader marked for the class"),
            "Films of two": st.column_config.NumberColumn(help="Films that two readers or more marked for the class"),
            **dict.fromkeys(("Kappa", "Same word", "Dice", "IoU"), number),
        },
    )
    with_pairs = {one.finding: one for one in drawn.per_class if one.pairs}
    if not with_pairs:
        st.markdown("No two readers marked the same film for the same class.")
        return
    finding = selection.pick_listed("Regions of", list(with_pairs), default=next(iter(with_pairs)), key="regions_of")
    pairs = region_pair_table(with_pairs[finding])
    pairs.index = pairs.index.map(notices.plain)
    take.table(
        pairs, take.Of(f"region-pairs-{finding}", f"Regions of {finding} by pairs of readers", said=take.RESAMPLED)
    )
    st.caption("A film counts as read by those who drew anything on it. In brackets: 95 % intervals over patients.")


def _every_class(readers: StudyReaders, split: str) -> None:
    table = agreement_table(readers.per_class)
    number = st.column_config.NumberColumn(format="%.3f")
    take.frame(
        table,
        take.Of(
            "readers",
            f"Agreement of {len(readers.names)} readers on {len(table)} classes",
            split=split,
            said=take.RESAMPLED,
        ),
        key="reader-table",
        hide_index=True,
        height="content",
        placeholder=UNDEFINED,
        column_config={
            "Class": st.column_config.TextColumn(pinned=True, width="medium"),
            "Films": st.column_config.NumberColumn(help="Films that two readers or more looked at"),
            "Positive": st.column_config.NumberColumn(help="Of these, films that a reader called positive"),
            **{name: number for name in table.columns[3:] if not name.endswith("95 %")},
        },
    )
    st.caption(f"{UNDEFINED} is undefined. Readers' F1: all readers, each against the majority of the others.")
