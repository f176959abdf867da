"""Fetch a source: space looked at first, each file resumed and checked, archives unpacked, terms recorded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from core.archives import archived
from core.errors import DatasetError, FetchError
from core.fetching.download import download
from core.fetching.remote import RemoteFacts, ask
from core.fetching.sources import RemoteFile, Source
from core.models.arrays import Progress, no_progress
from core.paths import inside
from core.quantities import size

RECORD: Final = "fetched.json"
_AGAIN = "Run the same command again; what came was removed."


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
    `<folder>/fetched.json` records address, licence, sizes and checksums.
    Raises FetchError at once where there is no network or too little space, and where a file is not what was
    published; DatasetError for an archive that is damaged or would write outside its folder.
    """
    base = (address or source.address).rstrip("/") + "/"
    folder.mkdir(parents=True, exist_ok=True)
    record = _record(folder)
    missing = [file for file in source.files if not _is_there(folder, file, record)]
    facts = {file.name: _expected(file, ask(base + file.name, source.by_hand)) for file in missing}
    _require_space(folder, missing, facts)
    for file in missing:
        path = folder / file.name
        sha256 = download(base + file.name, path, facts[file.name], progress, pause_s=pause_s)
        record[file.name] = {"sha256": sha256, "n_bytes": path.stat().st_size, "from": base + file.name}
        if file.unpack_to is not None:
            n_files = _unpack(path, folder / file.unpack_to, source, progress)
            record[file.name] |= {"unpacked_to": file.unpack_to, "n_files": n_files}
            say(f"{file.name}: {n_files:,} files in {folder / file.unpack_to}.")
        _write_record(folder, source, record)
        if file.unpack_to is not None:
            path.unlink()
    return folder


def _expected(file: RemoteFile, found: RemoteFacts) -> RemoteFacts:
    """What was published counts over what the server says."""
    return replace(found, n_bytes=file.n_bytes or found.n_bytes, sha256=file.sha256 or found.sha256)


def _is_there(folder: Path, file: RemoteFile, record: Mapping[str, Any]) -> bool:
    return file.name in record and (folder / (file.unpack_to or file.name)).exists()


def _require_space(folder: Path, missing: list[RemoteFile], facts: Mapping[str, RemoteFacts]) -> None:
    """FetchError where the files, and what archives unpack to (films are hardly packed), would not fit."""
    needed = 0
    for file in missing:
        n_bytes = facts[file.name].n_bytes or 0
        part = folder / f"{file.name}.part"
        here = part.stat().st_size if part.is_file() else 0
        needed += n_bytes - min(here, n_bytes) + (n_bytes * 11 // 10 if file.unpack_to else 0)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise FetchError(
            f"{folder}: {size(needed)} are needed for download and unpacking, {size(free)} are free.",
            remedy="Make room, or name a folder on another disk with --to.",
        )


def _unpack(archive: Path, folder: Path, source: Source, progress: Progress) -> int:
    """Unpack into a scratch folder, which takes its name when the archive has been read to its checksum."""
    scratch = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    n_files = 0
    try:
        for name, content in archived(archive, source.bounds, _AGAIN):
            path = inside(scratch, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                shutil.copyfileobj(content, file)
            n_files += 1
            progress(n_files, max(n_files, 1), "files unpacked")
    except DatasetError:
        archive.unlink()
        raise
    except OSError as error:
        raise FetchError(f"{folder}: cannot be written ({error}).", remedy="Check space and permissions.") from error
    else:
        shutil.rmtree(folder, ignore_errors=True)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return n_files


def _record(folder: Path) -> dict[str, Any]:
    """What was fetched before, by name; nothing where there is no record or it is not one."""
    try:
        files = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return files if isinstance(files, dict) else {}


def _write_record(folder: Path, source: Source, files: Mapping[str, Any]) -> None:
    content = {"source": source.title, "address": source.address, "licence": source.licence, "files": files}
    scratch = folder / f"{RECORD}.partial"
    scratch.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    scratch.replace(folder / RECORD)
