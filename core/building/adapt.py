"""Add settings to a finished study: what it holds is used as it is, and nothing of it is encoded or trained again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.building.adapt_films import StudyFilms
from core.building.assemble import encoder_description, labelled_train_films, setting_entry, setting_seeds
from core.building.encoding import TrainedEncoding
from core.building.plan import Scratch, discard, hashed, scratch_folder
from core.building.stages import FILMS
from core.datasets.base import Dataset
from core.errors import StudyError
from core.locks import only_writer
from core.metrics.map_quality import MapQuality, map_quality
from core.models.arrays import Float32Array, Progress, no_progress
from core.models.device import Precision
from core.projection.beside import Project
from core.projection.umap import ProjectionOptions, projection_record
from core.projection.umap import project as project_here
from core.registries import find_by_name
from core.settings import registry
from core.settings.base import FROZEN, Encoder, Setting, SettingOptions
from core.settings.steps import BuildStep, StepResult
from core.settings.training import labels_for_training
from core.space.study_model import study_model
from core.study import Study, layout, open_study
from core.study.layout import of_model, parted
from core.study.manifest import EncoderEntry, SettingEntry
from core.study.rewrite import Part, changing, rewrite_study

ADAPTING: Final = ".adapting"
_WAIT_S: Final = 2.0
"""How long one waits for another adaptation of the same study, which may take hours."""


@dataclass(frozen=True, eq=False)
class Adaptation:
    """What is to be added to a study.

    settings : names of `core.settings.registry`; of another model than the study's own with its key behind.
    training : options by setting, for those that are not made with their own.
    films : gives the dataset that the study was built from, for settings that work on films; None where it is not
        known.
    """

    root: Path
    settings: Sequence[str]
    training: Mapping[str, SettingOptions] = field(default_factory=dict)
    films: Callable[[], Dataset] | None = None
    project: Project = project_here
    progress: Progress = no_progress
    say: Callable[[str], None] = lambda sentence: None


def adapt_study(asked: Adaptation) -> Study:
    """Add settings to a study in its own place, and return it; it is replaced when the new one is whole and checked.

    A setting that the study holds already stays as it is. An interrupted run goes on where it was.
    Raises StudyError, and changes nothing, where the study lacks what a setting needs or another process is adding to
    it; and what loading its model or films raises.
    """
    root = Path(asked.root).resolve()
    study = open_study(root)
    settings = _to_add(study, asked)
    for key in dict.fromkeys(parted(setting.name)[1] for setting in settings):
        own = tuple(setting for setting in settings if parted(setting.name)[1] == key)
        with only_writer(scratch_folder(root, ADAPTING), wait_s=_WAIT_S):
            discard(scratch_folder(root, ADAPTING))
            run = _Run(study, asked, own, key)
            study = run.write(run.results())
            run.scratch.remove()
    return study


def _to_add(study: Study, asked: Adaptation) -> tuple[Setting[Any], ...]:
    """The settings that are not there, model by model, in the order of the registry."""
    for name in asked.settings:
        find_by_name(registry.SETTINGS, parted(name)[0], "setting", StudyError)
        if (key := parted(name)[1]) and key not in study.manifest.beside:
            message = f"{study.root}: holds no model {key!r}, so there is no {name} to add."
            raise StudyError(message, remedy=f"Choose of {', '.join(study.manifest.beside) or 'its own settings'}.")
    keys = ("", *study.manifest.beside)
    chosen = [
        setting
        for key in keys
        for one in registry.SETTINGS
        if (setting := registry.setting_beside(one, key)).name in asked.settings
    ]
    if not chosen:
        raise StudyError("--settings names nothing.", remedy=f"Choose of {', '.join(registry.names())}.")
    for setting in chosen:
        if setting.name in study.settings:
            asked.say(f"{setting.title} is in the study already, and stays as it is.")
    return tuple(setting for setting in chosen if setting.name not in study.settings)


@dataclass(frozen=True, eq=False)
class _Run:
    """Settings of one model that are added.

    whole : the study. key : of the model; "" is the study's own.
    """

    whole: Study
    asked: Adaptation
    settings: tuple[Setting[Any], ...]
    key: str

    @property
    def study(self) -> Study:
        """The part of the study that is this model's."""
        return self.whole.of_model(self.key)

    def __post_init__(self) -> None:
        if any(setting.learns for setting in self.settings):
            labels_for_training(self.study.labels, self.study.rows("train"), len(self.study.image_ids))

    def options(self, setting: Setting[Any]) -> Any:
        """What a setting is made with."""
        return self.asked.training.get(parted(setting.name)[0], setting.options)

    @cached_property
    def encoder(self) -> str:
        """The encoder that frozen settings read: the model's own, or the only one of an import."""
        here = [name for name in self.study.encoders if self.study.has(layout.image_embeddings_part(name))]
        if FROZEN.name in here:
            return FROZEN.name
        if len(here) == 1:
            return here[0]
        message = f"{self.study.root}: holds no image embeddings of one frozen encoder, which settings are added to."
        raise StudyError(message, remedy="Build the study with `python -m core build`, which keeps them.")

    @cached_property
    def scratch(self) -> Scratch:
        """What an interrupted run has finished."""
        return Scratch(self.study.root, self._stages, ADAPTING)

    @property
    def _stages(self) -> dict[str, str]:
        """What each setting's results depend on, hashed."""
        files, manifest = self.study.manifest.files, self.study.manifest
        parts = [layout.IMAGES, layout.LABELS, layout.image_embeddings_part(self.encoder)]
        made_of = [[files[part].sha256 for part in parts], manifest.model, [prompt.text for prompt in manifest.prompts]]
        own = {one.name: hashed([made_of, vars(self.options(one))]) for one in self.settings}
        return {FILMS: hashed([files[layout.IMAGES].sha256, manifest.model]), **own}

    @cached_property
    def films(self) -> StudyFilms:
        """The films that the study was built from."""
        return StudyFilms(self.study, self.encoder, self.asked.films, self.scratch.folder / FILMS, self.asked.progress)

    def results(self) -> dict[str, StepResult]:
        """What each setting gives; films are looked for before anything is trained."""
        if any(setting.encoder.is_trained for setting in self.settings):
            self.films.crops  # noqa: B018 - what is missing is told here
        return {setting.name: setting.build(self._step(setting), self.options(setting)) for setting in self.settings}

    def _step(self, setting: Setting[Any]) -> BuildStep:
        study, texts = self.study, layout.text_embeddings_part(self.encoder)
        embeddings = np.asarray(study.image_embeddings(self.encoder))
        has_texts = bool(study.manifest.prompts) and study.has(texts)
        return BuildStep(
            load_model=lambda: study_model(study),
            read_crops=lambda: self.films.crops,
            labels=np.asarray(study.labels, np.float64),
            train=study.rows("train"),
            val=study.rows("val"),
            patients=study.patient_ids(study.rows("all")),
            classes=study.classes,
            prompts=study.manifest.prompts if has_texts else (),
            embeddings=embeddings,
            texts=np.asarray(study.text_embeddings(self.encoder)) if has_texts else embeddings[:0],
            logit_scale=study.manifest.encoders[self.encoder].logit_scale,
            folder=self.scratch.folder / setting.name,
            key=self.scratch.stages[setting.name],
            progress=self.asked.progress,
            timed=lambda part: self.scratch.timed(of_model(part, self.key)),
            minutes=lambda part: self.scratch.minutes[of_model(part, self.key)],
            encode=partial(self._encode, setting.encoder),
        )

    def _encode(self, encoder: Encoder, visual: Any, weights: str) -> Float32Array:
        precision: Precision = self.study.manifest.protocol.get(of_model("precision", self.key)) or "fp32"
        encoding = TrainedEncoding(study_model(self.study), self.scratch, self.asked.progress, precision)
        return encoding.embeddings(encoder.name, visual, self.films.crops, weights)

    def write(self, results: Mapping[str, StepResult]) -> Study:
        """Put the study with the new settings in its own place."""
        made = {
            setting.encoder: found.embeddings
            for setting in self.settings
            if (found := results[setting.name]).embeddings is not None
        }
        parts: dict[str, Part] = {}
        for name, result in results.items():
            parts[layout.scores_part(name)] = result.scores
            parts |= {layout.setting_part(name, file): content for file, content in result.files.items()}
        for encoder, embeddings in made.items():
            parts |= self._encoder_parts(encoder, embeddings)
        with changing(self.whole.root) as now:
            self._require_unchanged(now)
            return rewrite_study(now, parts, **self._fields(now, results, made))

    def _require_unchanged(self, now: Study) -> None:
        """StudyError where films, labels or embeddings are others than those that were learnt from."""
        parts = [layout.IMAGES, layout.LABELS, layout.image_embeddings_part(of_model(self.encoder, self.key))]
        before, after = self.whole.manifest.files, now.manifest.files
        names = [setting.name for setting in self.settings if setting.name in now.settings]
        if names or any(after.get(part) != before[part] for part in parts):
            message = f"{now.root}: was replaced by another study while settings were added."
            raise StudyError(message, remedy="Add them again to the study that is there now.")

    def _fields(
        self, now: Study, results: Mapping[str, StepResult], made: Mapping[Encoder, Float32Array]
    ) -> dict[str, Any]:
        """The fields of the manifest that change."""
        seen = labelled_train_films(np.asarray(now.labels), now.images["split"], now.classes)
        entries = {**now.manifest.settings, **{one.name: self._entry(one, results, seen) for one in self.settings}}
        known = [one for name in registry.in_order(entries) if (one := registry.known(name)) is not None]
        for setting in known:
            entry = entries[setting.name]
            if entry.training is None and setting.recall is not None:
                part = now.of_setting(setting.name)[0]
                entries[setting.name] = replace(entry, training=setting.recall(part))
        encoders = dict(now.manifest.encoders)
        for encoder, embeddings in made.items():
            text = encoder_description(encoder, known)
            encoders[encoder.name] = EncoderEntry(int(embeddings.shape[1]), False, None, text)
        frozen, read = registry.encoder_beside(FROZEN, self.key), of_model(self.encoder, self.key)
        if encoders[read].description.startswith(frozen.description):
            encoders[read] = replace(encoders[read], description=encoder_description(frozen, known))
        minutes = {name: round(one.minutes, 3) for name, one in results.items() if one.minutes is not None}
        seeds = setting_seeds({one.name: self.options(one) for one in self.settings})
        return {
            "settings": {name: entries[name] for name in registry.in_order(entries)},
            "encoders": encoders,
            "seeds": {**now.manifest.seeds, **seeds},
            "timings": {**now.manifest.timings, **minutes},
        }

    def _entry(
        self, setting: Setting[Any], results: Mapping[str, StepResult], seen: Mapping[str, tuple[int, int]]
    ) -> SettingEntry:
        read = None if setting.encoder.is_trained else of_model(self.encoder, self.key)
        return setting_entry(setting, self.options(setting), results[setting.name], seen, read)

    def _encoder_parts(self, encoder: Encoder, embeddings: Float32Array) -> dict[str, Part]:
        """Embeddings, and maps that begin where those of the frozen encoder ended, where the study has these."""
        parts: dict[str, Part] = {layout.image_embeddings_part(encoder.name): embeddings}
        options = ProjectionOptions(seed=int(self.study.manifest.seeds.get("projection", ProjectionOptions().seed)))
        qualities: dict[int, MapQuality] = {}
        for number in (2, 3):
            if self.study.has(layout.umap_part(self.encoder, number)):
                start = np.asarray(self.study.umap(self.encoder, number))
                points = self.asked.project(embeddings, number, options, start=start)
                parts[layout.umap_part(encoder.name, number)] = points
                qualities[number] = map_quality(embeddings, points)
        if qualities:
            used = options.within(len(embeddings))
            record = projection_record(used, started_from=of_model(self.encoder, self.key), quality=qualities)
            parts[layout.umap_record_part(encoder.name)] = (json.dumps(record, indent=2) + "\n").encode()
        return parts
