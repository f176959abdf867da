"""Build a study: each stage in turn, skipped where an interrupted run has finished it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.building.assemble import Built, BuiltEncoder, assemble
from core.building.checked import BuildPlan
from core.building.encoding import Encoding
from core.building.films import FilmPreparation, kept_positions
from core.building.plan import Scratch, discard, scratch_folder
from core.building.stages import FILMS, TUNING, found_text
from core.metrics.map_quality import map_quality
from core.models.arrays import Float32Array, FloatArray, IntArray, Progress, no_progress
from core.projection.beside import Project
from core.projection.umap import project as project_here
from core.settings.fine_tune import VISUAL, fine_tune
from core.settings.linear_probe import fit_linear_probe
from core.settings.zero_shot import prompts_for, zero_shot_margins
from core.study import Study, open_study
from core.study.folder import read_manifest, sha256_of
from core.study.write import write_study


def build_study(
    plan: BuildPlan,
    *,
    project: Project = project_here,
    progress: Progress = no_progress,
    say: Callable[[str], None] = lambda sentence: None,
) -> Study:
    """Make the study that is planned, and return it; it was checked whole before it took its place.

    project : makes the maps.  say : takes sentences for the user.
    An interrupted build goes on where it was; what other options would have made otherwise is made anew.
    """
    discard(scratch_folder(plan.out))
    scratch = Scratch(plan.out, plan.stages)
    if plan.is_written:
        scratch.remove()
        return open_study(plan.out)
    if found := found_text(scratch):
        say(found)
    built = _Run(plan, scratch, project, progress).all_stages()
    contents = assemble(built, plan.dataset, plan.model, plan.source, plan.settings, scratch)
    scratch.begin_writing(plan.out, plan.key)
    root = write_study(plan.out, contents, replace=plan.replace)
    scratch.remove()
    return Study(root, read_manifest(root))


@dataclass(frozen=True, eq=False)
class _Run:
    plan: BuildPlan
    scratch: Scratch
    project: Project
    progress: Progress

    def all_stages(self) -> Built:
        rows, dataset = self.plan.rows, self.plan.dataset
        images = dataset.images.iloc[rows].reset_index(drop=True)
        labels = np.asarray(dataset.labels, np.float64)[rows]
        splits = images["split"].to_numpy()
        kept = kept_positions(splits.tolist(), self.plan.settings.films)
        preparation = FilmPreparation(dataset, rows, kept, self.plan.model.transform, self.scratch.folder / FILMS)
        with self.scratch.timed("read and encode films"):
            films, embeddings, choice = self.encoding.frozen(preparation)
        frozen = self._frozen(embeddings)
        built = Built(images, labels, films, prompts_for(dataset.card.classes), frozen, choice)
        self._zero_shot(built)
        train, val = np.flatnonzero(splits == "train"), np.flatnonzero(splits == "val")
        self._linear_probe(built, labels, train, val)
        self._fine_tune(built, labels, train, val)
        self._project(built)
        return built

    @property
    def encoding(self) -> Encoding:
        """How this build encodes."""
        return Encoding(self.plan, self.scratch, self.progress)

    def _frozen(self, embeddings: Float32Array) -> BuiltEncoder:
        with self.scratch.timed("encode prompts"):
            prompts = prompts_for(self.plan.dataset.card.classes)
            texts = self.plan.model.encode_texts([prompt.text for prompt in prompts])
        return BuiltEncoder(embeddings, texts)

    def _zero_shot(self, built: Built) -> None:
        if "zero_shot" in self.plan.settings.settings:
            frozen = built.encoders["frozen"]
            assert frozen.texts is not None
            built.scores["zero_shot"] = zero_shot_margins(
                frozen.embeddings, frozen.texts, built.prompts, self.plan.dataset.card.classes
            )

    def _linear_probe(self, built: Built, labels: FloatArray, train: IntArray, val: IntArray) -> None:
        if "linear_probe" not in self.plan.settings.settings:
            return
        embeddings = built.encoders["frozen"].embeddings
        with self.scratch.timed("linear_probe"):
            head = fit_linear_probe(embeddings, labels, train, val, self.plan.settings.linear_probe, self.progress)
        built.heads["linear_probe"] = head
        built.scores["linear_probe"] = head.logits(embeddings)

    def _fine_tune(self, built: Built, labels: FloatArray, train: IntArray, val: IntArray) -> None:
        if "fine_tune" not in self.plan.settings.settings:
            return
        tuned = fine_tune(
            self.plan.model,
            built.films.crops,
            labels,
            train,
            val,
            self.plan.settings.fine_tune,
            device=str(self.plan.model.device),
            progress=self.progress,
            checkpoint=self.scratch.folder / TUNING,
            key=self.scratch.stages[TUNING],
        )
        built.minutes["fine_tune"] = tuned.minutes
        built.tuned_folder = tuned.save(self.scratch.folder / "tuned")
        with self.scratch.timed("encode films, fine-tuned"):
            visual, weights = tuned.visual(self.plan.model), sha256_of(built.tuned_folder / VISUAL)
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
                    start = self.project(encoder.embeddings, n_components, self.plan.settings.projection, start=start)
                    encoder.umaps[n_components] = start
                    encoder.qualities[n_components] = map_quality(encoder.embeddings, start)
                    self.progress(1, 1, f"UMAP in {n_components}-d, {name.replace('_', '-')} encoder")
