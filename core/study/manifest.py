"""The manifest of a study: what is in it, where it came from, and the hash of every file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Literal, get_args

from core.errors import StudyError
from core.files import digest
from core.labels.convention import Convention
from core.study.layout import BESIDE
from core.study.manifest_fields import MANIFEST_REMEDY, Fields
from core.study.training_record import TrainingRecord

SCHEMA_VERSION = 2
"""Version of the format that this code writes, and the newest that it reads."""

ADDED: Mapping[str, int] = {"convention": 2}
"""Fields that came with a later version than the first; in a study of an earlier one they are as nobody knows."""

MANIFEST = "manifest.json"

ScoreKind = Literal["similarity", "margin", "logit", "probability"]
SCORE_KINDS: tuple[str, ...] = get_args(ScoreKind)

Role = Literal["name", "present", "absent"]
ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True)
class FileEntry:
    """One file of a study; shape and dtype for arrays, None for anything else."""

    sha256: str
    n_bytes: int
    shape: tuple[int, ...] | None = None
    dtype: str | None = None


@dataclass(frozen=True)
class SettingEntry:
    """How the scores of one setting came about.

    score_kind : what scores.npy holds: cosine similarity (-1..1), margin (present minus absent), logit or probability.
    encoder : one of the study's, whose embeddings the setting reads; None where they are not in the study.
    minutes : how long it took to make; None where nobody knows.
    trained_on : by class, the train films labelled positive and negative that it learnt from; None where it learnt from
        none, or where nobody wrote that down.
    training : how it was trained; None where nothing was, or where nobody wrote that down.
    """

    score_kind: ScoreKind
    encoder: str | None = None
    minutes: float | None = None
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    trained_on: Mapping[str, tuple[int, int]] | None = None
    training: TrainingRecord | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the entry as JSON values; `trained_on` and `training` only where they are known."""
        content = {**asdict(self), "training": None if self.training is None else self.training.to_json()}
        unknown = [name for name in ("trained_on", "training") if content[name] is None]
        return {name: value for name, value in content.items() if name not in unknown}

    @property
    def untrained(self) -> dict[str, tuple[int, int]]:
        """Give the part of `trained_on` where the positive or the negative films are 0: nothing was learnt of these."""
        return {finding: films for finding, films in (self.trained_on or {}).items() if not all(films)}


@dataclass(frozen=True)
class EncoderEntry:
    """One embedding space.

    normalised : whether every row of its image and text embeddings has length 1.
    logit_scale : the factor (not its logarithm) that CLIP applies to cosine similarities; None where there is none.
    """

    n_dimensions: int
    normalised: bool
    logit_scale: float | None = None
    description: str = ""


@dataclass(frozen=True)
class Prompt:
    """One row of every text_embeddings.npy: the bare class name, or a sentence that says it is present or absent."""

    finding: str
    role: Role
    text: str


@dataclass(frozen=True)
class Manifest:
    """A study in words.

    classes : the columns of labels and scores, in order.
    dataset : at least {"name"}; also "version", "seed", "source" where they apply.
    model : {"name", "source", "sha256"?, "crop_px"?, "preprocess_cfg"?, "geometry"?}, "source" being what models are
        resolved from, "preprocess_cfg" open_clip's as it was used, "geometry" how films become its input
        (`core.geometry.Geometry`), "facts" what else it is (`core.models.loaders.base.Facts`); None for imports.
        "beside" in it are the study's other models by key, each of these entries: their settings and encoders have a
        name with a dot and the key behind it.
    prompts : the rows of text embeddings, in order.
    convention : how labels.parquet was made of what was said; None where nobody knows, as in every study of version 1.
    images_root : a folder elsewhere that the films are in; None where they are in the study itself.
    files : every file of the study but the manifest, by POSIX path below its folder.
    """

    name: str
    classes: tuple[str, ...]
    dataset: dict[str, Any]
    synthetic: bool = False
    model: dict[str, Any] | None = None
    settings: dict[str, SettingEntry] = field(default_factory=dict)
    encoders: dict[str, EncoderEntry] = field(default_factory=dict)
    prompts: tuple[Prompt, ...] = ()
    protocol: dict[str, Any] = field(default_factory=dict)
    seeds: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, Any] = field(default_factory=dict)
    software: dict[str, Any] = field(default_factory=dict)
    licence: str = ""
    notice: str = ""
    convention: Convention | None = None
    images_root: str | None = None
    files: dict[str, FileEntry] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """Write the manifest as JSON text; settings, encoders and classes keep their order."""
        known = _known_fields(self.schema_version)
        content = {name: value for name, value in asdict(self).items() if name in known}
        content = {"schema_version": self.schema_version, **content}
        content["settings"] = {name: entry.to_json() for name, entry in self.settings.items()}
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = MANIFEST) -> Manifest:
        """Read the manifest in a text; fields that this version does not know are refused.

        where : named in errors, usually the file's path.
        Raises StudyError where the text is not a manifest, or one of a newer version.
        """
        read = Fields.from_text(text, where)
        version = read.number("schema_version")
        _check_version(version, where)
        unknown = sorted(set(read.content) - _known_fields(version))
        if unknown:
            raise StudyError(f"{where}: has unknown fields: {', '.join(unknown)}.", remedy=MANIFEST_REMEDY)
        return cls(**{name: parse(read, name) for name, parse in _PARSERS.items()})

    @property
    def beside(self) -> dict[str, dict[str, Any]]:
        """Give the study's other models, by key; none where it has one, or none."""
        found = (self.model or {}).get(BESIDE)
        if not isinstance(found, dict):
            return {}
        return {key: model for key, model in found.items() if isinstance(model, dict)}

    @cached_property
    def fingerprint(self) -> str:
        """Give 16 hex digits that change with anything but how long the study took and what software made it.

        A study that says no more than version 1 could has those that it had under version 1.
        """
        content = {name: value for name, value in vars(self).items() if name not in ("timings", "software", "files")}
        content["settings"] = {name: {**entry.to_json(), "minutes": None} for name, entry in self.settings.items()}
        content["encoders"] = {name: asdict(entry) for name, entry in self.encoders.items()}
        content["prompts"] = [asdict(prompt) for prompt in self.prompts]
        content["files"] = {path: entry.sha256 for path, entry in self.files.items()}
        if self.convention is None:
            del content["convention"]
            content["schema_version"] = 1
        else:
            content["convention"] = self.convention.to_json()
        return digest(content, 16, compact=True, ascii=False)


