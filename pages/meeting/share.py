"""Share: this view as a link, the report, and all figures of the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st

from core.prompts.films import read_on
from core.settings.titles import setting_title
from core.study import Study
from core.words import count_words
from pages.shared import downloads, notices, operating, selection, take, truth_dial

_HELP: Final = "A link to this view, the report, all figures"


@st.fragment
def show(study: Study | None) -> None:
    """A button that opens what can be shared of any page; the report's thresholds are asked for when it is opened.

    study : as it was written; None where it cannot be opened.
    """
    with st.popover(
        "Share", icon=":material/share:", type="tertiary", help=_HELP, key="share", on_change="rerun"
    ) as opened:
        st.button("Copy a link to this view", key="meeting-share", icon=":material/link:")
        take.offer_all()
        if study is not None and opened.open:
            _report(study)


def _report(study: Study) -> None:
    """The report of the test films, labels and thresholds as this session has them."""
    seen, split = truth_dial.in_session(study), read_on(study)
    sets = {setting: operating.current_decisions(seen, setting) for setting in seen.settings}
    if not sets:
        st.caption("This study holds no scores, so there is no report of it.")
        return
    films = f"{count_words(len(seen.rows(split)))} {selection.SPLIT_WORDS[split].lower()}"
    title = f"Report: {films if split == 'all' else f'{films} films'} (HTML)"
    downloads.offer([replace(downloads.REPORT, title=title)], seen, split, sets, key="share")
    moved = [setting for setting in seen.settings if not operating.current(seen, setting).is_at_start]
    of_hand = f"moved by hand for {', '.join(map(setting_title, moved))}" if moved else "none moved by hand"
    st.caption(f"Thresholds in use, {notices.plain(of_hand)}; verdict, figures, curves, films and maps. Opens offline.")
    downloads.say_exploratory(sets, beside_locked=operating.beside_locked(seen))
