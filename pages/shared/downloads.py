"""Files to carry away, written when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.settings.titles import setting_title
from core.study import Study
from core.thresholds import ThresholdSet
from pages.shared import notices, take

Sets = Mapping[str, ThresholdSet]
"""By setting."""


@dataclass(frozen=True)
class Download:
    """A file. mime : its type.  make : what writes its text, from a study, a split and threshold sets."""

    name: str
    title: str
    mime: str
    make: Callable[[Study, str, Sets], str]


def _report(study: Study, split: str, sets: Sets) -> str:
    from core.exports.html import html_report  # what it draws with is slow to import, and every page offers it

    return html_report(study, split, sets)


REPORT: Final = Download("report.html", "Report (HTML, opens offline)", "text/html", _report)


def say_exploratory(sets: Sets, *, beside_locked: Sequence[str] = ()) -> None:
    """That files of these thresholds say what they are, where they were chosen while looking at the wrong films.

    beside_locked : settings whose locked thresholds are not the ones in the files.
    """
    if beside_locked:
        names = ", ".join(map(setting_title, beside_locked))
        st.caption(
            f":material/lock: Files hold the thresholds on the page, not the locked ones of {notices.plain(names)}. "
            "For files of those, go back to them on Thresholds."
        )
    if any(chosen.is_exploratory for chosen in sets.values()):
        st.caption(":material/explore: Exploratory thresholds are marked so in every file.")


def offer(files: Sequence[Download], study: Study, split: str, sets: Sets, *, key: str) -> None:
    """A button per file, which is named by study, setting and split too. key : what the buttons' keys begin with."""
    setting = next(iter(sets)) if len(sets) == 1 else ""
    with st.container(horizontal=True):
        for file in files:
            st.download_button(
                file.title,
                lambda file=file: file.make(study, split, sets),  # type: ignore[misc]
                file_name=take.file_name(setting, split, file.name),
                mime=file.mime,
                key=f"{key}-{file.name}",
                icon=":material/download:",
                on_click="ignore",
            )
