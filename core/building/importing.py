"""A study from any model's output: labels, scores, films, masks and embeddings that lie in files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.annotations.annotation import Annotation
from core.building.import_labels import import_labels, only_scored
from core.building.import_maps import check_map_options, imported_maps
from core.building.imported_films import ReadyFilm, forget, notes_of, ready_films
from core.errors import CoreError, StudyError
from core.geometry import FloatArray, Geometry
from core.intake.films import FoundFilms, find_films, left_out_note, with_headers
from core.intake.labels import AS_THE_TABLE_SAYS, LabelTable
from core.intake.masks import join_masks, source_hash
from core.intake.splits import Division
from core.intake.tables import column_names, image_ids_in, read_scores, read_vectors
from core.labels.convention import Asked
from core.labels.words import convention_words
from core.locks import only_writer
from core.models.arrays import Progress, no_progress
from core.settings.registry import in_order
from core.study.arrays import finite_problems, open_array, unit_problems
from core.study.contents import StudyContents
from core.study.label_notes import both_said
from core.study.layout import FILMS, check_name
from core.study.manifest import SCORE_KINDS, EncoderEntry, ScoreKind, SettingEntry
from core.study.table_checks import counted
from core.study.write import check_out, write_study

_TABLES = (".csv", ".tsv", ".txt", ".parquet")
"""Endings of embeddings that are a table with image_id first."""
_ARRAY_REMEDY = (
    "Save the rows alone with numpy.save(FILE, array): of a table its columns of numbers, of an .npz one of its "
    "arrays, of a tensor what .numpy() gives. Or give a table in a .csv file, with image_id first."
)


@dataclass(frozen=True)
class ImportSources:
    """The files of an import.

    scores : by setting.
    score_kinds : by setting, for those that are not probabilities.
    images : the folder of the films.
    masks : what readers drew, in any format of `core.annotations.formats`.
    maps : by setting, the folder of the maps that its model made of the films (`core.intake.maps.NAMES`).
    map_geometry : by setting, where its maps lie that have not the pixels of the film.
    embeddings : by encoder, .npy of (n, d), rows in the order of the labels.
    encoders : by setting, the encoder whose embeddings it reads; the only one belongs to all settings.
    asked : how labels are read, in place of the table's or its makers' own convention.
    division : of films without a split, by patient.
    """

    labels: Path
    scores: Mapping[str, Path]
    score_kinds: Mapping[str, ScoreKind] = field(default_factory=dict)
    images: Path | None = None
    masks: Path | None = None
    maps: Mapping[str, Path] = field(default_factory=dict)
    map_geometry: Mapping[str, Geometry] = field(default_factory=dict)
    embeddings: Mapping[str, Path] = field(default_factory=dict)
    encoders: Mapping[str, str] = field(default_factory=dict)
    asked: Asked = AS_THE_TABLE_SAYS
    division: Division | None = None


@dataclass(frozen=True)
class ImportResult:
    """Where the study is, and sentences on what did not join, was left out, or stands in for something missing."""

    root: Path
    n_films: int
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def import_study(
    out: Path,
    name: str,
    sources: ImportSources,
    *,
    replace_study: bool = False,
    progress: Progress = no_progress,
) -> ImportResult:
    """Read, join and check everything, then write the study; nothing is written where anything is wrong.

    Films that cannot be read are left out, and said why. What is finished of the others stays beside `out`, as
    `<out>.importing`, until the study is written: an import that was stopped goes on there.
    Raises StudyError, naming file, row and column of the first problem.
    """
    check_out(Path(out).resolve(), replace=replace_study)
    check_map_options(sources.maps, sources.map_geometry, sources.scores)
    table = _labels(sources)
    settings, scores, score_notes = _scores(sources, table)
    encoders, embeddings, vector_notes = _vectors(sources, table)
    images, found, film_notes = _find(sources, table)
    images, annotations, mask_notes = _masks(sources, images, table)
    label_notes = both_said(table.classes, table.values, table.image_ids)
    with _beside(out) if sources.images else nullcontext(out) as scratch:
        images, films, read_notes = _read(sources, images, found, scratch, progress)
        notes = (*table.notes, *label_notes, *score_notes, *vector_notes, *film_notes, *read_notes, *mask_notes)
        contents = StudyContents(
            name=name,
            classes=table.classes,
            dataset={"name": name, "source": "imported", "files": _provenance(sources)},
            images=images,
            labels=table.labels,
            settings=settings,
            scores=scores,
            exact=frozenset(setting for setting, array in scores.items() if array.dtype == np.float64),
            encoders=encoders,
            image_embeddings=embeddings,
            annotations=annotations,
            software={package: version(package) for package in ("numpy", "pandas", "pyarrow", "pillow")},
            notice=" ".join(("Imported from files.", *notes)),
            readings=None if table.is_plain else table.readings,
            convention=None if table.is_plain else table.convention,
            seeds={} if sources.division is None else {"split": sources.division.seed},
            protocol=_protocol(sources.division),
        )
        with imported_maps(sources.maps, sources.map_geometry, images, table.classes, progress) as (maps, map_notes):
            whole = replace(contents, extra={**films, **maps}, notice=" ".join((contents.notice, *map_notes)))
            root = write_study(out, whole, replace=replace_study)
    said = () if table.is_plain else (convention_words(table.convention, table.readings),)
    return ImportResult(root, len(images), table.classes, (*said, *notes, *map_notes))


def _protocol(division: Division | None) -> dict[str, Any]:
    return {} if division is None else {"split": {"by": "patient", "shares": dict(division.shares)}}


def _labels(sources: ImportSources) -> LabelTable:
    table = import_labels(sources.labels, sources.asked, sources.division, scored=bool(sources.scores))
    if table.is_own_layout or not sources.scores:
        return table
    scored = [(set(image_ids_in(path)), set(column_names(path))) for path in sources.scores.values()]
    return only_scored(table, scored)


def _scores(
    sources: ImportSources, table: LabelTable
) -> tuple[dict[str, SettingEntry], dict[str, FloatArray], tuple[str, ...]]:
    """Entry and scores of every setting, and notes."""
    encoders = _encoders(sources)
    settings: dict[str, SettingEntry] = {}
    scores: dict[str, FloatArray] = {}
    notes: list[str] = []
    strange = sorted(set(sources.score_kinds) - set(sources.scores))
    if strange:
        raise StudyError(
            f"A score kind is given for {strange[0]!r}, which has no scores.", remedy="Add --scores for it."
        )
    for setting in in_order(sources.scores):
        path = sources.scores[setting]
        check_name(setting, "a setting", "--scores")
        kind = sources.score_kinds.get(setting, "probability")
        if kind not in SCORE_KINDS:
            raise StudyError(f"{kind!r} is not a kind of score.", remedy=f"Choose one of {', '.join(SCORE_KINDS)}.")
        scores[setting], left_out = read_scores(path, table.image_ids, table.classes, kind)
        settings[setting] = SettingEntry(kind, encoders.get(setting), description=f"Scores imported from {path.name}.")
        notes += left_out
    apart = [setting for setting in settings if setting not in encoders] if sources.embeddings else []
    if apart:
        listed, one = ", ".join(apart), f"--encoder {apart[0]}={next(iter(sources.embeddings))}"
        notes.append(
            f"No encoder is named for {listed}, so no class distances stand beside its scores; {one} names one."
        )
    return settings, scores, tuple(notes)


def _encoders(sources: ImportSources) -> dict[str, str]:
    """The encoder of every setting that has one: as named, and the only one of all."""
    for setting, encoder in sources.encoders.items():
        if setting not in sources.scores or encoder not in sources.embeddings:
            absent, option = (encoder, "--embeddings") if setting in sources.scores else (setting, "--scores")
            message = f"--encoder {setting}={encoder}: there is no {absent!r}."
            raise StudyError(message, remedy=f"Name it with {option} {absent}=FILE.")
    only = next(iter(sources.embeddings)) if len(sources.embeddings) == 1 else None
    return {**(dict.fromkeys(sources.scores, only) if only else {}), **sources.encoders}


def _vectors(
    sources: ImportSources, table: LabelTable
) -> tuple[dict[str, EncoderEntry], dict[str, FloatArray], tuple[str, ...]]:
    """Entry and embeddings of every encoder, and notes."""
    read = {encoder: _embeddings(path, table.image_ids) for encoder, path in sources.embeddings.items()}
    entries = {encoder: _encoder_entry(encoder, sources, array) for encoder, (array, _) in read.items()}
    notes = tuple(note for _, said in read.values() for note in said)
    return entries, {encoder: array for encoder, (array, _) in read.items()}, notes


def _embeddings(path: Path, image_ids: Sequence[str]) -> tuple[FloatArray, tuple[str, ...]]:
    """(n, d) float32, and sentences on what a table was taken for."""
    notes: tuple[str, ...] = ()
    if path.suffix.lower() in _TABLES:
        array, notes = read_vectors(path, image_ids)
    else:
        array = open_array(path, remedy=_ARRAY_REMEDY)
    n_films = len(image_ids)
    if array.ndim != 2 or len(array) != n_films or array.shape[1] == 0 or array.dtype.kind != "f":
        raise StudyError(
            f"{path}: holds {array.dtype} of shape {array.shape}; {n_films} rows of floats were expected.",
            remedy="Save one row for every row of the label table, in its order, as floats: array.astype('float32').",
        )
    with np.errstate(over="ignore"):
        embeddings = np.asarray(array, dtype=np.float32)
    rows = [f"row {row}" for row in range(n_films)]
    for problem in finite_problems(path, embeddings, rows, None, "Encode these films again, or leave them out."):
        raise problem
    return embeddings, notes


def _encoder_entry(encoder: str, sources: ImportSources, embeddings: FloatArray) -> EncoderEntry:
    check_name(encoder, "an encoder", "--embeddings")
    is_unit = not any(True for _ in unit_problems(sources.embeddings[encoder], embeddings))
    return EncoderEntry(embeddings.shape[1], is_unit, None, f"Imported from {sources.embeddings[encoder].name}.")


def _find(sources: ImportSources, table: LabelTable) -> tuple[pd.DataFrame, FoundFilms, tuple[str, ...]]:
    """The image table with sizes, and what else headers say where the table does not; the films; and sentences."""
    if sources.images is None:
        return table.images, FoundFilms(), ()
    found = find_films(sources.images, table.image_ids, table.film_names)
    if not found and not found.left_out:
        raise StudyError(
            f"{sources.images}: holds none of the {len(table.image_ids):,} films, such as {table.film_names[0]!r}.",
            remedy="Name the folder of the PNG, JPEG or DICOM files whose names are the image_ids.",
        )
    films = {image_id: film for image_id, (_, film) in found.items()}
    sizes = [films.get(image_id) for image_id in table.image_ids]
    images, notes = with_headers(table.images, films)
    sized = images.assign(
        height_px=pd.array([None if film is None else film.height_px for film in sizes], dtype="Int32"),
        width_px=pd.array([None if film is None else film.width_px for film in sizes], dtype="Int32"),
    )
    missing = [image_id for image_id in table.image_ids if image_id not in found and image_id not in found.left_out]
    lost = (f"{sources.images.name}: {counted(missing, 'film', 'films')} missing.",) if missing else ()
    return sized, found, (*lost, *notes)


def _read(
    sources: ImportSources, images: pd.DataFrame, found: FoundFilms, scratch: Path, progress: Progress
) -> tuple[pd.DataFrame, dict[str, bytes | Path], tuple[str, ...]]:
    """The image table with the file of every film that can be read, the files by their path in the study, sentences."""
    if sources.images is None:
        return images, {}, ()
    ready = ready_films(found, scratch, progress)
    failed = {image_id: one.why for image_id, one in ready.items() if one.why is not None}
    n_films = len(found) + len(found.left_out)
    left_out = left_out_note({**found.left_out, **failed}, n_films, sources.images.name)
    read = {image_id: one for image_id, one in ready.items() if one.why is None}
    if not read:
        raise StudyError(left_out[0], remedy="Copy the films again from where they came from.")
    _require_names(read)
    parts = {image_id: f"{FILMS}/{one.name}" for image_id, one in read.items()}
    copied: dict[str, bytes | Path] = {
        parts[image_id]: found[image_id][1].path if one.content is None else scratch / one.content
        for image_id, one in read.items()
    }
    files = pd.array([parts.get(image_id) for image_id in images["image_id"]], dtype="string")
    return images.assign(file=files), copied, (*left_out, *notes_of(list(ready.values())))


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder for what is finished, of one import at a time; it stays only where the process is stopped."""
    scratch = out.resolve().with_name(f"{out.resolve().name}.importing")
    with suppress(OSError):  # the lock says that its folder cannot be written to
        scratch.parent.mkdir(parents=True, exist_ok=True)
    with only_writer(scratch):
        try:
            yield scratch
        except CoreError:
            forget(scratch)
            raise
        forget(scratch)


