"""Build a study: each stage in turn, skipped where an interrupted run has finished it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.building.assemble import Built, BuiltEncoder, assemble
from core.building.checks import check_buildable
from core.building.encoding import Encoding
from core.building.films import FilmPreparation, kept_positions
from core.building.plan import BuildSettings, Scratch, discard, scratch_folder
from core.building.stages import FILMS, TUNING, found_text, plan_of, stages_of
from core.datasets.base import Dataset
from core.files import sha256_of
from core.metrics.map_quality import map_quality
from core.models.arrays import Float32Array, FloatArray, IntArray, Progress, no_progress
from core.models.clip_model import ClipModel
from core.projection import project
from core.settings.fine_tune import VISUAL, fine_tune
from core.settings.linear_probe import fit_linear_probe
from core.settings.zero_shot import prompts_for, zero_shot_margins
from core.study.write import check_out, write_study


def build_study(
    dataset: Dataset,
    model: ClipModel,
    source: str,
    out: Path,
    settings: BuildSettings,
    *,
    replace: bool = False,
    progress: Progress = no_progress,
    say: Callable[[str], None] = lambda sentence: None,
) -> Path:
    """Make a study of a dataset and a model, and return its folder.

    source : what the model was resolved from, kept in the manifest.  say : takes sentences for the user.
    An interrupted build goes on where it was; what other options would have made otherwise is made anew.
    Raises StudyError where `out` holds something that would be lost, or where films of a split are missing that a
    setting needs.
    """
    out = Path(out).resolve()
    rows = chosen_rows(dataset.images["split"].tolist(), settings.limit)
    stages = stages_of(dataset, rows, model, settings)
    plan = plan_of(stages, dataset, settings)
    discard(scratch_folder(out))
    if Scratch.was_written(out, plan):
        Scratch(out, stages).remove()
        return out
    check_out(out, replace=replace)
    check_buildable(dataset, rows, settings)
    run = _Run(dataset, model, settings, Scratch(out, stages), progress)
    if found := found_text(run.scratch):
        say(found)
    built = run.all_stages(rows)
    contents = assemble(built, dataset, model, source, settings, run.scratch)
    run.scratch.begin_writing(out, plan)
    root = write_study(out, contents, replace=replace)
    run.scratch.remove()
    return root


def chosen_rows(splits: list[str], limit: int | None) -> list[int]:
    """Rows to build: all, or about `limit` of them, taken evenly from every split and at least two of each."""
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
    settings: BuildSettings
    scratch: Scratch
    progress: Progress

    def all_stages(self, rows: list[int]) -> Built:
        images = self.dataset.images.iloc[rows].reset_index(drop=True)
        labels = np.asarray(self.dataset.labels, np.float64)[rows]
        splits = images["split"].to_numpy()
        kept = kept_positions(splits.tolist(), self.settings.films)
        preparation = FilmPreparation(self.dataset, rows, kept, self.model.transform, self.scratch.folder / FILMS)
        with self.scratch.timed("read and encode films"):
            films, embeddings, choice = self.encoding.frozen(preparation)
        frozen = self._frozen(embeddings)
        built = Built(images, labels, films, prompts_for(self.dataset.card.classes), frozen, choice)
        self._zero_shot(built)
        train, val = np.flatnonzero(splits == "train"), np.flatnonzero(splits == "val")
        self._linear_probe(built, labels, train, val)
        self._fine_tune(built, labels, train, val)
        self._project(built)
        return built

    @property
    def encoding(self) -> Encoding:
        """How this build encodes."""
        return Encoding(self.model, self.scratch, self.settings.precision, self.progress)

    def _frozen(self, embeddings: Float32Array) -> BuiltEncoder:
        with self.scratch.timed("encode prompts"):
            texts = self.model.encode_texts([prompt.text for prompt in prompts_for(self.dataset.card.classes)])
        return BuiltEncoder(embeddings, texts)

    def _zero_shot(self, built: Built) -> None:
        if "zero_shot" in self.settings.settings:
            frozen = built.encoders["frozen"]
            assert frozen.texts is not None
            built.scores["zero_shot"] = zero_shot_margins(
                frozen.embeddings, frozen.texts, built.prompts, self.dataset.card.classes
            )

    def _linear_probe(self, built: Built, labels: FloatArray, train: IntArray, val: IntArray) -> None:
        if "linear_probe" not in self.settings.settings:
            return
        embeddings = built.encoders["frozen"].embeddings
        with self.scratch.timed("linear_probe"):
            head = fit_linear_probe(embeddings, labels, train, val, self.settings.linear_probe, self.progress)
        built.heads["linear_probe"] = head
        built.scores["linear_probe"] = head.logits(embeddings)

    def _fine_tune(self, built: Built, labels: FloatArray, train: IntArray, val: IntArray) -> None:
        if "fine_tune" not in self.settings.settings:
            return
        tuned = fine_tune(
            self.model,
            built.films.crops,
            labels,
            train,
            val,
            self.settings.fine_tune,
            device=str(self.model.device),
            progress=self.progress,
            checkpoint=self.scratch.folder / TUNING,
            key=self.scratch.stages[TUNING],
        )
        built.minutes["fine_tune"] = tuned.minutes
        built.tuned_folder = tuned.save(self.scratch.folder / "tuned")
        with self.scratch.timed("encode films, fine-tuned"):
            visual, weights = tuned.visual(self.model), sha256_of(built.tuned_folder / VISUAL)
            embeddings = self.encoding.tuned(visual, built.films.crops, built.precision.precision, weights)
        built.heads["fine_tune"] = tuned.head
        built.encoders["fine_tuned"] = BuiltEncoder(embeddings, None)
        built.scores["fine_tune"] = tuned.head.logits(embeddings)

    def _project(self, built: Built) -> None:
        with self.scratch.timed("UMAP"):
            for n_components in (2, 3):
                start: Float32Array | None = None
                for name, encoder in built.encoders.items():
                    self.progress(0, 1, f"UMAP in {n_components}-d, {name.replace('_', '-')} encoder")
                    start = project(encoder.embeddings, n_components, self.settings.projection, start=start)
                    encoder.umaps[n_components] = start
                    encoder.qualities[n_components] = map_quality(encoder.embeddings, start)
                    self.progress(1, 1, f"UMAP in {n_components}-d, {name.replace('_', '-')} encoder")
