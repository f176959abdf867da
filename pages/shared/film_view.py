"""One film with its labels and scores."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.errors import CoreError
from core.study import Study
from pages.shared import cache, notices, selection


def heading(study: Study, image_id: str) -> str:
    """A film's name and its positive labels, as Markdown."""
    labels = study.labels[study.row_of(image_id)]
    names = [name for name, value in zip(study.classes, labels, strict=True) if value == 1]
    return f"**{notices.plain(image_id)}**: {notices.plain(', '.join(names)) or 'no positive label'}"


def scores(study: Study, image_id: str) -> None:
    """A film's labels and every setting's scores; rows that are labelled positive are bold."""
    table = selection.labels_and_scores(study, image_id)
    st.dataframe(
        table.style.apply(_read_rows, axis=1),
        height="content",
        row_height=28,
        column_config={
            "Class": st.column_config.TextColumn(width=174),
            "Labelled": st.column_config.TextColumn(width=70),
            **{name: st.column_config.NumberColumn(format="%.3f", width=84) for name in table.columns[1:]},
        },
        alt=f"Labels and scores of {image_id}",
    )
    if words := score_words(study):
        st.caption(words)


def score_words(study: Study) -> str:
    """Why scores of different settings cannot be compared; "" where they can, in that they have one unit."""
    kinds = sorted({study.manifest.settings[name].score_kind for name in study.settings})
    raw = f"Scores are raw ({', '.join(kinds)}): those of different settings cannot be compared in size."
    return raw if len(kinds) > 1 else ""


def picture(study: Study, image_id: str, *, width: int | str) -> None:
    """A film with its caption; where it cannot be shown, what is missing."""
    try:
        pixels = cache.film(study, image_id)
    except CoreError as error:
        st.caption(f":material/image_not_supported: {notices.plain(error.message)} {notices.plain(error.remedy)}")
        return
    caption = notices.film_caption(study, image_id)
    st.image(pixels, caption=notices.plain(caption), width=width, alt=caption)  # type: ignore[arg-type]


def _read_rows(row: pd.Series) -> list[str]:
    return ["font-weight: 600" if row["Labelled"] == "yes" else ""] * len(row)
