"""Where the films of a collection lie: found by the ends of the paths that its tables name, whatever lies above."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.errors import DatasetError
from core.intake.films import FoundFilms, find_films, is_film, read_films, stem_of


def films_of(root: Path, images: pd.DataFrame) -> FoundFilms:
    """Find the films below a folder that have a file, by image_id, in the order of `images`.

    By image_id, as `find_films` does; or by `file`, whose end is compared, its ending aside: as much of it as tells the
    films of the table apart, and more where several files fit. DatasetError where several still do.
    """
    ids = images["image_id"].tolist()
    if "file" not in images:
        return find_films(root, ids)
    names = _matching(root, [stem_of(str(file)) for file in images["file"]])
    return read_films(root, {ids[row]: name for row, name in sorted(names.items())})


def _matching(root: Path, files: Sequence[str]) -> dict[int, str]:
    """Names below the root, by row."""
    depth = _telling_depth(files)
    rows = {_end(file, depth): row for row, file in enumerate(files)}
    last = {file.rsplit("/", 1)[-1] for file in files}
    fitting: dict[int, list[str]] = {}
    for parent, _, names in os.walk(root):
        prefix = Path(parent).relative_to(root)
        for name in names:
            if stem_of(name) in last and is_film(Path(parent, name)):
                path = (prefix / name).as_posix()
                row = rows.get(_end(stem_of(path), depth))
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
    shared = {name: _n_shared(stem_of(name), file) for name in names}
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
