"""Where things are: the project's own folders, and paths that must stay inside a folder."""

from __future__ import annotations

import os
import shlex
import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from core.errors import StudyError

PROJECT = Path(__file__).resolve().parent.parent
STUDIES = PROJECT / "data" / "studies"
CHECKPOINTS = PROJECT / "checkpoints"


def opening_words(study: Path) -> str:
    """Say how a study is opened in the app, which finds those in its own folder while it runs."""
    if study.resolve().parent != STUDIES:
        return f"Open it: streamlit run app.py -- {shlex.quote(str(study))}"
    address = f"http://localhost:8501/overview?study={quote(study.resolve().name)}"
    return f"Open it: streamlit run app.py; where the app runs already, {address}"


def cache_folder() -> Path:
    """Say where what can be computed again is kept, outside every study:
    CXR_CACHE, else a folder of the user's cache.
    """
    chosen = os.environ.get("CXR_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "chest-film-studies"
    _bring_over(Path((os.name == "nt" and os.environ.get("LOCALAPPDATA")) or base) / "chest-film-study", folder)
    return folder


def _bring_over(old: Path, folder: Path) -> None:
    """Move into the cache folder what lies in the one that maps had before; what is in both stays as it is here."""
    if not old.is_dir():
        return
    with suppress(OSError):  # another process is moving it too, or the disk refuses: it can all be computed again
        for path in sorted(old.glob("maps/*/*")):
            place = folder / path.relative_to(old)
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                path.rename(place)
        shutil.rmtree(old)


def inside(root: Path, relative: str) -> Path:
    """Find the file at `relative` (POSIX, from a manifest or a table) below `root`.

    Raises StudyError where the path is absolute or climbs out of `root`, through a link too.
    """
    parts = PurePosixPath(relative)
    path = root / parts
    if (
        parts.is_absolute()
        or "\\" in relative
        or ".." in parts.parts
        or not path.resolve().is_relative_to(root.resolve())
    ):
        raise StudyError(
            f"{root}: the path {relative!r} leaves the folder; every path of a study must stay inside it.",
            remedy="Do not open this study unless you trust its source; build or import it again.",
        )
    return path
