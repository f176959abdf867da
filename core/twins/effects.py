"""What every finding does to every score, film by film: the study's films beside their twins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.datasets.twins import AskedFilm, Renderer, TakenFilm
from core.errors import StudyError
from core.findings import NO_FINDING
from core.locks import only_writer
from core.models.arrays import Float32Array, Progress, no_progress
from core.own_film.scorer import FilmScorer, load_scorer
from core.study.read import Study
from core.twins.effects_log import EffectsLog, FilmEffects, log_path
from core.twins.pair import TwinPair, grey_change, make_pair, study_renderer


@dataclass(frozen=True)
class EffectsPlan:
    """Which films and findings.

    split : whose films.
    causes : findings, and No Finding for all of a film's taken away together; None for every one that can be.
    limit : the first so many films; None for all.
    """

    split: str = "test"
    causes: tuple[str, ...] | None = None
    limit: int | None = None


@dataclass(frozen=True, eq=False)
class FindingEffects:
    """Scores with a finding minus scores without it, everything else the same.

    image_ids : (n,) films.
    causes : (F,) what was added or taken away; No Finding is the film without any finding minus the film as it is.
    classes : (C,) whose scores.
    by_setting : (n, F, C) float32 in the setting's own unit; NaN where a finding has no room on a film, or a setting
        was never trained on the class.
    grey : by cause, mean absolute difference of grey values (0..255) in the region, about it, and elsewhere.
    """

    image_ids: tuple[str, ...]
    causes: tuple[str, ...]
    classes: tuple[str, ...]
    by_setting: Mapping[str, Float32Array]
    grey: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    @property
    def settings(self) -> tuple[str, ...]:
        """List the settings."""
        return tuple(self.by_setting)


def compute_effects(
    study: Study, plan: EffectsPlan | None = None, *, again: bool = False, progress: Progress = no_progress
) -> FindingEffects:
    """Compute the effects of findings on scores; films that were done before an interruption are not done again.

    Raises DatasetError where nothing can take the study's films again, StudyError where the split is empty, the first
    setting's CoreError where no setting has its model here.
    """
    plan = plan or EffectsPlan()
    renderer = study_renderer(study)
    scorer = load_scorer(study)
    causes = plan.causes or causes_of(renderer, study.classes)
    ids = [study.image_ids[row] for row in study.rows(plan.split)][: plan.limit]
    if not ids:
        raise StudyError(f"{study.root}: has no film of {plan.split}.", remedy="Choose another split.")
    path = log_path(study, tuple(scorer.models), causes)
    path.parent.mkdir(parents=True, exist_ok=True)
    with only_writer(path):
        log = EffectsLog(path, again=again)
        for n_done, image_id in enumerate(ids):
            progress(n_done, len(ids), "films")
            if image_id not in log.done:
                log.add(film_effects(renderer, scorer, image_id, causes))
    progress(len(ids), len(ids), "films")
    return _together([log.done[image_id] for image_id in ids], causes, study.classes, tuple(scorer.models))


def causes_of(renderer: Renderer, classes: Sequence[str]) -> tuple[str, ...]:
    """List what can be added or taken away, classes of the study in their order, then findings that are none."""
    known = [control.name for control in renderer.controls]
    ordered = [name for name in classes if name in known or name == NO_FINDING]
    return (*ordered, *(name for name in known if name not in ordered))


def film_effects(renderer: Renderer, scorer: FilmScorer, image_id: str, causes: Sequence[str]) -> FilmEffects:
    """Score a film and its twins in one batch."""
    shown = renderer.shown(image_id)
    film = renderer.take(image_id, shown)
    pairs = {cause: _twin(renderer, image_id, shown, film, cause) for cause in causes}
    there = {cause: pair for cause, pair in pairs.items() if pair is not None and pair.fits}
    scores = scorer.scores([film.pixels, *(pair.twin.pixels for pair in there.values())])
    effects = {}
    for setting, values in scores.items():
        effects[setting] = np.full((len(causes), values.shape[1]), np.nan, np.float32)
        for position, cause in enumerate(there, start=1):
            sign = -1.0 if cause in shown.names else 1.0
            effects[setting][list(causes).index(cause)] = sign * (values[position] - values[0])
    grey = {cause: grey_change(pair) for cause, pair in there.items()}
    told = np.full((len(causes), 3), np.nan, np.float32)
    for row, cause in enumerate(causes):
        if cause in grey:
            told[row] = (grey[cause].inside, grey[cause].edge, grey[cause].outside)
    return FilmEffects(image_id, effects, told)


def _twin(renderer: Renderer, image_id: str, shown: AskedFilm, film: TakenFilm, cause: str) -> TwinPair | None:
    """The film with or without a cause; None where No Finding is true of it already."""
    if cause == NO_FINDING:
        return make_pair(renderer, image_id, shown.without(*shown.names), film) if shown.names else None
    asked = shown.without(cause) if cause in shown.names else shown.with_finding(cause)
    return make_pair(renderer, image_id, asked, film)


def _together(
    films: Sequence[FilmEffects], causes: tuple[str, ...], classes: tuple[str, ...], settings: tuple[str, ...]
) -> FindingEffects:
    grey = np.stack([film.grey for film in films])
    is_there = ~np.isnan(grey).all(axis=0)
    means = np.full(grey.shape[1:], np.nan)
    means[is_there] = np.nanmean(grey[:, is_there], axis=0)
    return FindingEffects(
        tuple(film.image_id for film in films),
        causes,
        classes,
        {setting: np.stack([film.effects[setting] for film in films]) for setting in settings},
        {cause: (float(row[0]), float(row[1]), float(row[2])) for cause, row in zip(causes, means, strict=True)},
    )
