"""Computing the table of all annotated films in the app: offered, watched, cancelled, and added to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from core.jobs import Job
from core.saliency.localization.job import table_job
from core.saliency.localization.store import has_unfinished
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.study import Study
from pages.shared import notices


def is_running(study: Study) -> bool:
    """Whether something is computed now."""
    return _job(study).progress().state == "running"


def offer(study: Study, plan: LocalizationPlan) -> None:
    """Offers to compute what is planned, or shows how far it is."""
    if is_running(study):
        _watch(study)
        return
    _say_what_happened(study)
    n_films = len(study.annotated_ids())
    st.markdown(
        f"Readers drew on **{n_films:,} films**. Their maps have not been compared with the masks yet, on the films of "
        "validation and test. It is done once and kept on this computer."
    )
    st.button("Compute now", icon=":material/play_arrow:", on_click=_start, args=(study, plan), key="table_start")
    st.code(f"python -m core saliency {study.root}", language=None, wrap_lines=True)


def offer_more(study: Study, table: LocalizationResults) -> None:
    """What is not in the table yet: films whose marks are new, methods, splits, and every layer."""
    _say_what_happened(study)
    plan = _wider(study, table)
    missing, every_layer = table.lacks(study, plan), replace(plan, has_all_layers=True)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if missing:
            words = f"Bring up to date ({_films(len(missing))})"
            st.button(words, icon=":material/update:", on_click=_start, args=(study, plan), key="table_update")
        if table.lacks(study, every_layer):
            words = "Compare every layer"
            st.button(
                words,
                icon=":material/layers:",
                on_click=_start,
                args=(study, every_layer),
                key="table_layers",
                help="Each method is then read at every block, and the best can be chosen on validation films. "
                "It takes a few times as long as the table did.",
            )
    if missing:
        st.caption(
            f"Not in the figures below, or only in part: {_films(len(missing))} drawn on since the table was computed, "
            "or compared by fewer methods."
        )


def _wider(study: Study, table: LocalizationResults) -> LocalizationPlan:
    """The usual plan with what the table has besides; every layer where it has them of some film."""
    usual = LocalizationPlan()
    has_layers = any(any(done.methods.values()) for done in table.films.values())
    return LocalizationPlan(
        tuple(dict.fromkeys((*usual.methods, *table.methods))),
        has_layers,
        tuple(dict.fromkeys((*usual.splits, *table.splits))),
        table.settings if len(table.settings) < len(study.settings) else (),
    )


def _films(number: int) -> str:
    return "1 film" if number == 1 else f"{number:,} films"


def _job(study: Study, plan: LocalizationPlan | None = None) -> Job:
    return table_job(study, plan or LocalizationPlan())


def _say_what_happened(study: Study) -> None:
    progress = _job(study).progress()
    notices.work_failed(progress, title="The maps could not be computed")
    if progress.state == "absent" and has_unfinished(study):
        st.info("What was computed before it was stopped is kept, and it goes on from there.", icon=":material/pause:")


@st.fragment(run_every=1.0)
def _watch(study: Study) -> None:
    """How far the computation is, looked at once a second; when it has ended, the page runs again."""
    job = _job(study)
    progress = job.progress()
    if progress.state != "running":
        st.rerun()
    words = f"{progress.done:,} of {progress.total:,} {progress.what}" if progress.total else "Loading the model…"
    notices.work_running(job, progress, words, cancel=partial(_cancel, study), key="table_cancel")


def _cancel(study: Study) -> None:
    _job(study).cancel()


def _start(study: Study, plan: LocalizationPlan) -> None:
    notices.begin_work(lambda: _job(study, plan).begin(again=True), title="The maps cannot be computed")
