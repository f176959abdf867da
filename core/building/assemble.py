"""From the results of a build's stages to the contents of a study: descriptions, provenance, extra files."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from core.building.films import PreparedFilms
from core.building.plan import BuildSettings, Scratch
from core.datasets.base import Dataset
from core.findings import SETTINGS
from core.geometry import FloatArray
from core.metrics.map_quality import MapQuality
from core.models.arrays import Float32Array
from core.models.clip_model import ClipModel
from core.models.fastest import PrecisionChoice
from core.projection import projection_record
from core.settings.head import LinearHead
from core.study import layout
from core.study.contents import StudyContents
from core.study.manifest import EncoderEntry, Prompt, SettingEntry

SOFTWARE = ("torch", "open_clip_torch", "timm", "transformers", "umap-learn", "numpy", "pandas", "pillow")


@dataclass(eq=False)
class BuiltEncoder:
    """embeddings : (n, d); texts : (n_prompts, d) where there are any; umaps, qualities : by dimensions."""

    embeddings: Float32Array
    texts: Float32Array | None
    umaps: dict[int, Float32Array] = field(default_factory=dict)
    qualities: dict[int, MapQuality] = field(default_factory=dict)


@dataclass(eq=False)
class Built:
    """What the stages have made so far."""

    images: pd.DataFrame
    labels: FloatArray
    films: PreparedFilms
    prompts: tuple[Prompt, ...]
    frozen: BuiltEncoder
    precision: PrecisionChoice
    scores: dict[str, Float32Array] = field(default_factory=dict)
    heads: dict[str, LinearHead] = field(default_factory=dict)
    minutes: dict[str, float] = field(default_factory=dict)
    tuned_folder: Path | None = None
    encoders: dict[str, BuiltEncoder] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.encoders["frozen"] = self.frozen


def assemble(
    built: Built, dataset: Dataset, model: ClipModel, source: str, settings: BuildSettings, scratch: Scratch
) -> StudyContents:
    """Everything that goes into the study."""
    card = dataset.card
    minutes = {**scratch.minutes, **built.minutes}
    labels = pd.DataFrame({"image_id": built.images["image_id"]})
    for column, name in enumerate(card.classes):
        labels[name] = pd.array(built.labels[:, column], dtype="Float64").astype("Int8")
    files = [built.films.study_file(row) for row in range(len(built.images))]
    return StudyContents(
        name=settings.name,
        classes=card.classes,
        dataset={"name": card.name, **card.origin},
        images=built.images.assign(file=pd.array(files, dtype="string")),
        labels=labels,
        synthetic=card.synthetic,
        model={
            "name": model.name,
            "source": source,
            "sha256": model.sha256,
            "crop_px": model.crop_px,
            "preprocess_cfg": dict(model.transform.cfg),
        },
        settings={name: _setting(name, settings, minutes) for name in SETTINGS if name in built.scores},
        scores=built.scores,
        encoders={name: _encoder(name, model, encoder) for name, encoder in built.encoders.items()},
        image_embeddings={name: encoder.embeddings for name, encoder in built.encoders.items()},
        text_embeddings={n: encoder.texts for n, encoder in built.encoders.items() if encoder.texts is not None},
        umaps={name: encoder.umaps for name, encoder in built.encoders.items()},
        prompts=built.prompts,
        annotations=built.films.annotations,
        protocol={
            "thresholds": "fitted on val, read on test",
            "films_limit": settings.limit,
            "precision": built.precision.precision,
        },
        seeds={
            "linear_probe": settings.linear_probe.seed,
            "fine_tune": settings.fine_tune.seed,
            "projection": settings.projection.seed,
        },
        timings={stage: round(value, 3) for stage, value in minutes.items()}
        | {"machine": platform.machine(), "device": model.device.type, "precision": built.precision.reason},
        software={"python": platform.python_version(), **{name: version(name) for name in SOFTWARE}},
        licence=card.licence,
        notice=card.notice,
        extra=_extra(built, settings),
    )


def _setting(name: str, settings: BuildSettings, minutes: dict[str, float]) -> SettingEntry:
    if name == "zero_shot":
        words = "Cosine to the prompts that say a finding is there, minus cosine to those that say it is not."
        return SettingEntry("margin", "frozen", None, {}, words)
    if name == "linear_probe":
        words = "A linear classifier on the frozen image embeddings; minutes are its training, without encoding films."
        return SettingEntry("logit", "frozen", round(minutes[name], 3), asdict(settings.linear_probe), words)
    words = "The whole image tower trained with a linear classifier."
    return SettingEntry("logit", "fine_tuned", round(minutes[name], 3), asdict(settings.fine_tune), words)


def _encoder(name: str, model: ClipModel, encoder: BuiltEncoder) -> EncoderEntry:
    words = {
        "frozen": "The model's own image tower; zero-shot and linear probe share it.",
        "fine_tuned": "The image tower after fine-tuning; its text tower is not trained with it.",
    }
    scale = model.logit_scale if name == "frozen" else None
    return EncoderEntry(int(encoder.embeddings.shape[1]), False, scale, words[name])


def _extra(built: Built, settings: BuildSettings) -> dict[str, bytes | Path]:
    extra: dict[str, bytes | Path] = {}
    for row in built.films.stored:
        extra[str(built.films.study_file(row))] = built.films.stored[row]
    for name, head in built.heads.items():
        extra[f"settings/{name}/head.safetensors"] = head.to_bytes()
    if built.tuned_folder is not None:
        extra["settings/fine_tune/visual.safetensors"] = built.tuned_folder / "visual.safetensors"
    for name, encoder in built.encoders.items():
        started_from = None if name == "frozen" else "frozen"
        record = projection_record(settings.projection, started_from=started_from, quality=encoder.qualities)
        extra[layout.umap_record_part(name)] = (json.dumps(record, indent=2) + "\n").encode()
    return extra