def _known_fields(version: int) -> set[str]:
    """The fields that a manifest of a version may have."""
    return {entry.name for entry in fields(Manifest) if ADDED.get(entry.name, 1) <= version}


def _check_version(version: int, where: str) -> None:
    if version > SCHEMA_VERSION:
        raise StudyError(
            f"{where}: the study has schema version {version}; this software reads versions up to {SCHEMA_VERSION}.",
            remedy="Update the software, or build the study again with this one.",
        )
    if version < 1:
        raise StudyError(f"{where}: {version} is not a schema version.", remedy=MANIFEST_REMEDY)


def _file_entry(read: Fields) -> FileEntry:
    shape = None if read.content.get("shape") is None else tuple(read.numbers("shape"))
    return FileEntry(read.text("sha256"), read.number("n_bytes"), shape, read.optional_text("dtype"))


def _setting_entry(read: Fields) -> SettingEntry:
    kind: ScoreKind = read.one_of("score_kind", SCORE_KINDS)  # type: ignore[assignment]
    hyperparameters = read.mapping("hyperparameters")
    minutes, encoder = read.optional_real("minutes"), read.optional_text("encoder")
    description, trained_on, training = read.text("description"), _trained_on(read), _training(read)
    return SettingEntry(kind, encoder, minutes, hyperparameters, description, trained_on, training)


def _trained_on(read: Fields) -> dict[str, tuple[int, int]] | None:
    if read.content.get("trained_on") is None:
        return None
    films = Fields(read.mapping("trained_on"), f"{read.where}: 'trained_on'")
    return {finding: films.pair(finding) for finding in films.content}


def _training(read: Fields) -> TrainingRecord | None:
    content = read.optional_mapping("training")
    return None if content is None else TrainingRecord.read(Fields(content, f"{read.where}: 'training'"))


def _encoder_entry(read: Fields) -> EncoderEntry:
    scale = read.optional_real("logit_scale")
    return EncoderEntry(read.number("n_dimensions"), read.flag("normalised"), scale, read.text("description"))


def _prompt(read: Fields) -> Prompt:
    role: Role = read.one_of("role", ROLES)  # type: ignore[assignment]
    return Prompt(read.text("finding"), role, read.text("text"))


def _prompts(read: Fields, name: str) -> tuple[Prompt, ...]:
    return tuple(_prompt(row) for row in read.rows(name))


def _convention(read: Fields, name: str) -> Convention | None:
    content = read.optional_mapping(name)
    return None if content is None else Convention.from_json(content, f"{read.where}: {name!r}")


def _by_name(entry: Callable[[Fields], Any]) -> Callable[[Fields, str], dict[str, Any]]:
    return lambda read, name: {key: entry(part) for key, part in read.parts(name).items()}


_PARSERS: Mapping[str, Callable[[Fields, str], Any]] = {
    "schema_version": Fields.number,
    "name": Fields.text,
    "synthetic": Fields.flag,
    "classes": Fields.names,
    "dataset": Fields.mapping,
    "model": Fields.optional_mapping,
    "settings": _by_name(_setting_entry),
    "encoders": _by_name(_encoder_entry),
    "prompts": _prompts,
    "protocol": Fields.mapping,
    "seeds": Fields.mapping,
    "timings": Fields.mapping,
    "software": Fields.mapping,
    "licence": Fields.text,
    "notice": Fields.text,
    "convention": _convention,
    "images_root": Fields.optional_text,
    "files": _by_name(_file_entry),
}
