"""Where the films of a collection lie: found by the ends of the paths that its tables name, whatever lies above."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from core.errors import DatasetError
from core.intake.films import Film, find_films

_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")


def films_of(root: Path, images: pd.DataFrame) -> dict[int, Film]:
    """Find the films below a folder that have a file, by row of `images`.

    By image_id, as `find_films` does; or by `file`, whose end is compared, its ending aside: as much of it as tells the
    films of the table apart, and more where several files fit. DatasetError where several still do.
    """
    if "file" not in images:
        by_id = find_films(root, images["image_id"].tolist())
        rows = {image_id: row for row, image_id in enumerate(images["image_id"])}
        return {rows[image_id]: film for image_id, (_, film) in by_id.items()}
    names = _matching(root, [_stem(str(file)) for file in images["file"]])
    found = find_films(root, list(names.values()))
    return {row: found[name][1] for row, name in names.items() if name in found}


def _matching(root: Path, files: Sequence[str]) -> dict[int, str]:
    """Names below the root, by row."""
    depth = _telling_depth(files)
    rows = {_end(file, depth): row for row, file in enumerate(files)}
    last = {file.rsplit("/", 1)[-1] for file in files}
    fitting: dict[int, list[str]] = {}
    for parent, _, names in os.walk(root):
        prefix = Path(parent).relative_to(root)
        for name in names:
            if _stem(name) in last and name.lower().endswith(_ENDINGS):
                path = (prefix / name).as_posix()
                row = rows.get(_end(_stem(path), depth))
                if row is not None:
                    fitting.setdefault(row, []).append(path)
    return {row: _closest(root, files[row], sorted(names)) for row, names in fitting.items()}


def _telling_depth(files: Sequence[str]) -> int:
    """How many parts at the end of the paths tell all films apart."""
    longest = max((file.count("/") + 1 for file in files), default=1)
    for depth in range(1, longest):
        if len({_end(file, depth) for file in files}) == len(set(files)):
            return depth
    return longest


def _closest(root: Path, file: str, names: Sequence[str]) -> str:
    """The one of several files whose path agrees the furthest from its end."""
    shared = {name: _n_shared(_stem(name), file) for name in names}
    best = [name for name in names if shared[name] == max(shared.values())]
    if len(best) > 1:
        message = f"{root}: the film {file!r} fits {best[0]!r} and {best[1]!r}."
        raise DatasetError(message, remedy="Keep one file for every film, or name the folder of one version.")
    return best[0]


def _n_shared(path: str, other: str) -> int:
    parts = zip(reversed(path.split("/")), reversed(other.split("/")), strict=False)
    return next((n for n, (one, two) in enumerate(parts) if one != two), min(path.count("/"), other.count("/")) + 1)


def _end(path: str, depth: int) -> str:
    return "/".join(path.split("/")[-depth:])


def _stem(name: str) -> str:
    ending = next((ending for ending in _ENDINGS if name.lower().endswith(ending)), "")
    return name[: len(name) - len(ending)]
