"""Asking a study's own text tower in every wording, and keeping the answers with the study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StudyError
from core.models.arrays import Progress, no_progress
from core.prompts.plan import texts_of, wordings_for
from core.prompts.stored import AskedPrompts, asked_prompts
from core.space.study_model import encode_prompts, prompt_notes, study_model, why_not
from core.study.rewrite import changing, rewrite_study

if TYPE_CHECKING:
    from core.study import Study


def ask(study: Study, progress: Progress = no_progress) -> AskedPrompts:
    """Encode every wording of every class by the study's model, each prompt once.

    A wording with a prompt that the model cannot tell from another one is left out, and a note says so.
    Raises ModelError where the model is not on this computer or is another than the study's, StudyError where the
    study holds no prompts and films in one space.
    """
    reason = why_not(study)
    if reason is not None:
        raise StudyError(reason, remedy="Prompts can be compared where the study and its model are both at hand.")
    every = wordings_for(study.classes)
    texts = texts_of(every)
    model = study_model(study)
    clear = dict(zip(texts, model.text_tokens.told_apart(texts), strict=True))
    kept = tuple(one for one in every if clear[one.present] and clear[one.absent])
    lost = [text for text, is_clear in clear.items() if not is_clear]
    notes = [f"Left out, for the model cannot tell it from another prompt: {text!r}." for text in lost]
    texts = texts_of(kept)
    vectors = encode_prompts(study, texts, progress)
    return AskedPrompts(kept, texts, vectors, (*notes, *prompt_notes(model, texts)))


def ask_and_keep(root: Path, progress: Progress = no_progress, *, again: bool = False) -> tuple[Study, AskedPrompts]:
    """Ask, and put what came of it into the study in a folder, in the place of what it kept before.

    again : also where the study keeps the answers to all that would be asked; else those are given.
    Raises as `ask`, and StudyError where the study cannot be written.
    """
    with changing(root) as study:
        kept = None if again else asked_prompts(study)
        if kept is not None and _answers_all(study, kept):
            return study, kept
        asked = ask(study, progress)
        return rewrite_study(study, asked.parts()), asked


def _answers_all(study: Study, kept: AskedPrompts) -> bool:
    """Whether a study was asked in all the wordings that it would be asked in now, those left out and said aside."""
    now, said = set(wordings_for(study.classes)), " ".join(kept.notes)
    missing = now - set(kept.wordings)
    is_said = all(repr(one.present) in said or repr(one.absent) in said for one in missing)
    return is_said and set(kept.wordings) <= now
