"""What a build hands to a setting, and what it gets back."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.models.arrays import Float32Array, FloatArray, IntArray, Progress, UInt8Array
from core.quantities import duration
from core.study.manifest import Prompt
from core.study.training_record import TrainingRecord

if TYPE_CHECKING:
    import torch

    from core.models.clip_model import ClipModel


Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class BuildStep:
    """What a build, or an adaptation of a finished study, has when a setting's turn comes; rows of arrays are films.

    load_model, read_crops : give `model` and `crops`, which may take long and ask for what is not at hand; only a
        setting that works on prompts or films asks for them.
    labels : (n, C) of {0, 1, NaN}.
    train, val : rows.
    patients : (n,) whose film each is.
    embeddings : (n, d) of the model's own tower, un-normalised.
    texts : (n_prompts, d), rows as `prompts`; no rows where the study holds none.
    logit_scale : the factor that CLIP applies to cosine similarities; None where nobody knows it.
    folder : for what is kept where the build is interrupted, not made yet; found again only with the same `key`, which
    stands for films, model, labels, splits and options.
    timed : (part) a context whose time counts to that part of the build.
    minutes : of a part so far, over all runs.
    encode : (tower, hash of its weights) -> (n, d) embeddings of all films by a tower that the setting trained.
    """

    load_model: Callable[[], ClipModel]
    read_crops: Callable[[], UInt8Array]
    labels: FloatArray
    train: IntArray
    val: IntArray
    patients: Sequence[str]
    classes: Sequence[str]
    prompts: Sequence[Prompt]
    embeddings: Float32Array
    texts: Float32Array
    logit_scale: float | None
    folder: Path
    key: str
    progress: Progress
    timed: Callable[[str], AbstractContextManager[None]]
    minutes: Callable[[str], float]
    encode: Callable[[torch.nn.Module, str], Float32Array]

    @cached_property
    def model(self) -> ClipModel:
        """Give the study's model."""
        return self.load_model()

    @cached_property
    def crops(self) -> UInt8Array:
        """Give the films (n, S, S), uint8, as the model sees them."""
        return self.read_crops()


@dataclass(frozen=True, eq=False)
class StepResult:
    """What a setting gives to a study.

    scores : (n, C).
    files : by name below the setting's folder in the study, their bytes or where they are.
    minutes : that it took to train; None where nothing was trained.
    embeddings : (n, d) of all films by the encoder that the setting trained; None where it trained none.
    training : how it was trained; None where nothing was.
    """

    scores: Float32Array
    files: Mapping[str, bytes | Path] = field(default_factory=dict)
    minutes: float | None = None
    embeddings: Float32Array | None = None
    training: TrainingRecord | None = None


@dataclass(frozen=True, eq=False)
class MeasuredModel:
    """What an estimate of a build knows when a setting's turn comes.

    crops : of a few films.
    n_films, n_train, n_val : that will be built.
    encode : seconds to encode a film.
    seconds : (work, enough) -> the least seconds of up to three repetitions, which end after `enough`.
    found : what was measured for one setting and holds for others.
    """

    model: ClipModel
    crops: UInt8Array
    n_films: int
    n_train: int
    n_val: int
    n_classes: int
    encode: float
    seconds: Callable[[Callable[[], object], float], float]
    found: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, what: Hashable, measure: Callable[[], Found]) -> Found:
        """Give what `measure` gives, measured once for all settings that ask for the same."""
        if what not in self.found:
            self.found[what] = measure()
        found: Found = self.found[what]
        return found


@dataclass(frozen=True)
class PartTime:
    """One part of a build.

    basis : what was measured, in words.
    setting : whose part it is, where it is one's.
    """

    title: str
    seconds: float
    basis: str
    setting: str | None = None

    def __str__(self) -> str:
        return f"{self.title}: about {duration(self.seconds)} ({self.basis})"


def seconds_of(work: Callable[[], object], enough: float) -> float:
    """Measure the least seconds of up to three repetitions; of one, where it takes `enough`."""
    best, spent = float("inf"), 0.0
    for _ in range(3):
        begun = time.perf_counter()
        work()
        taken = time.perf_counter() - begun
        best, spent = min(best, taken), spent + taken
        if spent > enough / 2:
            break
    return best
