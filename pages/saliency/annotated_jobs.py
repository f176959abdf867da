"""Computing the table of all annotated films in the app: offered, watched, cancelled, and added to."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.saliency.localization.compute import compute_saliency_table
from core.saliency.localization.table import SaliencyTable, TablePlan
from core.study import Study
from pages.saliency.background import Job, Jobs
from pages.shared import notices


def is_running(study: Study) -> bool:
    """Whether something is computed now."""
    return _running(study) is not None


def offer(study: Study, plan: TablePlan) -> None:
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
    st.code(f"python -m core saliency {study.root}", language="bash", wrap_lines=True)


def offer_more(study: Study, table: SaliencyTable) -> None:
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


def _wider(study: Study, table: SaliencyTable) -> TablePlan:
    """The usual plan with what the table has besides; every layer where it has them of some film."""
    usual = TablePlan()
    has_layers = any(any(done.methods.values()) for done in table.films.values())
    return TablePlan(
        tuple(dict.fromkeys((*usual.methods, *table.methods))),
        has_layers,
        tuple(dict.fromkeys((*usual.splits, *table.splits))),
    )


def _films(number: int) -> str:
    return "1 film" if number == 1 else f"{number:,} films"


@st.cache_resource
def _jobs() -> Jobs:
    return Jobs()


def _key(study: Study) -> str:
    return str(study.root)


def _running(study: Study) -> Job | None:
    job = _jobs().get(_key(study))
    return job if job is not None and job.is_running else None


def _say_what_happened(study: Study) -> None:
    job = _jobs().get(_key(study))
    if job is None:
        return
    if job.error is not None:
        notices.show_error(job.error, title="The maps could not be computed")
    elif job.is_cancelled:
        st.info("Cancelled. What was computed is kept, and it goes on from there.", icon=":material/pause_circle:")


@st.fragment(run_every=1.0)
def _watch(study: Study) -> None:
    """How far the computation is, looked at once a second; when it has ended, the page runs again."""
    job = _running(study)
    if job is None:
        st.rerun()
    st.progress(job.share, f"{job.done:,} of {job.total:,} {job.what}" if job.total else "Loading the model…")
    st.button("Cancel", icon=":material/cancel:", on_click=job.cancel, key="table_cancel", disabled=job.is_cancelled)


def _start(study: Study, plan: TablePlan) -> None:
    _jobs().start(
        _key(study),
        lambda progress, cancelled: compute_saliency_table(study, plan=plan, progress=progress, cancelled=cancelled),
    )