def _require_names(ready: Mapping[str, ReadyFilm]) -> None:
    """Raise StudyError where two films would be stored under one name: a.dcm is stored as a.png."""
    owners: dict[str, str] = {}
    for image_id, one in ready.items():
        if (other := owners.setdefault(one.name, image_id)) != image_id:
            message = f"The films {other!r} and {image_id!r} would both be stored as {one.name!r}."
            raise StudyError(message, remedy="Rename one of them.")


def _masks(
    sources: ImportSources, images: pd.DataFrame, table: LabelTable
) -> tuple[pd.DataFrame, list[Annotation], tuple[str, ...]]:
    """The image table with sizes where the masks give them, the annotations, and notes."""
    return (images, [], ()) if sources.masks is None else join_masks(sources.masks, images, table.classes)


def _provenance(sources: ImportSources) -> dict[str, Any]:
    """Name and SHA-256 of everything that was read, without where it lay."""
    files = {"labels": sources.labels, **({} if sources.masks is None else {"masks": sources.masks})}
    files |= {f"scores {setting}": path for setting, path in sources.scores.items()}
    files |= {f"embeddings {encoder}": path for encoder, path in sources.embeddings.items()}
    files |= {f"maps {setting}": path for setting, path in sources.maps.items()}
    return {role: {"name": path.name, "sha256": source_hash(path)} for role, path in files.items()}
