"""Adding what readers drew to a study that is finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from core.annotations.annotation import Annotation
from core.annotations.formats import format_of
from core.errors import StudyError
from core.intake.masks import fit_to_films, other_findings, source_hash, with_sizes, without_empty
from core.study import layout
from core.study.read import Study
from core.study.rewrite import changing, rewrite_study
from core.study.table_checks import counted
from core.study.tables import annotations_in, annotations_table


@dataclass(frozen=True)
class MarkSource:
    """A file or folder of marks.

    reader : who drew the marks that name nobody; format_name : where its content does not tell.
    renamed : the study's class for a finding of the file; others keep their names.
    skip_unknown : whether films that the study does not have are passed over; else they are an error.
    """

    path: Path
    reader: str = ""
    format_name: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    skip_unknown: bool = False


@dataclass(frozen=True)
class AnnotateResult:
    """What was added: the format and the marks, by the ids of the study; how many gave way; sentences to show.

    study : as it is now; fingerprint_before : what identified it until now.
    """

    study: Study
    fingerprint_before: str
    format_name: str
    added: tuple[Annotation, ...]
    n_replaced: int
    notes: tuple[str, ...]


def annotate_study(root: Path, source: MarkSource, *, replace_reader: bool = False) -> AnnotateResult:
    """Adds marks to a study, after those that it has.

    The study is put together anew beside the old one and takes its place when it is complete and checked: masks.parquet
    and the manifest are new (and images.parquet, where a film's size was not known), all else is the same bytes.
    replace_reader : whether all marks that the study has of these readers give way.
    Raises StudyError, and changes nothing, where a film is unknown or of another size, nobody is named as reader, a
    reader has marks already, or a mark is damaged.
    """
    with changing(root) as study:
        return _annotated(study, source, replace_reader=replace_reader)


def _annotated(study: Study, source: MarkSource, *, replace_reader: bool) -> AnnotateResult:
    """What `annotate_study` does, while nobody else writes the study."""
    _require_classes(study, source)
    chosen = format_of(source.path, source.format_name)
    marks = fit_to_films(source.path, _renamed(chosen.read(source.path, source.reader), source), study.images)
    joined, strange = marks.annotations, marks.strange
    _require_films(source, joined, strange)
    images = with_sizes(source.path, study.images, joined)
    kept = _others(study, _readers(source.path, joined), replace_reader=replace_reader)
    tables = {layout.MASKS: annotations_table([*kept, *joined]), **new_sizes(study, images)}
    dataset = _provenance(study, source.path, chosen.name, joined)
    notes = (*marks.notes, *_notes(source, joined, strange), *other_findings(source.path, joined, study.classes))
    n_replaced = len(study.annotations()) - len(kept)
    now = rewrite_study(study, tables, dataset=dataset)
    return AnnotateResult(now, study.fingerprint, chosen.name, tuple(joined), n_replaced, notes)


def add_marks(
    root: Path, annotations: Sequence[Annotation], *, source: str = "drawn in the app", replace: bool = False
) -> Study:
    """Adds marks to a study, after those that it has, a reader's own too; the study as it is then.

    annotations : on films of the study, in their pixels, each with a reader's name and a pixel of the film.
    source : where they come from, for the manifest.
    replace : whether the same reader's marks of the same finding on the same film give way.
    Safe to call from several threads and processes.
    Raises StudyError, and changes nothing, where a mark does not fit the study.
    """
    named = Path(source)
    with changing(root) as study:
        drawn, _ = without_empty(named, annotations)
        if not drawn:
            raise StudyError(f"{source}: no mark holds a pixel of its film.", remedy="Draw a region on the film.")
        _readers(named, drawn)
        for entry in drawn:
            study.row_of(entry.image_id)
        with_sizes(named, study.images, drawn)
        taken = {(entry.image_id, entry.finding, entry.reader) for entry in drawn} if replace else set()
        kept = [entry for entry in _stored(study) if (entry.image_id, entry.finding, entry.reader) not in taken]
        record = {"name": source, "format": "marks", "sha256": None}
        return _with_marks(study, [*kept, *drawn], {entry.reader: record for entry in drawn})


def remove_marks(root: Path, image_id: str, reader: str, finding: str | None = None) -> Study:
    """Takes a reader's marks of one finding, or of all, off one film; StudyError where there are none."""
    with changing(root) as study:
        stored = _stored(study)
        kept = [
            entry
            for entry in stored
            if (entry.image_id, entry.reader) != (image_id, reader) or finding not in (None, entry.finding)
        ]
        if len(kept) == len(stored):
            message = f"{study.root}: {reader!r} drew nothing of {finding or 'any finding'} on {image_id!r}."
            raise StudyError(message, remedy="Choose marks that are there.")
        return _with_marks(study, kept, {})


def _stored(study: Study) -> tuple[Annotation, ...]:
    """The study's marks, in the order in which they are stored."""
    return () if study.masks_table is None else annotations_in(study.masks_table)


def _with_marks(study: Study, marks: Sequence[Annotation], sources: Mapping[str, Any]) -> Study:
    """The study with these marks in place of its own, and where new readers' come from."""
    before = study.manifest.dataset.get("annotations")
    told = {**(before if isinstance(before, dict) else {}), **sources}
    tables = {layout.MASKS: annotations_table(marks), **new_sizes(study, with_sizes(study.root, study.images, marks))}
    return rewrite_study(study, tables, dataset={**study.manifest.dataset, "annotations": told})


def _require_classes(study: Study, source: MarkSource) -> None:
    others = [name for name in source.renamed.values() if name not in study.classes]
    if others:
        message = f"{others[0]!r} is not a class of the study."
        raise StudyError(message, remedy=f"Choose one of {', '.join(study.classes)}.")


def _renamed(drawn: list[Annotation], source: MarkSource) -> list[Annotation]:
    findings = list(dict.fromkeys(entry.finding for entry in drawn))
    absent = [finding for finding in source.renamed if finding not in findings]
    if absent:
        message = f"{source.path}: holds no finding {absent[0]!r} to rename."
        raise StudyError(message, remedy=f"It holds: {', '.join(findings) or 'nothing'}.")
    return [replace(entry, finding=source.renamed.get(entry.finding, entry.finding)) for entry in drawn]


def _require_films(source: MarkSource, joined: Sequence[Annotation], strange: Sequence[str]) -> None:
    if strange and not (source.skip_unknown and joined):
        message = f"{source.path}: {counted(strange, 'film', 'films')} not in the study."
        remedy = "Name films by image_id or file name" + ("." if source.skip_unknown else ", or add --skip-unknown.")
        raise StudyError(message, remedy=remedy)
    if not joined:
        raise StudyError(f"{source.path}: holds no mark.", remedy="Name a file or folder with marks.")


def _readers(path: Path, joined: Sequence[Annotation]) -> list[str]:
    """Who drew the marks."""
    readers = list(dict.fromkeys(entry.reader for entry in joined))
    n_unnamed = sum(not entry.reader for entry in joined)
    if n_unnamed:
        raise StudyError(f"{path}: nobody is named as reader of {n_unnamed:,} marks.", remedy="Add --reader NAME.")
    return readers


def _others(study: Study, readers: Sequence[str], *, replace_reader: bool) -> list[Annotation]:
    """The study's marks by other readers, as stored; StudyError where these have some that are not to be replaced."""
    stored = _stored(study)
    there = [reader for reader in readers if any(entry.reader == reader for entry in stored)]
    if there and not replace_reader:
        message = f"{study.root}: {counted(there, 'reader', 'readers')} in the study already."
        raise StudyError(message, remedy="Add --replace-reader to replace all of their marks, or name another reader.")
    return [entry for entry in stored if entry.reader not in readers]


def _notes(source: MarkSource, joined: Sequence[Annotation], strange: Sequence[str]) -> tuple[str, ...]:
    """Sentences on films that were passed over, and on a reader who was named but gave no marks."""
    name, notes = source.path.name, []
    if strange:
        notes.append(f"{name}: {counted(strange, 'film', 'films')} left out, for the study has no such film.")
    if source.reader and all(entry.reader != source.reader for entry in joined):
        notes.append(f"{name}: names its own readers; {source.reader!r} would be the reader of marks that name none.")
    return tuple(notes)


def new_sizes(study: Study, images: pd.DataFrame) -> dict[str, pa.Table]:
    """images.parquet with the sizes that the marks gave; nothing where all were known."""
    table = study.images_table
    for name in ("height_px", "width_px"):
        column = pa.array(images[name], type=pa.int32(), from_pandas=True)
        if not table.column(name).combine_chunks().equals(column):
            table = table.set_column(table.schema.get_field_index(name), name, column)
    return {} if table is study.images_table else {layout.IMAGES: table}


def _provenance(study: Study, path: Path, format_name: str, joined: Sequence[Annotation]) -> dict[str, Any]:
    """The manifest's `dataset` with the source of every reader's marks."""
    source = {"name": path.resolve().name, "format": format_name, "sha256": source_hash(path)}
    before = study.manifest.dataset.get("annotations")
    sources = {**(before if isinstance(before, dict) else {}), **{entry.reader: source for entry in joined}}
    return {**study.manifest.dataset, "annotations": sources}
