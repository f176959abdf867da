"""What a build is to make, and its scratch folder: which stages are done, and how long each took."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from core.errors import StudyError
from core.files import PARTIAL, digest, write_whole
from core.models.device import Precision
from core.projection.umap import ProjectionOptions
from core.settings import registry
from core.settings.base import Setting, SettingOptions
from core.study.folder import read_manifest
from core.study.layout import parted
from core.study.manifest import MANIFEST

_PLAN, _WRITING = "plan.json", "writing.txt"

BUILDING: Final = ".building"

KeptFilms = Literal["test", "all", "none"]


@dataclass(frozen=True)
class BuildOptions:
    """What to build.

    settings : names of `core.settings.registry`.
    films : which splits' films are stored in the study.
    limit : at most this many films, every split in proportion; None is all.
    precision : that films are encoded in; None is the fastest here that changes no embedding.
    training : options by setting, for those that are not built with their own.
    """

    name: str
    settings: tuple[str, ...] = field(default_factory=registry.usual)
    films: KeptFilms = "test"
    limit: int | None = None
    precision: Precision | None = None
    training: Mapping[str, SettingOptions] = field(default_factory=dict)
    projection: ProjectionOptions = field(default_factory=ProjectionOptions)

    @property
    def chosen(self) -> tuple[Setting[Any], ...]:
        """List the settings to build, in the order of the registry."""
        return tuple(setting for setting in registry.SETTINGS if setting.name in self.settings)

    def of(self, setting: Setting[Any]) -> Any:
        """Give what a setting is trained with, of whichever model."""
        return self.training.get(parted(setting.name)[0], setting.options)

    def __post_init__(self) -> None:
        unknown = [name for name in self.settings if registry.known(name) is None]
        if unknown or not self.settings:
            raise StudyError(
                f"--settings names {', '.join(unknown) or 'nothing'}.",
                remedy=f"Choose of {', '.join(registry.names())}.",
            )
        if self.limit is not None and self.limit < 1:
            raise StudyError(f"--limit is {self.limit}.", remedy="Give the number of films to build, 1 or more.")


class Scratch:
    """`<out>.building`: results of finished stages, kept until the study is written; another suffix for other work.

    stages : what each stage's results depend on, hashed, by stage. Those that were made from anything else are thrown
    away, stage by stage; `kept` and `thrown_away` name what was found.
    """

    def __init__(self, out: Path, stages: Mapping[str, str], suffix: str = BUILDING) -> None:
        self.folder, self.stages = scratch_folder(out, suffix), dict(stages)
        found = _recorded(self.folder / _PLAN)
        there = [name for name in stages if (self.folder / name).is_dir()]
        self.kept = tuple(name for name in there if found.get(name) == stages[name])
        self.thrown_away = tuple(name for name in there if name not in self.kept)
        if not found:
            self.remove()
        for name in stages:
            discard(self.folder / name)
        for name in self.thrown_away:
            _forget(self.folder / name)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._timings = self.folder / "minutes.json"
        write_whole(self.plan, json.dumps(self.stages, sort_keys=True).encode())

    @property
    def plan(self) -> Path:
        """Give the file that says what the stages depend on, which every run writes anew."""
        return self.folder / _PLAN

    @property
    def minutes(self) -> dict[str, float]:
        """Give the minutes that each stage took, over all runs."""
        return json.loads(self._timings.read_text(encoding="utf-8")) if self._timings.is_file() else {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to a stage's minutes, also where it is interrupted."""
        started = time.monotonic()
        try:
            yield
        finally:
            minutes = self.minutes
            minutes[stage] = minutes.get(stage, 0.0) + (time.monotonic() - started) / 60
            write_whole(self._timings, json.dumps(minutes).encode())

    def remember(self, name: str, value: Callable[[], str]) -> str:
        """Remember a text that is found out once and is the same after an interruption.

        name : a file below the scratch.
        """
        path = self.folder / f"{name}.txt"
        if not path.is_file():
            path.parent.mkdir(exist_ok=True)
            write_whole(path, value().encode())
        return path.read_text(encoding="utf-8")

    def begin_writing(self, out: Path, plan: str) -> None:
        """Note which plan's study is being written, and which study is at `out` before."""
        write_whole(self.folder / _WRITING, json.dumps([plan, _fingerprint(out)]).encode())

    @staticmethod
    def was_written(out: Path, plan: str) -> bool:
        """Tell whether a build of this plan was stopped when
        its study was in place and only the scratch folder was left.
        """
        try:
            written, before = json.loads((scratch_folder(out) / _WRITING).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(written == plan) and _fingerprint(out) not in ("", before)

    def remove(self) -> None:
        """Forget everything, at once; the study is written."""
        _forget(self.folder)


def scratch_folder(out: Path, suffix: str = BUILDING) -> Path:
    """Say where a build to `out`, or what else has a suffix of its own, keeps what it has finished."""
    return out.with_name(f"{out.name}{suffix}")


def is_interrupted(out: Path) -> bool:
    """Tell whether a build to `out` was begun and not ended."""
    return (scratch_folder(out) / _PLAN).is_file()


def discard(folder: Path) -> None:
    """Delete what is left of a scratch folder that was given up, if a kill left anything."""
    shutil.rmtree(_discarded(folder), ignore_errors=True)


def hashed(content: object) -> str:
    """Compute a hash of JSON values; what is none counts as its text."""
    return digest(content, default=str)


def _forget(folder: Path) -> None:
    """Rename a folder, if it is there, so that it is given up whole; then delete it."""
    discard(folder)
    if folder.is_dir():
        folder.rename(_discarded(folder))
        discard(folder)


def _discarded(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{PARTIAL}")


def _recorded(path: Path) -> dict[str, object]:
    """The stages of the builds before; none where there is no record, or it is not one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _fingerprint(out: Path) -> str:
    return read_manifest(out).fingerprint if (out / MANIFEST).is_file() else ""
