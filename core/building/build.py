"""Build a study: each stage in turn, skipped where an interrupted run has finished it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import torch

from core.building.assemble import Built, BuiltEncoder, assemble
from core.building.checked import BuildPlan
from core.building.chunk_work import Engine
from core.building.encoding import Encoding, TrainedEncoding
from core.building.films import FilmPreparation, PreparedFilms, kept_positions
from core.building.plan import Scratch, discard, scratch_folder
from core.building.planned_model import PlannedModel
from core.building.stages import FILMS, found_text
from core.errors import StudyError
from core.files import reason
from core.geometry import FloatArray
from core.intake.films import left_out_note
from core.locks import only_writer
from core.metrics.map_quality import map_quality
from core.models.arrays import Float32Array, Progress, no_progress
from core.projection.beside import Project
from core.projection.umap import project as project_here
from core.settings.base import Encoder
from core.settings.steps import BuildStep
from core.settings.training import labels_for_training
from core.settings.zero_shot import prompts_for
from core.study import Study, open_study
from core.study.folder import read_manifest
from core.study.manifest import Prompt
from core.study.write import write_study, writing_alone

_WAIT_S: Final = 2.0
"""How long a build waits for another of the same study, which may take hours."""


def build_study(
    plan: BuildPlan,
    *,
    project: Project = project_here,
    engine: Engine | None = None,
    progress: Progress = no_progress,
    say: Callable[[str], None] = lambda sentence: None,
) -> Study:
    """Make the study that is planned, and return it; it was checked whole before it took its place.

    project : makes the maps.  engine : reads and encodes films elsewhere; None is here.
    say : takes sentences for the user.
    An interrupted build goes on where it was; what other options would have made otherwise is made anew.
    Raises StudyError where another process is building there, or a disk fails.
    """
    with _alone(plan.out):
        return _built(plan, project, engine, progress, say)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep another build out of the same scratch folder, and put into a sentence what a disk refuses."""
    folder = scratch_folder(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with only_writer(folder, wait_s=_WAIT_S):
            yield
    except OSError as error:
        message = f"{error.filename or folder}: cannot be read or written ({reason(error)})."
        remedy = "Check space, permissions and paths; the same command then goes on from where it was."
        raise StudyError(message, remedy=remedy) from error


def _built(
    plan: BuildPlan, project: Project, engine: Engine | None, progress: Progress, say: Callable[[str], None]
) -> Study:
    discard(scratch_folder(plan.out))
    scratch = Scratch(plan.out, plan.stages)
    if plan.is_written:
        with writing_alone(plan.out):  # which clears away what the stopped run left beside the study
            scratch.remove()
        return open_study(plan.out)
    if found := found_text(scratch):
        say(found)
    built = _Run(plan, scratch, project, engine, progress, say).all_stages()
    contents = assemble(built, plan.dataset, plan.models, plan.options, scratch)
    scratch.begin_writing(plan.out, plan.key)
    root = write_study(plan.out, contents, replace=plan.replace)
    scratch.remove()
    return Study(root, read_manifest(root))


@dataclass(frozen=True, eq=False)
class _Run:
    plan: BuildPlan
    scratch: Scratch
    project: Project
    engine: Engine | None
    progress: Progress
    say: Callable[[str], None]

    def all_stages(self) -> Built:
        rows, dataset = self.plan.rows, self.plan.dataset
        images = dataset.images.iloc[rows].reset_index(drop=True)
        labels = np.asarray(dataset.labels, np.float64)[rows]
        said = dataset.card.readings
        for note in self.plan.notes:
            self.say(note)
        with self.scratch.timed("read and encode films"):
            films, embeddings, choice = self._encoding(self._first).frozen(self._preparation(images["split"].tolist()))
        images, labels = images.iloc[films.positions].reset_index(drop=True), labels[films.positions]
        readings = None if said is None else said.of_films(np.asarray(rows)[films.positions])
        for note in self._left_out(films, images, labels):
            self.say(note)
        prompts = prompts_for(dataset.card.classes) if any(one.model.has_text for one in self.plan.models) else ()
        frozen = self._frozen(self._first, embeddings[films.positions], prompts)
        built = Built(images, labels, readings, films, prompts, frozen, choice)
        for planned in self.plan.models:
            if planned is not self._first:
                self._encode(built, planned)
            self._settings(built, planned)
        self._project(built)
        return built

    @property
    def _first(self) -> PlannedModel:
        return self.plan.models[0]

    def _preparation(self, splits: list[str]) -> FilmPreparation:
        """How films are read, once for all models."""
        first, *others = self.plan.models
        kept = kept_positions(splits, self.plan.options.films)
        beside = {planned.key: planned.model.transform for planned in others}
        folder = self.scratch.folder / FILMS
        return FilmPreparation(self.plan.dataset, self.plan.rows, kept, first.model.transform, folder, beside)

    def _left_out(self, films: PreparedFilms, images: pd.DataFrame, labels: FloatArray) -> tuple[str, ...]:
        """Say which films cannot be read. StudyError where what a setting trains on is among them, all of it."""
        if films.left_out and any(setting.learns for setting in self.plan.options.chosen):
            labels_for_training(labels, np.flatnonzero(images["split"] == "train"), len(images))
        return left_out_note(films.left_out, len(self.plan.rows))

    def _encoding(self, planned: PlannedModel) -> Encoding:
        """How this build encodes by a model."""
        return Encoding(planned, self.scratch, self.progress, self.engine)

    def _encode(self, built: Built, planned: PlannedModel) -> None:
        """The films by another model's own tower."""
        with self.scratch.timed(planned.named("encode films")):
            embeddings, choice = self._encoding(planned).of_prepared(built.films.of_model(planned.key))
        built.encoders[planned.frozen] = self._frozen(planned, embeddings, built.prompts)
        built.precisions[planned.key] = choice

    def _frozen(self, planned: PlannedModel, embeddings: Float32Array, prompts: tuple[Prompt, ...]) -> BuiltEncoder:
        if not planned.model.has_text:
            return BuiltEncoder(embeddings, None)
        with self.scratch.timed(planned.named("encode prompts")):
            return BuiltEncoder(embeddings, planned.model.encode_texts([prompt.text for prompt in prompts]))

    def _settings(self, built: Built, planned: PlannedModel) -> None:
        splits, frozen = built.images["split"].to_numpy(), built.encoders[planned.frozen]
        train, val = np.flatnonzero(splits == "train"), np.flatnonzero(splits == "val")
        for setting in planned.settings:
            step = BuildStep(
                load_model=lambda: planned.model,
                read_crops=lambda: built.films.of_model(planned.key),
                labels=built.labels,
                train=train,
                val=val,
                patients=built.images["patient_id"].astype(str).tolist(),
                classes=self.plan.dataset.card.classes,
                prompts=() if frozen.texts is None else built.prompts,
                embeddings=frozen.embeddings,
                texts=frozen.embeddings[:0] if frozen.texts is None else frozen.texts,
                logit_scale=planned.model.logit_scale,
                folder=self.scratch.folder / setting.name,
                key=self.scratch.stages[setting.name],
                progress=self.progress,
                timed=lambda part: self.scratch.timed(planned.named(part)),
                minutes=lambda part: self.scratch.minutes[planned.named(part)],
                encode=partial(self._encode_trained, built, planned, setting.encoder),
            )
            built.take(setting, setting.build(step, self.plan.options.of(setting)))

    def _encode_trained(
        self, built: Built, planned: PlannedModel, encoder: Encoder, visual: torch.nn.Module, weights: str
    ) -> Float32Array:
        precision = built.precisions[planned.key].precision
        encoding = TrainedEncoding(planned.model, self.scratch, self.progress, precision)
        return encoding.embeddings(encoder.name, visual, built.films.of_model(planned.key), weights)

    def _project(self, built: Built) -> None:
        with self.scratch.timed("UMAP"):
            for n_components in (2, 3):
                for encoder, made in built.encoders.items():
                    said = f"UMAP in {n_components}-d, {encoder.title.lower()} encoder"
                    self.progress(0, 1, said)
                    start = None if made is built.frozen else built.frozen.umaps[n_components]
                    points = self.project(made.embeddings, n_components, self.plan.options.projection, start=start)
                    made.umaps[n_components] = points
                    made.qualities[n_components] = map_quality(made.embeddings, points)
                    self.progress(1, 1, said)
