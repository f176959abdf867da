"""From the results of a build's stages to the contents of a study: descriptions, provenance, extra files."""

from __future__ import annotations

import io
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.building.films import PreparedFilms
from core.building.plan import BuildOptions, Scratch
from core.building.planned_model import PlannedModel
from core.datasets.base import Dataset, DatasetCard
from core.geometry import FloatArray
from core.intake.films import left_out_note
from core.labels.readings import Readings
from core.metrics.map_quality import MapQuality
from core.models.arrays import Float32Array
from core.models.fastest import PrecisionChoice
from core.projection.umap import projection_record
from core.settings.base import FROZEN, Encoder, Setting, SettingOptions
from core.settings.steps import StepResult
from core.study import layout
from core.study.contents import StudyContents, label_frame
from core.study.layout import BESIDE, of_model
from core.study.manifest import EncoderEntry, Prompt, SettingEntry
from core.study.small_pictures import pack

SOFTWARE = ("torch", "open_clip_torch", "timm", "transformers", "umap-learn", "numpy", "pandas", "pillow")


@dataclass(eq=False)
class BuiltEncoder:
    """embeddings : (n, d).
    texts : (n_prompts, d) where there are any.
    umaps, qualities : by dimensions.
    """

    embeddings: Float32Array
    texts: Float32Array | None
    umaps: dict[int, Float32Array] = field(default_factory=dict)
    qualities: dict[int, MapQuality] = field(default_factory=dict)


@dataclass(eq=False)
class Built:
    """What the stages have made so far.

    readings : what was said of the films that are built; None where the labels are all there is.
    precisions : by the key of a model; that of the study's own is `precision`.
    """

    images: pd.DataFrame
    labels: FloatArray
    readings: Readings | None
    films: PreparedFilms
    prompts: tuple[Prompt, ...]
    frozen: BuiltEncoder
    precision: PrecisionChoice
    results: dict[str, StepResult] = field(default_factory=dict)
    encoders: dict[Encoder, BuiltEncoder] = field(default_factory=dict)
    precisions: dict[str, PrecisionChoice] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.encoders[FROZEN] = self.frozen
        self.precisions[""] = self.precision

    @property
    def n_asked(self) -> int:
        """Count the films that were to be built, with those that could not be read."""
        return len(self.images) + len(self.films.left_out)

    def take(self, setting: Setting[Any], result: StepResult) -> None:
        """Keep what a setting gave, and the encoder that it trained, if it trained one."""
        self.results[setting.name] = result
        if result.embeddings is not None:
            self.encoders[setting.encoder] = BuiltEncoder(result.embeddings, None)


def assemble(
    built: Built, dataset: Dataset, models: Sequence[PlannedModel], options: BuildOptions, scratch: Scratch
) -> StudyContents:
    """Assemble everything that goes into the study.

    models : the first is the study's own.
    """
    card = dataset.card
    trained = {name: result.minutes for name, result in built.results.items() if result.minutes is not None}
    minutes = {**scratch.minutes, **trained}
    encoders = {encoder.name: made for encoder, made in built.encoders.items()}
    seen = labelled_train_films(built.labels, built.images["split"], card.classes)
    files = [built.films.study_file(row) for row in range(len(built.images))]
    settings = [setting for planned in models for setting in planned.settings]
    return StudyContents(
        name=options.name,
        classes=card.classes,
        dataset={"name": card.name, **card.origin},
        images=built.images.assign(file=pd.array(files, dtype="string")),
        labels=label_frame(built.images["image_id"].tolist(), card.classes, built.labels),
        synthetic=card.synthetic,
        model=_models(models),
        settings={one.name: setting_entry(one, options.of(one), built.results[one.name], seen) for one in settings},
        scores={name: result.scores for name, result in built.results.items()},
        encoders={encoder.name: _encoder(encoder, made, models) for encoder, made in built.encoders.items()},
        image_embeddings={name: made.embeddings for name, made in encoders.items()},
        text_embeddings={name: made.texts for name, made in encoders.items() if made.texts is not None},
        umaps={name: made.umaps for name, made in encoders.items()},
        prompts=built.prompts,
        annotations=built.films.annotations,
        protocol={"thresholds": "fitted on val, read on test", "films_limit": options.limit, **_precisions(built)},
        seeds={
            **setting_seeds({one.name: options.of(one) for one in settings}),
            "projection": options.projection.seed,
        },
        timings={stage: round(value, 3) for stage, value in minutes.items()}
        | {"machine": platform.machine(), "device": models[0].model.device.type, "precision": built.precision.reason},
        software={"python": platform.python_version(), **{name: version(name) for name in SOFTWARE}},
        licence=card.licence,
        notice=_notice(built, card, models),
        readings=built.readings,
        convention=card.convention,
        extra={**_extra(built, options), **_small_pictures(built.films, scratch)},
    )


