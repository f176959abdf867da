"""Maps judged by causes: on a film with a finding, the region that differs from its twin without it is the true map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.annotations.annotation import Annotation, annotation_from_mask
from core.datasets.twins import Renderer
from core.errors import SaliencyError
from core.locks import only_writer
from core.models.arrays import Progress, no_progress
from core.own_film.scorer import FilmScorer, load_scorer
from core.paths import cache_folder
from core.saliency.localization.rows import film_rows
from core.saliency.localization.shipped import shipped_results, store_results
from core.saliency.localization.store import UNFINISHED, FilmResult, ResumeLog, StoredResults, read_kept, write_kept
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.study.read import Study
from core.twins.effects_log import effects_key
from core.twins.pair import make_pair, study_renderer

if TYPE_CHECKING:
    from pathlib import Path

PART: Final = "saliency/causes.parquet"
READER: Final = "twin film (exact)"
MOVED: Final = "moved"
"""Column of how far the finding moved its class's score, in standard deviations over the films of the film's split."""

MOVES: Final = 0.2
"""Standard deviations by which a finding must raise its score, so that its region is what the score stands on."""


def compute_cause_table(
    study: Study,
    *,
    plan: LocalizationPlan | None = None,
    limit: int | None = None,
    again: bool = False,
    progress: Progress = no_progress,
) -> StoredResults:
    """Compare maps with the region that each finding of a film changes, on the films of a plan's splits; resumable.

    limit : the first so many films with a finding; None for all.
    Raises DatasetError where nothing can take the study's films again, SaliencyError where no film shows a finding, the
    first setting's CoreError where no setting has its model here.
    """
    plan = plan or LocalizationPlan()
    renderer, scorer = study_renderer(study), load_scorer(study)
    ids = _films(study, renderer, plan)[:limit]
    scorer = scorer.only(plan.settings_of(study))
    settings = tuple(scorer.models)
    key = effects_key(study, settings)
    folder = _folder(key)
    folder.mkdir(parents=True, exist_ok=True)
    spreads = {setting: _spreads(study, setting) for setting in settings}
    with only_writer(folder), ResumeLog(folder / UNFINISHED) as log:
        works = log.works(dict.fromkeys(ids, key), settings)
        before = StoredResults(read_kept(folder).rows, {}) if again else read_kept(folder)
        there = {} if again else before.joined(works).films
        for n_done, image_id in enumerate(ids):
            progress(n_done, len(ids), "films")
            done = there.get(image_id)
            has_all = plan.has_all_layers
            missing = done.missing(plan.methods, has_all_layers=has_all) if done is not None else plan.methods
            if missing:
                rows = _rows(study, image_id, renderer, scorer, spreads, replace(plan, methods=missing))
                log.add((image_id, FilmResult(key, settings, dict.fromkeys(missing, has_all)), rows))
        progress(len(ids), len(ids), "films")
        kept = before.joined(log.added, notes=()).in_order(study)
        if not len(kept.rows):
            raise SaliencyError("None of these methods suits the image tower.", remedy="Choose Grad-CAM, say.")
        write_kept(folder, kept)
        log.is_finished = True
    return kept


def store_causes(root: Path, results: StoredResults) -> Study:
    """Put the table into the study that it is of. Raises as `rewrite_study`."""
    return store_results(root, PART, results)


def cause_table(study: Study) -> LocalizationResults | None:
    """Give the table that a study ships with, of the films whose finding moved its score; None where it has none."""
    results = shipped_results(study, PART)
    return moved_only(study, results) if len(results.rows) else None


def moved_only(study: Study, results: StoredResults) -> LocalizationResults:
    """Keep the pairs of film and finding whose score the finding raised by MOVES standard deviations, by setting.

    Settings come in the study's order, whichever film has the first such pair.
    """
    rows = results.rows
    keep = rows[MOVED] >= MOVES
    pairs = rows.drop_duplicates(["image_id", "finding", "setting"])
    n_still = int((~(pairs[MOVED] >= MOVES)).sum())
    note = (
        f"Left out: {n_still:,} of {len(pairs):,} cases of a film, a finding and a setting in which the finding raises "
        f"its score by less than {MOVES:g} standard deviations, so that no region is its cause."
    )
    ranks = rows["setting"].map({name: rank for rank, name in enumerate(study.settings)})
    order = ranks[keep].sort_values(kind="stable").index
    return LocalizationResults(
        rows.loc[order].reset_index(drop=True), study.fingerprint, (*results.notes, note), results.films
    )


def _films(study: Study, renderer: Renderer, plan: LocalizationPlan) -> list[str]:
    """The films of the splits that show a finding which is a class."""
    rows = np.concatenate([study.rows(split) for split in plan.splits])
    ids = [study.image_ids[row] for row in np.sort(rows)]
    shown = [image_id for image_id in ids if set(renderer.shown(image_id).names) & set(study.classes)]
    if not shown:
        raise SaliencyError(
            f"No film of {' and '.join(plan.splits)} of the study {study.name} shows a finding that is a class.",
            remedy="Choose a study whose classes are findings of the renderer.",
        )
    return shown


def _rows(
    study: Study,
    image_id: str,
    renderer: Renderer,
    scorer: FilmScorer,
    spreads: Mapping[str, Mapping[str, np.ndarray]],
    plan: LocalizationPlan,
) -> list[dict[str, Any]]:
    """The rows of one film, each with how far its finding moved the score of its setting."""
    shown = renderer.shown(image_id)
    film = renderer.take(image_id, shown)
    pairs = {
        name: make_pair(renderer, image_id, shown.without(name), film) for name in shown.names if name in study.classes
    }
    there = {name: pair for name, pair in pairs.items() if pair.fits}
    if not there:
        return []
    scores = scorer.scores([film.pixels, *(pair.twin.pixels for pair in there.values())])
    marks: list[Annotation] = []
    moved: dict[tuple[str, str], float] = {}
    split = str(study.images["split"].iloc[study.row_of(image_id)])
    for position, (name, pair) in enumerate(there.items(), start=1):
        assert pair.region is not None
        marks.append(annotation_from_mask(image_id, name, READER, pair.region))
        column = study.classes.index(name)
        for setting, values in scores.items():
            spread = float(spreads[setting][split][column])
            rise = float(values[0, column] - values[position, column])
            moved[setting, name] = rise / spread if spread > 0 else math.nan
    rows = film_rows(study, image_id, scorer.models, plan, marks)
    return [{**row, MOVED: moved[row["setting"], row["finding"]]} for row in rows]


def _spreads(study: Study, setting: str) -> dict[str, np.ndarray]:
    """By split, the standard deviation (C,) of every score."""
    scores = np.asarray(study.scores(setting), dtype=np.float64)
    return {split: np.std(scores[study.rows(split)], axis=0) for split in study.splits()}


def _folder(key: str) -> Path:
    return cache_folder() / "causes" / key
