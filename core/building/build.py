"""Build a study: each stage in turn, skipped where an interrupted run has finished it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from core.building.assemble import Built, BuiltEncoder, assemble
from core.building.checks import check_buildable
from core.building.encoding import Encoding
from core.building.films import FilmPreparation, kept_positions
from core.building.plan import BuildOptions, Scratch, discard, scratch_folder
from core.building.stages import FILMS, found_text, plan_of, stages_of
from core.datasets.base import Dataset
from core.metrics.map_quality import map_quality
from core.models.arrays import Float32Array, Progress, no_progress
from core.models.clip_model import ClipModel
from core.projection.umap import project
from core.settings.base import Encoder
from core.settings.steps import BuildStep
from core.settings.zero_shot import prompts_for
from core.study.write import check_out, write_study


def build_study(
    dataset: Dataset,
    model: ClipModel,
    source: str,
    out: Path,
    options: BuildOptions,
    *,
    replace: bool = False,
    progress: Progress = no_progress,
    say: Callable[[str], None] = lambda sentence: None,
) -> Path:
    """Make a study of a dataset and a model, and return its folder.

    source : what the model was resolved from, kept in the manifest.
    say : takes sentences for the user.
    An interrupted build goes on where it was; what other options would have made otherwise is made anew.
    Raises StudyError where `out` holds something that would be lost, or where films of a split are missing that a
    setting needs.
    """
    out = Path(out).resolve()
    rows = chosen_rows(dataset.images["split"].tolist(), options.limit)
    stages = stages_of(dataset, rows, model, options)
    plan = plan_of(stages, dataset, options)
    discard(scratch_folder(out))
    if Scratch.was_written(out, plan):
        Scratch(out, stages).remove()
        return out
    check_out(out, replace=replace)
    check_buildable(dataset, rows, options)
    run = _Run(dataset, model, options, Scratch(out, stages), progress)
    if found := found_text(run.scratch):
        say(found)
    built = run.all_stages(rows)
    contents = assemble(built, dataset, model, source, options, run.scratch)
    run.scratch.begin_writing(out, plan)
    root = write_study(out, contents, replace=replace)
    run.scratch.remove()
    return root


def chosen_rows(splits: list[str], limit: int | None) -> list[int]:
    """Choose the rows to build: all, or about `limit` of them,
    taken evenly from every split and at least two of each.
    """
    if limit is None or limit >= len(splits):
        return list(range(len(splits)))
    chosen: list[int] = []
    for split in dict.fromkeys(splits):
        rows = [row for row, name in enumerate(splits) if name == split]
        count = min(len(rows), max(2, round(limit * len(rows) / len(splits))))
        chosen += [rows[int(k)] for k in np.linspace(0, len(rows) - 1, count)]
    return sorted(set(chosen))


@dataclass(frozen=True, eq=False)
class _Run:
    dataset: Dataset
    model: ClipModel
    options: BuildOptions
    scratch: Scratch
    progress: Progress

    def all_stages(self, rows: list[int]) -> Built:
        images = self.dataset.images.iloc[rows].reset_index(drop=True)
        labels = np.asarray(self.dataset.labels, np.float64)[rows]
        kept = kept_positions(images["split"].tolist(), self.options.films)
        preparation = FilmPreparation(self.dataset, rows, kept, self.model.transform, self.scratch.folder / FILMS)
        with self.scratch.timed("read and encode films"):
            films, embeddings, choice = self.encoding.frozen(preparation)
        frozen = self._frozen(embeddings)
        built = Built(images, labels, films, prompts_for(self.dataset.card.classes), frozen, choice)
        self._settings(built)
        self._project(built)
        return built

    @property
    def encoding(self) -> Encoding:
        """How this build encodes."""
        return Encoding(self.model, self.scratch, self.options.precision, self.progress)

    def _frozen(self, embeddings: Float32Array) -> BuiltEncoder:
        with self.scratch.timed("encode prompts"):
            texts = self.model.encode_texts([prompt.text for prompt in prompts_for(self.dataset.card.classes)])
        return BuiltEncoder(embeddings, texts)

    def _settings(self, built: Built) -> None:
        splits = built.images["split"].to_numpy()
        train, val = np.flatnonzero(splits == "train"), np.flatnonzero(splits == "val")
        assert built.frozen.texts is not None
        for setting in self.options.chosen:
            step = BuildStep(
                model=self.model,
                crops=built.films.crops,
                labels=built.labels,
                train=train,
                val=val,
                classes=self.dataset.card.classes,
                prompts=built.prompts,
                embeddings=built.frozen.embeddings,
                texts=built.frozen.texts,
                folder=self.scratch.folder / setting.name,
                key=self.scratch.stages[setting.name],
                progress=self.progress,
                timed=self.scratch.timed,
                minutes=lambda part: self.scratch.minutes[part],
                encode=partial(self._encode_trained, built, setting.encoder),
            )
            built.take(setting, setting.build(step, self.options.of(setting)))

    def _encode_trained(self, built: Built, encoder: Encoder, visual: torch.nn.Module, weights: str) -> Float32Array:
        precision = built.precision.precision
        return self.encoding.trained(encoder.name, visual, built.films.crops, precision, weights)

    def _project(self, built: Built) -> None:
        with self.scratch.timed("UMAP"):
            for n_components in (2, 3):
                for encoder, made in built.encoders.items():
                    said = f"UMAP in {n_components}-d, {encoder.title.lower()} encoder"
                    self.progress(0, 1, said)
                    start = None if made is built.frozen else built.frozen.umaps[n_components]
                    points = project(made.embeddings, n_components, self.options.projection, start=start)
                    made.umaps[n_components] = points
                    made.qualities[n_components] = map_quality(made.embeddings, points)
                    self.progress(1, 1, said)
