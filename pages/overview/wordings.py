"""How far zero-shot hangs on the wording of its prompts; offered as work where it has not been asked."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.errors import CoreError
from core.figures.prompt_spread import denial_rows, spread_rows
from core.figures.prompt_tables import denial_table, ensemble_table, style_table, wording_table
from core.figures.results_table import Beneath, spread_line
from core.prompts.job import prompts_job
from core.prompts.survey import PromptSurvey
from core.prompts.told import ensemble_words, spread_words
from core.settings.zero_shot import SETTING as ZERO_SHOT
from core.space.study_model import why_not
from core.space.text import can_compare
from core.study import Study
from pages.overview import cache
from pages.shared import navigation, notices, take

_HELP = (
    "Every class is asked about in six styles with up to five phrases, affirmed and denied. Thresholds are fitted anew "
    "on validation films for each."
)
_DENIAL = (
    "How well the prompt that denies a finding ranks films by itself. Below 0.5 it is understood: films with the "
    "finding resemble it less. Above, the model reads the finding's name and not the “no”."
)


def spreads(study: Study) -> dict[str, Beneath]:
    """What stands below the zero-shot row of the results: nothing where the study was not asked, or what it keeps of
    that cannot be read, which `show` says.
    """
    try:
        found = cache.variants(study)
    except CoreError:
        return {}
    if found is None or not found.rows or ZERO_SHOT.name not in study.settings:
        return {}
    return {ZERO_SHOT.name: spread_line(f"over {len(found.rows)} other wordings", found.spreads())}


@notices.guarded
def show(study: Study) -> None:
    """The spread over wordings, by class and style; denials; the best ensembles."""
    if not can_compare(study):
        return
    st.header("How much hangs on the prompt’s wording?", help=_HELP)
    found = cache.prompts(study)
    if found is None:
        _offer(study)
        return
    st.markdown(notices.plain(spread_words(found)))
    _pictures(found)
    st.markdown(notices.plain(ensemble_words(found)))
    _tables(found)


def _pictures(found: PromptSurvey) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**AUROC, every wording**")
        take.forest(
            spread_rows(found), take.Of("wordings", "AUROC of each class from its weakest to its strongest wording")
        )
        st.caption("The dot is the study’s own prompts, the line goes from the weakest wording to the strongest.")
    with right:
        st.markdown("**AUROC, denied alone**", help=_DENIAL)
        take.forest(denial_rows(found), take.Of("denials", "AUROC of each class by the prompts that deny it alone"))
        st.caption("Mean, lowest and highest over the wordings. A ring above 0.5: the denial is not understood.")


def _tables(found: PromptSurvey) -> None:
    with st.expander("Styles, wordings, denials and ensembles as tables", icon=":material/table:"):
        for name, title, table in (
            ("styles", "Styles, over all classes", style_table(found)),
            ("wordings", "Wordings", wording_table(found)),
            ("denials", "Affirmed and denied", denial_table(found)),
            ("ensembles", "The best ensemble of each class, chosen on validation films", ensemble_table(found)),
        ):
            st.markdown(f"**{title}**")
            take.table(table, take.Of(f"prompts-{name}", title))
        notices.notes(found.notes, ())
    navigation.link_to("embedding_space", "Edit the prompts of a class in the prompt lab")


def _offer(study: Study) -> None:
    job = prompts_job(study)
    progress = job.progress()
    if progress.state == "running":
        _watch(study)
        return
    notices.work_failed(progress, title="The wordings could not be compared")
    reason = why_not(study)
    if reason is not None:
        st.info(notices.plain(reason), icon=":material/edit_off:")
        return
    st.markdown("This study has been asked in one wording only. Its own text tower can read the others, once.")
    st.button("Ask in every wording", icon=":material/play_arrow:", on_click=partial(_start, study), key="ask_wordings")
    st.code(f"python -m core prompts {study.root}", language=None, wrap_lines=True)


@st.fragment(run_every=1.0)
def _watch(study: Study) -> None:
    """How far it is, looked at once a second; when it has ended, the page runs again with the study as it is then."""
    job = prompts_job(study)
    progress = job.progress()
    if progress.state != "running":
        st.rerun()
    words = f"{progress.done:,} of {progress.total:,} {progress.what}" if progress.total else "Loading the model…"
    notices.work_running(job, progress, words, cancel=job.cancel, key="wordings_cancel")


def _start(study: Study) -> None:
    notices.begin_work(lambda: prompts_job(study).begin(again=True), title="The wordings cannot be compared")
