"""How far long work is, and calling it off: one view for all work that runs beside the app."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import CoreError
from core.jobs import Job, JobProgress
from pages.shared import notices


def begin(start: Callable[[], None], *, title: str) -> bool:
    """Start work; say why where it cannot be begun. Whether it was."""
    try:
        start()
    except CoreError as error:
        notices.show_error(error, title=title)
        return False
    return True


def show_failed(progress: JobProgress, *, title: str) -> None:
    """What went wrong, where something did."""
    if progress.state == "failed":
        notices.show_error(CoreError(progress.error, remedy=progress.remedy), title=title)


def show_running(job: Job, progress: JobProgress, words: str, *, cancel: Callable[[], None] | None, key: str) -> None:
    """How far work that runs is, and a button that calls it off where this server began it.

    cancel : calls it off; None where who looks may not.  key : the button's.
    """
    st.progress(progress.share or 0.0, words)
    if cancel is not None and job.may_cancel:
        st.button("Cancel", icon=":material/cancel:", on_click=cancel, key=key)
