"""One film with its labels and scores."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from core.errors import CoreError
from core.study import Study
from pages.shared import cache, navigation, notices, selection


def show(study: Study, image_id: str) -> None:
    """The film, its labels, and every setting's scores."""
    st.markdown(f"**{notices.plain(image_id)}**: {_findings(study, image_id)}")
    picture(study, image_id, width=340)
    scores(study, image_id, height=230)
    navigation.link_to("saliency", "Where do the models look on this film?")


def scores(study: Study, image_id: str, *, height: int | Literal["content"] = "content") -> None:
    """A film's labels and every setting's scores; rows that are labelled positive are bold."""
    table = selection.labels_and_scores(study, image_id)
    st.dataframe(
        table.style.apply(_read_rows, axis=1),
        height=height,
        row_height=28,
        column_config={
            "Class": st.column_config.TextColumn(width=174),
            "Labelled": st.column_config.TextColumn(width=70),
            **{name: st.column_config.NumberColumn(format="%.3f", width=84) for name in table.columns[1:]},
        },
        alt=f"Labels and scores of {image_id}",
    )
    kinds = sorted({study.manifest.settings[name].score_kind for name in study.settings})
    if len(kinds) > 1:
        st.caption(f"Scores are raw ({', '.join(kinds)}): those of different settings cannot be compared in size.")


def picture(study: Study, image_id: str, *, width: int | str) -> None:
    """A film with its caption; where it cannot be shown, what is missing."""
    try:
        pixels = cache.film(study, image_id)
    except CoreError as error:
        st.caption(f":material/image_not_supported: {notices.plain(error.message)} {notices.plain(error.remedy)}")
        return
    caption = notices.film_caption(study, image_id)
    st.image(pixels, caption=notices.plain(caption), width=width, alt=caption)  # type: ignore[arg-type]


def _findings(study: Study, image_id: str) -> str:
    labels = study.labels[study.row_of(image_id)]
    names = [name for name, value in zip(study.classes, labels, strict=True) if value == 1]
    return notices.plain(", ".join(names)) or "no positive label"


def _read_rows(row: pd.Series) -> list[str]:
    return ["font-weight: 600" if row["Labelled"] == "yes" else ""] * len(row)