def _precisions(built: Built) -> dict[str, str]:
    """What films were encoded in, by each model."""
    return {of_model("precision", key): choice.precision for key, choice in built.precisions.items()}


def _notice(built: Built, card: DatasetCard, models: Sequence[PlannedModel]) -> str:
    said = [note for planned in models for note in planned.notes]
    return " ".join([card.notice, *left_out_note(built.films.left_out, built.n_asked), *said])


def _models(models: Sequence[PlannedModel]) -> dict[str, Any]:
    """What the manifest says of the study's model, and in it of those beside it."""
    first, *others = (_said(planned) for planned in models)
    beside = {planned.key: said for planned, said in zip(models[1:], others, strict=True)}
    return {**first, BESIDE: beside} if beside else first


def _said(planned: PlannedModel) -> dict[str, Any]:
    model = planned.model
    return {
        "name": model.name,
        "source": planned.source,
        "sha256": model.sha256,
        "crop_px": model.crop_px,
        "preprocess_cfg": dict(model.transform.cfg),
        "geometry": model.transform.geometry.to_json(),
        "facts": model.facts.to_json(),
    }


def labelled_train_films(
    labels: FloatArray, splits: pd.Series[str], classes: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Count by class how many train films are labelled positive and negative."""
    labels = labels[(splits == "train").to_numpy()]
    counts = [np.count_nonzero(labels == value, axis=0) for value in (1, 0)]
    return {name: (int(positive), int(negative)) for name, positive, negative in zip(classes, *counts, strict=True)}


def setting_entry(
    setting: Setting[Any],
    options: SettingOptions,
    result: StepResult,
    seen: Mapping[str, tuple[int, int]],
    encoder: str | None = None,
) -> SettingEntry:
    """Make what the manifest says of a setting.

    seen : by class, train films labelled positive and negative.
    encoder : that it read, where that is not its own.
    """
    return SettingEntry(
        setting.score_kind,
        encoder or setting.encoder.name,
        None if result.minutes is None else round(result.minutes, 3),
        asdict(options),
        setting.description,
        seen if setting.learns else None,
        result.training,
    )


def encoder_description(encoder: Encoder, settings: Sequence[Setting[Any]]) -> str:
    """Say in a sentence what an encoder is, and which of a study's settings share it."""
    readers = [setting.title.lower() for setting in settings if setting.encoder == encoder]
    shared = f"; {', '.join(readers[:-1])} and {readers[-1]} share it" if len(readers) > 1 else ""
    return f"{encoder.description}{shared}."


def _encoder(encoder: Encoder, built: BuiltEncoder, models: Sequence[PlannedModel]) -> EncoderEntry:
    scale = next((planned.model.logit_scale for planned in models if planned.frozen == encoder), None)
    settings = [setting for planned in models for setting in planned.settings]
    return EncoderEntry(int(built.embeddings.shape[1]), False, scale, encoder_description(encoder, settings))


def setting_seeds(options: Mapping[str, SettingOptions]) -> dict[str, int]:
    """Give the seed of every setting that draws, by name, from what they are trained with."""
    seeds = {name: asdict(one).get("seed") for name, one in options.items()}
    return {name: int(seed) for name, seed in seeds.items() if seed is not None}


def _small_pictures(films: PreparedFilms, scratch: Scratch) -> dict[str, bytes | Path]:
    """The small pictures of the films that are stored, in one file; none where none is stored."""
    if not films.stored:
        return {}
    path, begins = scratch.folder / layout.SMALL_PICTURES, io.BytesIO()
    np.save(begins, pack((films.small(row) for row in range(len(films.positions))), path), allow_pickle=False)
    return {layout.SMALL_PICTURES: path, layout.SMALL_BEGINS: begins.getvalue()}


def _extra(built: Built, options: BuildOptions) -> dict[str, bytes | Path]:
    extra: dict[str, bytes | Path] = {}
    for row in built.films.stored:
        extra[str(built.films.study_file(row))] = built.films.stored[row]
    for name, result in built.results.items():
        extra |= {layout.setting_part(name, file): content for file, content in result.files.items()}
    for encoder, made in built.encoders.items():
        started_from = None if encoder == FROZEN else FROZEN.name
        used = options.projection.within(len(made.embeddings))
        record = projection_record(used, started_from=started_from, quality=made.qualities)
        extra[layout.umap_record_part(encoder.name)] = (json.dumps(record, indent=2) + "\n").encode()
    return extra
