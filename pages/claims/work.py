"""Asking a study all its claims: offered, watched while the curve grows, and called off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from core.claims.claim import Claim
from core.claims.job import ledger_job
from core.claims.ledger import Ledger
from core.claims.verdict import unasked_words
from core.jobs import Job
from core.study import Study
from core.words import count_words
from pages.claims import cache
from pages.shared import notices

Show = Callable[[Ledger], None]


def is_running(study: Study, claims: Sequence[Claim]) -> bool:
    """Whether the claims are being asked now."""
    return ledger_job(study, claims).progress().state == "running"


def offer(study: Study, claims: Sequence[Claim], lacking: Mapping[str, str]) -> None:
    """Offers to ask those that can be asked, with what happened before; says why others cannot.

    lacking : what the study lacks, by the name of each claim that it cannot be asked.
    """
    notices.work_failed(ledger_job(study, claims).progress(), title="The claims could not be asked")
    number, others = len(claims) - len(lacking), unasked_words(study, claims, lacking)
    with st.container(key="claim-verdict"):
        if not number:
            st.markdown(
                f"{notices.plain(others)} **Ask one of your own:** a figure of a setting against a number, chance or "
                "another setting."
            )
            return
        waiting = f"{count_words(number)} {'claim waits' if number == 1 else 'claims wait'}"
        st.markdown(
            f"**{waiting}** for this study. Each is asked under every defensible choice; that is done once and kept "
            f"on this computer. {notices.plain(others)}"
        )
    st.button("Ask this study", icon=":material/play_arrow:", on_click=_start, args=(study, claims), key="claims_start")
    st.code(f"python -m core claims {study.root}", language=None, wrap_lines=True)


@st.fragment(run_every=1.0)
@notices.guarded
def watch(study: Study, claims: Sequence[Claim], path: Path, show: Show) -> None:
    """How far it is, and what is known so far, once a second; when it has ended, the page runs again."""
    job = ledger_job(study, claims)
    progress = job.progress()
    if progress.state != "running":
        st.rerun()
    known = f"{count_words(progress.done)} of {count_words(progress.total)} {progress.what}"
    words = known if progress.total else "Opening the study…"
    notices.work_running(job, progress, words, cancel=lambda: _cancel(job), key="claims_cancel")
    ledger = cache.ledger(path)
    if ledger is not None:
        show(ledger)


def _cancel(job: Job) -> None:
    job.cancel()


def _start(study: Study, claims: Sequence[Claim]) -> None:
    notices.begin_work(lambda: ledger_job(study, claims).begin(again=True), title="The claims cannot be asked")
