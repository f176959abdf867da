"""What a build is to make, and its scratch folder: which stages are done, and how long each took."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from core.building.films import write_whole
from core.errors import StudyError
from core.findings import SETTINGS
from core.models.device import Precision
from core.projection import ProjectionSettings
from core.settings.fine_tune import FineTuneSettings
from core.settings.linear_probe import LinearProbeSettings
from core.study.folder import read_manifest
from core.study.layout import PARTIAL
from core.study.manifest import MANIFEST

_PLAN, _WRITING = "plan.json", "writing.txt"

KeptFilms = Literal["test", "all", "none"]


@dataclass(frozen=True)
class BuildSettings:
    """What to build.

    settings : of zero_shot, linear_probe, fine_tune. films : which splits' films are stored in the study.
    limit : at most this many films, every split in proportion; None is all.
    precision : that films are encoded in; None is the fastest here that changes no embedding.
    """

    name: str
    settings: tuple[str, ...] = SETTINGS
    films: KeptFilms = "test"
    limit: int | None = None
    precision: Precision | None = None
    linear_probe: LinearProbeSettings = field(default_factory=LinearProbeSettings)
    fine_tune: FineTuneSettings = field(default_factory=FineTuneSettings)
    projection: ProjectionSettings = field(default_factory=ProjectionSettings)

    def with_rates(self, scale: float) -> BuildSettings:
        """The same with both learning rates times `scale`.

        The rate that suits Adam goes as 1 / width: the paper's are for a tower 768 wide.
        Source: Yang et al., "Tensor Programs V", arXiv 2203.03466.
        """
        probe = replace(self.linear_probe, learning_rate=self.linear_probe.learning_rate * scale)
        tune = replace(self.fine_tune, learning_rate=self.fine_tune.learning_rate * scale)
        return replace(self, linear_probe=probe, fine_tune=tune)

    def __post_init__(self) -> None:
        unknown = [name for name in self.settings if name not in SETTINGS]
        if unknown or not self.settings:
            raise StudyError(
                f"--settings names {', '.join(unknown) or 'nothing'}.", remedy=f"Choose of {', '.join(SETTINGS)}."
            )


class Scratch:
    """`<out>.building`: results of finished stages, kept until the study is written.

    What another dataset, model or plan left there is thrown away.
    """

    def __init__(self, out: Path, plan: dict[str, object]) -> None:
        self.folder = scratch_folder(out)
        text = _text(plan)
        self.key = hashlib.sha256(text.encode()).hexdigest()
        record = self.folder / _PLAN
        if self.folder.is_dir() and not (record.is_file() and record.read_text(encoding="utf-8") == text):
            self.remove()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(record, text.encode())
        self._timings = self.folder / "minutes.json"

    @property
    def minutes(self) -> dict[str, float]:
        """Minutes that each stage took, over all runs."""
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
        """A text that is found out once and is the same after an interruption."""
        path = self.folder / f"{name}.txt"
        if not path.is_file():
            write_whole(path, value().encode())
        return path.read_text(encoding="utf-8")

    def begin_writing(self, out: Path) -> None:
        """Note which study is at `out` before this one is written there."""
        write_whole(self.folder / _WRITING, _fingerprint(out).encode())

    @staticmethod
    def was_written(out: Path, plan: dict[str, object]) -> bool:
        """Whether a build of this plan was stopped when its study was in place and only the scratch folder was left."""
        record, writing = (scratch_folder(out) / name for name in (_PLAN, _WRITING))
        if not (record.is_file() and writing.is_file()) or record.read_text(encoding="utf-8") != _text(plan):
            return False
        return _fingerprint(out) not in ("", writing.read_text(encoding="utf-8"))

    def remove(self) -> None:
        """Forget everything, at once; the study is written."""
        discard(self.folder)
        self.folder.rename(_discarded(self.folder))
        discard(self.folder)


def scratch_folder(out: Path) -> Path:
    """Where a build to `out` keeps what it has finished."""
    return out.with_name(f"{out.name}.building")


def is_interrupted(out: Path) -> bool:
    """Whether a build to `out` was begun and not ended."""
    return (scratch_folder(out) / _PLAN).is_file()


def discard(folder: Path) -> None:
    """Delete what is left of a scratch folder that was given up, if a kill left anything."""
    shutil.rmtree(_discarded(folder), ignore_errors=True)


def _discarded(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{PARTIAL}")


def _text(plan: dict[str, object]) -> str:
    return json.dumps(plan, sort_keys=True, default=str)


def _fingerprint(out: Path) -> str:
    return read_manifest(out).fingerprint if (out / MANIFEST).is_file() else ""


def plan_of(settings: BuildSettings) -> dict[str, object]:
    """The part of a plan that decides what is prepared and trained; which settings are wanted may change."""
    return {k: v for k, v in asdict(settings).items() if k not in ("settings", "name")}
