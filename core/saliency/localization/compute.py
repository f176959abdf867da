"""Maps against masks over all annotated films: computed once, kept outside the study, added to when more is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import CoreError, SaliencyError
from core.files import reason
from core.locks import only_writer
from core.models.arrays import Progress, no_progress
from core.saliency.imported import ImportedMaps, has_imported_maps
from core.saliency.localization.shipped import kept_results
from core.saliency.localization.store import (
    UNFINISHED,
    FilmResult,
    ResumeLog,
    StoredResults,
    annotated_films,
    film_marks,
    folder_of,
    left_out_note,
    write_kept,
)
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.saliency.methods import IMPORTED
from core.study.read import Study

if TYPE_CHECKING:
    from core.saliency.localization.rows import MapSource


def saliency_table(study: Study) -> LocalizationResults | None:
    """Read what was computed of the study's marks as they are now, or what it ships with; None where nothing was, or by
    another version.
    """
    kept = kept_results(study)
    return _table(study, kept) if len(kept.rows) else None


def compute_saliency_table(
    study: Study,
    *,
    plan: LocalizationPlan | None = None,
    again: bool = False,
    progress: Progress = no_progress,
) -> LocalizationResults:
    """Compute what a plan asks for and is not there yet, keep it beside what is, and give the whole table.

    plan : by default every quick method at its own layer, on the annotated films of val and test.
    again : whether what is there counts as absent.
    Films that were done before an interruption are not done again, nor films whose marks are the same as before.
    Raises SaliencyError where no film of the study has a mask of a class, CoreError where no setting
    has its model here.
    """
    plan = plan or LocalizationPlan()
    models, notes = _models(study, plan)  # first: where there is none, no marks would help
    ids = annotated_films(study, plan.splits)
    notes += [note] if (note := left_out_note(study, plan.splits)) else []
    marks, folder = film_marks(study), folder_of(study)
    with _kept_in(folder), ResumeLog(folder / UNFINISHED) as unfinished:
        works = unfinished.works(marks, tuple(models))
        there = _kept(study, models).joined(works).films if not again else {}
        for n_done, image_id in enumerate(ids):
            progress(n_done, len(ids), "films")
            unfinished.add(_film(study, image_id, marks[image_id], models, plan, there.get(image_id)))
        progress(len(ids), len(ids), "films")
        with only_writer(folder):
            kept = _kept(study, models).joined(unfinished.added, notes=tuple(notes)).in_order(study)
            if not len(kept.rows):
                raise SaliencyError("None of these methods suits the image tower.", remedy="Choose Grad-CAM, say.")
            write_kept(folder, kept)
            unfinished.is_finished = True
    return _table(study, kept)


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Put into a sentence that what is computed cannot be kept."""
    try:
        yield
    except OSError as error:
        message = f"{error.filename or folder}: cannot be written ({reason(error)})."
        raise SaliencyError(
            message, remedy="Check space and permissions, or set CXR_CACHE to another folder."
        ) from error


def _kept(study: Study, models: Mapping[str, MapSource]) -> StoredResults:
    """What is there of the marks as they are now, and of all these settings."""
    return kept_results(study).with_settings(tuple(models))


def _film(
    study: Study,
    image_id: str,
    marks: str,
    models: Mapping[str, MapSource],
    plan: LocalizationPlan,
    done: FilmResult | None,
) -> tuple[str, FilmResult, list[dict[str, object]]] | None:
    """What a plan still asks of a film; None where it has all."""
    from core.saliency.localization.rows import film_rows

    has_all = plan.has_all_layers
    wanted = (
        *plan.methods,
        *((IMPORTED.name,) if any(isinstance(one, ImportedMaps) for one in models.values()) else ()),
    )
    missing = done.missing(wanted, has_all_layers=has_all) if done is not None else wanted
    if not missing:
        return None
    rows = film_rows(study, image_id, models, replace(plan, methods=missing))
    return image_id, FilmResult(marks, tuple(models), dict.fromkeys(missing, has_all)), rows


def _table(study: Study, kept: StoredResults) -> LocalizationResults:
    return LocalizationResults(kept.rows, study.fingerprint, kept.notes, kept.films)


def _source(study: Study, setting: str) -> MapSource:
    """The maps that were imported for a setting, or else its model. Raises ModelError or SaliencyError without both."""
    if has_imported_maps(study, setting):
        return ImportedMaps(study, setting)
    from core.saliency.tower.setting_model import load_setting_model

    return load_setting_model(study, setting)


def _models(study: Study, plan: LocalizationPlan) -> tuple[dict[str, MapSource], list[str]]:
    """The settings with a model or maps here, and a note on every other; raises the first's error where none has."""
    if not study.settings:
        raise SaliencyError(
            f"The study {study.name} has no setting, so no model whose maps could be set against marks.",
            remedy="Build a study with `python -m core build DATASET MODEL --out DIR`.",
        )
    models: dict[str, MapSource] = {}
    problems: list[CoreError] = []
    for setting in plan.settings_of(study):
        try:
            models[setting] = _source(study, setting)
        except CoreError as error:
            problems.append(error)
    if problems and not models:
        raise problems[0]
    untrained = [why for model in models.values() for why in model.untrained.values()]
    return models, [*(problem.message for problem in problems), *untrained]
