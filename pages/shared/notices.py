"""What a page says when something is wrong, missing, under way, or must not be mistaken for something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final

import streamlit as st

from core.errors import CoreError
from core.exports.tables import PROVENANCE_WORDS
from core.jobs import Job, JobProgress
from core.report.notes import untrained_note
from core.report.parts import BUILD
from core.study import Study
from core.study.label_notes import mostly_positive, positive_words
from core.thresholds import ThresholdSet
from core.thresholds.sets import provenance as threshold_reading
from core.thresholds.titles import with_titles
from core.turns import BusyError

_COMMAND: Final = re.compile(r"(`(?:python -m |streamlit |pip |hf |--|CXR_)[^`]*`)")
"""What is written as code: a class may have a name between backticks, too."""


def show_error(error: CoreError, *, title: str) -> None:
    """What is wrong and what to do, as two sentences; never a traceback. Where too many wait, nothing is wrong."""
    if isinstance(error, BusyError):
        too_many_wait(error)
        return
    st.error(f"{plain(error.message)}\n\n**What to do:** {plain(error.remedy)}", title=title, icon=":material/error:")


def too_many_wait(busy: BusyError | None) -> None:
    """That a look was not begun, where it was not."""
    if busy is not None:
        st.info(f"{plain(busy.message)} {plain(busy.remedy)}", icon=":material/hourglass_empty:")


def guarded(view: Callable[..., None]) -> Callable[..., None]:
    """A view, such as a fragment, that says what is wrong with the study's files where it comes upon it."""

    @wraps(view)
    def shown(*args: Any, **named: Any) -> None:
        try:
            view(*args, **named)
        except CoreError as error:
            show_error(error, title="This cannot be shown")

    return shown


def begin_work(start: Callable[[], None], *, title: str) -> bool:
    """Start long work; say why where it cannot be begun. Whether it was."""
    try:
        start()
    except CoreError as error:
        show_error(error, title=title)
        return False
    return True


def work_failed(progress: JobProgress, *, title: str) -> None:
    """What went wrong with long work, where something did."""
    if progress.state == "failed":
        show_error(CoreError(progress.error, remedy=progress.remedy), title=title)


def work_running(job: Job, progress: JobProgress, words: str, *, cancel: Callable[[], None] | None, key: str) -> None:
    """How far work that runs is, and a button that calls it off where this server began it.

    cancel : calls it off; None where who looks may not.  key : the button's.
    """
    st.progress(progress.share or 0.0, words)
    if cancel is not None and job.may_cancel:
        st.button("Cancel", icon=":material/cancel:", on_click=cancel, key=key)


def no_studies() -> None:
    """The empty state: no study anywhere."""
    st.info(
        "There is no study to show yet. A study is a folder made by one of these two commands:",
        title="No study found",
        icon=":material/folder_open:",
    )
    st.code("python -m core build phantom phantom-clip --out data/studies/phantom", language=None)
    st.caption("A study of synthetic films with the small model that ships; needs nothing else.")
    st.code(
        "python -m core import --out data/studies/mine --name 'My films' --labels labels.csv --scores model=scores.csv",
        language=None,
    )
    st.caption(
        "A study of your own labels and any model's scores. Studies elsewhere: "
        "`streamlit run app.py -- DIR`, or set `CXR_STUDIES`."
    )


def missing(sentence: str, command: str = BUILD) -> None:
    """What cannot be shown because the study lacks a part, and the command that adds it."""
    st.info(plain(sentence), icon=":material/add_box:")
    st.code(command, language=None, wrap_lines=True)


def untrained(study: Study) -> None:
    """What settings learnt nothing of, a warning for each that has such a class."""
    for setting in study.settings:
        if note := untrained_note(study, setting):
            st.warning(readable(note, study.settings), icon=":material/model_training:")


def mostly_positive_classes(study: Study, split: str, findings: Sequence[str] | None = None) -> None:
    """The classes that are positive in most of the films looked at, and what that does to their figures.

    findings : only these; None is all.
    """
    chosen = [name for name in study.classes if findings is None or name in findings]
    columns = [study.classes.index(name) for name in chosen]
    if found := mostly_positive(chosen, study.labels[study.rows(split)][:, columns]):
        say = st.error if any(one.is_selected for one in found) else st.warning
        say("\n\n".join(map(plain, positive_words(found))), icon=":material/warning:")


def reading(chosen: ThresholdSet, split: str, settings: Sequence[str]) -> None:
    """Where the thresholds in use come from, and how far figures on these films may be trusted."""
    how = threshold_reading(chosen, split)
    mark = ":material/explore: " if how in ("exploratory", "optimistic") else ""
    st.markdown(f"{readable(chosen.basis, settings)} {mark}{PROVENANCE_WORDS[how]}")


def film_caption(study: Study, image_id: str) -> str:
    """What stands under a film."""
    return f"{'Synthetic film' if study.manifest.synthetic else 'Film'} {image_id}"


def notes(sentences: Sequence[str], settings: Sequence[str]) -> None:
    """What to know beside the figures, folded away."""
    if sentences:
        with st.expander(f"Small print: films, labels and thresholds ({len(sentences)})", icon=":material/info:"):
            st.markdown("\n".join(f"- {readable(sentence, settings)}" for sentence in sentences))


def readable(sentence: str, settings: Sequence[str]) -> str:
    """A sentence of a report with settings, splits and policies called as on the pages."""
    return plain(with_titles(sentence, settings))


def plain(text: str) -> str:
    """Text from files, so that nothing in it is taken for Markdown but the commands that stand between backticks."""
    parts = re.split(_COMMAND, text)
    return "".join(part if rank % 2 else _escaped(part) for rank, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_\[\]$<#`:~])", r"\\\1", text)
