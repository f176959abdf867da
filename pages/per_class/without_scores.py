"""The classes of a study without scores: what its labels say, and how far its readers agree."""

from __future__ import annotations

import streamlit as st

from core.figures.class_tables import label_table
from core.report.parts import IMPORT
from core.report.readers import several_readers
from core.study import Study
from pages.per_class import readers
from pages.shared import notices, selection, take


def show(study: Study) -> None:
    """How many films each class has."""
    split = selection.pick_split(study)
    rows = study.rows(split)
    notices.missing("This study holds no scores, so nothing can be said of a model; its labels are here.", IMPORT)
    notices.mostly_positive_classes(study, split)
    table = label_table(study.classes, study.labels[rows], study.patient_ids(rows))
    take.frame(
        table,
        take.Of("labels", f"Labels of {len(table)} classes on {len(rows)} films", split=split),
        key="label-table",
        hide_index=True,
        height="content",
        column_config={"Class": st.column_config.TextColumn(pinned=True, width="medium")},
    )
    if several_readers(study) or study.annotated_ids():
        st.header("Readers")
        readers.show(study, split, ())
