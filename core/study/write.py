"""Writing a study: into a scratch folder beside it, manifest last, checked, then renamed into place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from core.errors import StudyError
from core.files import (
    PARTIAL,
    aside_of,
    flush,
    forget_scratch,
    move_into_place,
    reason,
    remove,
    restore_aside,
    scratch_beside,
    sha256_of,
)
from core.locks import only_writer
from core.paths import inside
from core.study import layout
from core.study.checks import WHOLE_CHECKS
from core.study.contents import StudyContents, arrays_of, images_table, labels_table, manifest_of
from core.study.folder import climbs, file_problems, read_manifest
from core.study.manifest import MANIFEST, FileEntry, Manifest
from core.study.read import Study
from core.study.tables import annotations_table, readings_table, write_table


def write_study(out: Path, contents: StudyContents, *, replace: bool = False) -> Path:
    """Write a study and return its folder, `out`.

    Nothing is at `out` until everything is written, flushed and checked as on opening; after a failure there is
    nothing, or what was there before. The same contents give the same bytes.
    replace : whether a study that is already there gives way; it stays until the new one is complete.
    Raises StudyError where `out` holds anything else, or the contents would not open.
    """

    def fill(scratch: Path) -> Manifest:
        _write_parts(scratch, contents)
        return manifest_of(contents, _file_entries(scratch, contents))

    return write_folder(out, fill, replace=replace)


def write_folder(out: Path, fill: Callable[[Path], Manifest], *, replace: bool) -> Path:
    """Write a study as `write_study` does, of parts that `fill` puts into an empty folder.

    fill : returns the manifest of what it put there.
    """
    out = Path(out).resolve()
    check_out(out, replace=replace)
    _make_folder(out.parent)
    with writing_alone(out):
        check_out(out, replace=replace)
        scratch = scratch_beside(out)
        try:
            scratch.mkdir(parents=True)
            manifest = fill(scratch)
            _check_written(scratch, manifest, out)
            _flush_all()
            (scratch / MANIFEST).write_text(manifest.to_json(), encoding="utf-8", newline="\n")
            flush(scratch / MANIFEST)
            flush(scratch)
            move_into_place(scratch, out, stands=lambda: _require_stands(out, manifest))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return out


@contextmanager
def writing_alone(out: Path) -> Iterator[None]:
    """Hold a study for reading, changing and writing it: no other process or thread that writes it does so meanwhile.

    What writers that were killed left behind is put right first: the old study comes back where the new one was not in
    place, and what they had begun is removed. May be entered again inside itself.
    Raises StudyError where another writer holds the study for too long, or a disk refuses anything inside.
    """
    out = Path(out).resolve()
    try:
        with only_writer(out):
            restore_aside(out)
            if out.exists():
                remove(aside_of(out))
            forget_scratch(out.parent, out.name)
            yield
    except OSError as error:
        raise _unwritable(out, error) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(path: Path, error: OSError) -> StudyError:
    """What a disk refuses, in a sentence."""
    where = f"{error.filename}: {reason(error)}" if error.filename else reason(error)
    return StudyError(f"{path}: cannot be written ({where}).", remedy="Check space, permissions and paths.")


def check_out(out: Path, *, replace: bool) -> None:
    """Raise StudyError where a study may not be written to `out`: something is there that it would destroy."""
    if out.name.endswith(PARTIAL):
        raise StudyError(f"{out}: names ending in {PARTIAL} are for scratch folders.", remedy="Choose another name.")
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() and not (replace and (out / MANIFEST).is_file()):
        is_study = (out / MANIFEST).is_file()
        raise StudyError(
            f"{out}: {'a study is already there' if is_study else 'exists and is not a study'}.",
            remedy="Choose another folder, or add --replace." if is_study else "Choose another folder.",
        )


def _write_parts(root: Path, contents: StudyContents) -> None:
    write_table(images_table(contents.images), root / layout.IMAGES)
    write_table(labels_table(contents), root / layout.LABELS)
    if contents.readings is not None:
        write_table(readings_table(contents.readings, contents.images["image_id"].tolist()), root / layout.READINGS)
    if contents.annotations:
        write_table(annotations_table(contents.annotations), root / layout.MASKS)
    for part, array in arrays_of(contents):
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        np.save(root / part, array, allow_pickle=False)
    for part, source in contents.extra.items():
        _write_extra(root, part, source)


def _write_extra(root: Path, part: str, source: bytes | Path) -> None:
    path = inside(root, part)
    if climbs(part) or path.exists() or part == MANIFEST:
        raise StudyError(f"{part!r} is no name for another file of a study.", remedy="Choose another name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, bytes):
        path.write_bytes(source)
    else:
        shutil.copyfile(source, path)


def _file_entries(root: Path, contents: StudyContents) -> dict[str, FileEntry]:
    """Size, hash and (for arrays) shape and dtype of every file below a folder, by sorted path."""
    arrays = dict(arrays_of(contents))
    entries = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        part = path.relative_to(root).as_posix()
        shape, dtype = (arrays[part].shape, str(arrays[part].dtype)) if part in arrays else (None, None)
        entries[part] = FileEntry(sha256_of(path), path.stat().st_size, shape, dtype)
    return entries


def _check_written(root: Path, manifest: Manifest, out: Path) -> None:
    """Everything that opening checks, with the final folder in the message."""
    study = Study(root, Manifest.from_json(manifest.to_json(), str(out / MANIFEST)))
    try:
        for check in WHOLE_CHECKS:
            for problem in check(study):
                raise problem
    except StudyError as problem:
        message = problem.message.replace(str(root), str(out))
        raise StudyError(message, remedy="Nothing was written; correct what is named and write it again.") from problem


def _flush_all() -> None:
    """What was written so far is on the disk when this returns: once for all, as a flush a film takes milliseconds."""
    if hasattr(os, "sync"):
        os.sync()


def _require_stands(out: Path, manifest: Manifest) -> None:
    """Raise StudyError where the study at `out` is not the one that was written there."""
    if read_manifest(out) != manifest:
        raise StudyError(f"{out}: is not what was written there.", remedy="Write it again.")
    for problem in file_problems(out, manifest):
        raise problem
