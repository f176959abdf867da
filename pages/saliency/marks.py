"""Regions that a reader draws on a film: whose they are, saving them into the study, taking them out again."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

import streamlit as st

from core.annotations.annotation import Annotation
from core.annotations.drawing import DrawnOn, drawn_annotations
from core.annotations.formats import write_coco
from core.building.annotate import add_marks, remove_marks
from core.errors import CoreError
from core.study import Study
from pages.saliency.film_viewer.payload import Drawing
from pages.shared import cache, notices

READER: Final = "reader_name"
"""Key of the name under which someone draws or votes."""
_SAVED: Final = "marks_saved"
_NEWS: Final = "marks_news"


def pick_reader() -> None:
    """Asks who draws."""
    st.text_input(
        "Draw regions as",
        key=READER,
        persist_state="session",
        max_chars=80,
        placeholder="Your name, to mark this class",
        width=260,
    )


def drawing(finding: str) -> Drawing | None:
    """Who draws what; None, and no tools in the viewer, while nobody is named."""
    reader = _reader()
    return Drawing(reader, finding, int(st.session_state.get(_SAVED, 0))) if reader else None


def _reader() -> str:
    return str(st.session_state.get(READER) or "").strip()


def save(study: Study, viewer: str) -> None:
    """Puts what the viewer sent into the study; what happened is said after the page has run. For callbacks."""
    sent: dict[str, Any] = st.session_state[viewer].marks
    image_id, reader = str(sent["film"]), str(sent["reader"])
    try:
        height, width = cache.film(study, image_id).shape
        on = DrawnOn(image_id, str(sent["finding"]), reader, height, width)
        made = drawn_annotations(sent["shapes"], on)
        add_marks(study.root, made)
    except CoreError as error:
        st.session_state[_NEWS] = error
        return
    st.session_state[_SAVED] = int(st.session_state.get(_SAVED, 0)) + 1
    st.session_state[_NEWS] = f"{_counted(len(made))} of {on.finding} saved on {image_id} as drawn by {reader}."


def say_what_happened() -> None:
    """What saving or removing came to, once."""
    news = st.session_state.pop(_NEWS, None)
    if isinstance(news, CoreError):
        notices.show_error(news, title="The marks were not saved")
    elif news:
        st.toast(notices.plain(str(news)), icon=":material/check_circle:")


def tools(study: Study, image_id: str, finding: str) -> None:
    """All marks of the study as COCO, and taking one's own away."""
    every = study.annotations()
    reader = _reader()
    own = [entry for entry in study.annotations(image_id) if (entry.reader, entry.finding) == (reader, finding)]
    with st.container(horizontal=True):
        st.download_button(
            f"All marks as COCO ({len(every):,})",
            data=lambda: coco_bytes(every),
            file_name=f"marks-{study.fingerprint}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
            disabled=not every,
            key="marks_coco",
        )
        if own:
            st.button(
                f"Remove my marks of {finding} here ({len(own)})",
                icon=":material/delete:",
                on_click=_remove,
                args=(study, image_id, reader, finding),
                key="marks_remove",
            )


def _remove(study: Study, image_id: str, reader: str, finding: str) -> None:
    try:
        remove_marks(study.root, image_id, reader, finding)
        st.session_state[_NEWS] = f"The marks of {finding} by {reader} on {image_id} are removed."
    except CoreError as error:
        st.session_state[_NEWS] = error


def coco_bytes(annotations: tuple[Annotation, ...]) -> bytes:
    """Annotations as a COCO JSON file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "marks.json"
        write_coco(path, annotations)
        return path.read_bytes()


def _counted(number: int) -> str:
    return "1 mark" if number == 1 else f"{number:,} marks"
