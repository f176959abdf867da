"""Fetch a source: space looked at first, each file resumed and checked, archives unpacked, terms recorded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from core.errors import DatasetError, FetchError
from core.fetching.download import download
from core.fetching.remote import RemoteFacts, ask, reason
from core.fetching.sources import RemoteFile, Source
from core.fetching.unpack import unpack
from core.files import forget_scratch, sha256_of, write_whole
from core.models.arrays import Progress, no_progress
from core.quantities import size

RECORD: Final = "fetched.json"
_BY_HAND: Final = "placed by hand"
_KEYS: Final = {"sha256", "n_bytes", "from"}


def fetch(
    source: Source,
    folder: Path,
    *,
    address: str | None = None,
    progress: Progress = no_progress,
    say: Callable[[str], None] = lambda sentence: None,
    pause_s: float = 1.0,
) -> Path:
    """Bring all files of a source into a folder and return it; what is there already is not fetched again.

    address : a mirror's instead of the source's own.  say : takes sentences for the user.
    `<folder>/fetched.json` records address, licence, sizes and checksums; an archive that was checked and not yet
    unpacked is gone on from. What the user has placed there is compared with what is published, used and kept.
    Raises FetchError at once where there is no network or too little space, where a file is not what was published,
    and where the disk refuses; DatasetError for an archive that is damaged or would write outside its folder.
    """
    base = _base(address or source.address)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(source, folder, base, progress, say, pause_s)
    except OSError as error:
        remedy = "Check space and permissions, or name another folder with --to; then run the same command again."
        raise FetchError(f"{folder}: cannot be written ({reason(error)}).", remedy=remedy) from error
    return folder


def _fetch(
    source: Source, folder: Path, base: str, progress: Progress, say: Callable[[str], None], pause_s: float
) -> None:
    record = _record(folder)
    missing = [file for file in source.files if not _is_there(folder, file, record)]
    coming = [file for file in missing if not _has_come(folder, file, record)]
    facts = {file.name: _expected(file, ask(base + file.name, source.by_hand)) for file in coming}
    _require_space(folder, missing, facts)
    for file in missing:
        path = folder / file.name
        if file in coming:
            entry = _placed(path, facts[file.name])
            if entry is None:
                sha256 = download(base + file.name, path, facts[file.name], progress, pause_s=pause_s)
                entry = {"sha256": sha256, "n_bytes": path.stat().st_size, "from": base + file.name}
            record[file.name] = entry
            _write_record(folder, source, record)
        if file.unpack_to is not None:
            record[file.name] |= _unpacked(path, file.unpack_to, source, progress, record[file.name]["from"])
            say(f"{file.name}: {record[file.name]['n_files']:,} files in {folder / file.unpack_to}.")
            _write_record(folder, source, record)
            if record[file.name]["from"] != _BY_HAND:
                path.unlink()


def _base(address: str) -> str:
    """The address that names of files follow. FetchError where it is none."""
    try:
        parts = urlsplit(address)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine:
        raise FetchError(f"{address!r} is no address.", remedy="Give one such as https://example.org/iu-xray/.")
    return address.rstrip("/") + "/"


def _placed(path: Path, expected: RemoteFacts) -> dict[str, Any] | None:
    """The record of a file that the user has placed there, compared with what is published; None where none is."""
    if not path.exists():
        return None
    n_bytes = path.stat().st_size if path.is_file() else -1
    sha256 = sha256_of(path) if n_bytes == (expected.n_bytes or n_bytes) and n_bytes >= 0 else ""
    if not sha256 or sha256 != (expected.sha256 or sha256):
        message = f"{path}: is there already, and is not the file that is published."
        raise FetchError(message, remedy="Move it elsewhere, then run the same command again.")
    return {"sha256": sha256, "n_bytes": n_bytes, "from": _BY_HAND}


def _has_come(folder: Path, file: RemoteFile, record: Mapping[str, Any]) -> bool:
    """Whether an archive was fetched and checked, and only has to be unpacked."""
    path = folder / file.name
    if file.name not in record or not path.is_file() or path.stat().st_size != record[file.name]["n_bytes"]:
        return False
    return bool(sha256_of(path) == record[file.name]["sha256"])


def _unpacked(path: Path, name: str, source: Source, progress: Progress, origin: str) -> dict[str, Any]:
    """What is recorded of an unpacked archive. One that is damaged is removed, unless the user has placed it."""
    try:
        return {"unpacked_to": name, "n_files": unpack(path, path.with_name(name), source.bounds, progress)}
    except DatasetError as error:
        if origin == _BY_HAND:
            raise DatasetError(error.message, remedy="Move it elsewhere, then run the same command again.") from error
        path.unlink()
        raise


def _expected(file: RemoteFile, found: RemoteFacts) -> RemoteFacts:
    """What was published counts over what the server says."""
    return replace(found, n_bytes=file.n_bytes or found.n_bytes, sha256=file.sha256 or found.sha256)


def _is_there(folder: Path, file: RemoteFile, record: Mapping[str, Any]) -> bool:
    if file.name not in record or (file.unpack_to and "unpacked_to" not in record[file.name]):
        return False
    return (folder / (file.unpack_to or file.name)).exists()


def _require_space(folder: Path, missing: list[RemoteFile], facts: Mapping[str, RemoteFacts]) -> None:
    """FetchError where the files, and what archives unpack to (films are hardly packed), would not fit."""
    needed = 0
    for file in missing:
        here = sum(path.stat().st_size for path in (folder / file.name, folder / f"{file.name}.part") if path.is_file())
        n_bytes = (facts[file.name].n_bytes if file.name in facts else here) or 0
        needed += n_bytes - min(here, n_bytes) + (n_bytes * 11 // 10 if file.unpack_to else 0)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise FetchError(
            f"{folder}: {size(needed)} are needed for download and unpacking, {size(free)} are free.",
            remedy="Make room, or name a folder on another disk with --to.",
        )


def _record(folder: Path) -> dict[str, Any]:
    """What was fetched before, by name; nothing where there is no record or it is not one."""
    try:
        files = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    entries = files.items() if isinstance(files, dict) else ()
    return {name: entry for name, entry in entries if isinstance(entry, dict) and set(entry) >= _KEYS}


def _write_record(folder: Path, source: Source, files: Mapping[str, Any]) -> None:
    content = {"source": source.title, "address": source.address, "licence": source.licence, "files": files}
    forget_scratch(folder, RECORD)
    write_whole(folder / RECORD, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
