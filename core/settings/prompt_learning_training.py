"""Training of prompts: vectors before the names of classes, by which films with a finding are told from films without.

Source: CoOp, Zhou, Yang, Loy, Liu, arXiv 2109.01134, as BiomedCoOp has it, Koleilat, Asgariandehkordi, Rivaz, Xiao,
arXiv 2411.15232: vectors that begin as words and stay near prompts that people wrote. Findings exclude one another in
neither: here each has a prompt with vectors for "present" and one with vectors for "absent", as in DualCoOp, Sun, Hu,
Saenko, arXiv 2206.09541. BiomedCoOp's distillation compares classes with one another, and has no part here.

To a class's logit a number is added that is learnt too and begins at the log-odds of its train labels; without it the
vectors are spent on how rare findings are. Scores are margins, without that number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.numpy import save

from core.models.arrays import Float32Array, FloatArray, IntArray, Progress, no_progress
from core.models.clip_model import ClipModel
from core.settings.fine_tune_checkpoint import Checkpoint
from core.settings.learnt_prompts import LearntPrompts
from core.settings.losses.base import Objective, count_labels
from core.settings.losses.logit_adjusted import log_odds
from core.settings.losses.plain import cross_entropy
from core.settings.prompt_learning_options import PromptLearningOptions
from core.settings.run import Run
from core.settings.training import as_tensor, labelled, labels_for_training
from core.settings.zero_shot import prompt_ensembles, unit_rows
from core.study.manifest import Prompt
from core.study.training_record import TrainingRecord

PROMPTS: Final = "prompts.safetensors"
"""Its file below the folder of its setting: the vectors, and the directions that came of them."""

ROLES: Final = ("present", "absent")
OFFSETS: Final = "offsets"


@dataclass(frozen=True, eq=False)
class LearntContext:
    """What came of it.

    directions : (C, d); a unit image embedding's dot product with row c is the margin of class c.
    vectors : by role, (tokens, width of the text tower); "offsets", (C,), is what was added to logits.
    """

    directions: Float32Array
    vectors: Mapping[str, Float32Array]
    minutes: float
    record: TrainingRecord

    def to_bytes(self) -> bytes:
        """Write vectors and directions as a safetensors file."""
        return bytes(save({**self.vectors, "directions": self.directions}))


class PromptLearner:
    """Vectors before the names of classes; see `core.settings.run.Learner`."""

    def __init__(
        self,
        model: ClipModel,
        names: Sequence[str],
        ensembles: Mapping[str, Float32Array],
        units: Float32Array,
        offsets: torch.Tensor,
        options: PromptLearningOptions,
    ) -> None:
        """Begin with the words of the options.

        ensembles : by role, unit vectors (C, d) of the study's own prompts.
        units : (n, d) unit embeddings of the films.
        offsets : (C,), what is added to logits at first.
        """
        words = {"present": options.present, "absent": options.absent}
        self._prompts = {role: LearntPrompts.of(model, words[role], names) for role in ROLES}
        vectors = {role: torch.nn.Parameter(self._prompts[role].words_vectors()) for role in ROLES}
        self._vectors = torch.nn.ParameterDict({**vectors, OFFSETS: torch.nn.Parameter(offsets)})
        self._ensembles = torch.stack([as_tensor(ensembles[role]) for role in ROLES]).to(model.device)
        self._units = as_tensor(units).to(model.device)
        self._scale, self._consistency = model.logit_scale, options.consistency
        self._sides: torch.Tensor | None = None
        self._is_training = True

    @property
    def modules(self) -> Mapping[str, torch.nn.Module]:
        """Give what holds the vectors."""
        return {"context": self._vectors}

    def train(self) -> None:
        """Encode the prompts at every step from now on."""
        self._is_training, self._sides = True, None

    def eval(self) -> None:
        """Encode the prompts once from now on."""
        self._is_training, self._sides = False, None

    def sides(self) -> torch.Tensor:
        """Compute the unit text embeddings (2, C, d): of present, and of absent."""
        if self._is_training or self._sides is None:
            encoded = torch.stack([self._prompts[role].encode(self._vectors[role]) for role in ROLES])
            self._sides = torch.nn.functional.normalize(encoded, dim=-1)
        return self._sides

    def logits(self, rows: IntArray) -> torch.Tensor:
        """Compute the margins of films, times the model's factor on cosines, with the offsets: (n, C)."""
        present, absent = self.sides()
        margins = self._units[rows] @ (present - absent).T
        logits: torch.Tensor = self._scale * margins + self._vectors[OFFSETS]
        return logits

    def penalty(self) -> torch.Tensor | None:
        """Compute how far the learnt prompts are from the study's own, a mean over numbers, weighed."""
        assert self._sides is not None
        distance: torch.Tensor = (self._sides - self._ensembles).square().mean()
        return distance * self._consistency

    def spare_memory(self) -> bool:
        """Say no: prompts are few."""
        return False


def learn_prompts(
    model: ClipModel,
    embeddings: FloatArray,
    texts: FloatArray,
    prompts: Sequence[Prompt],
    classes: Sequence[str],
    labels: FloatArray,
    train_rows: IntArray,
    val_rows: IntArray,
    options: PromptLearningOptions | None = None,
    *,
    progress: Progress = no_progress,
    checkpoint: Path | None = None,
    key: str = "",
) -> LearntContext:
    """Train the vectors before the names of classes, which are the study's prompts of the role "name".

    embeddings : (n, d) of all films by the model's own image tower, un-normalised.
    texts : (len(prompts), d) of the study's prompts.
    labels : (n, C) of {0, 1, NaN}, NaN is left out of the loss.
    checkpoint, key : as of `core.settings.fine_tune_training.fine_tune`.
    Raises StudyError where no training label was read or a class lacks a prompt, ModelError where vectors cannot take
    the place of words in the model's text tower.
    """
    options = options or PromptLearningOptions()
    targets = as_tensor(labels_for_training(labels, train_rows, len(embeddings))).to(model.device)
    run = start_prompt_run(model, embeddings, texts, prompts, classes, targets, train_rows, options, progress)
    plan = _plan(model, key, options, targets, train_rows, val_rows)
    saved = None if checkpoint is None else Checkpoint(checkpoint, plan)
    run.to_the_end(train_rows, val_rows, saved)
    return _finished(run, labelled(labels, train_rows))


def start_prompt_run(
    model: ClipModel,
    embeddings: FloatArray,
    texts: FloatArray,
    prompts: Sequence[Prompt],
    classes: Sequence[str],
    targets: torch.Tensor,
    train_rows: IntArray,
    options: PromptLearningOptions,
    progress: Progress,
) -> Run:
    """Start the training of prompts, before its first epoch; arguments and errors as of `learn_prompts`."""
    ensembles = {role: prompt_ensembles(texts, prompts, classes, role) for role in ROLES}
    names = [prompt.text for name in classes for prompt in prompts if (prompt.finding, prompt.role) == (name, "name")]
    units, offsets = unit_rows(embeddings, "image embedding"), log_odds(count_labels(targets[train_rows]))
    learner = PromptLearner(model, names, ensembles, units, offsets, options)
    return Run.start(learner, Objective(cross_entropy), targets, options, progress)


def _plan(
    model: ClipModel,
    key: str,
    options: PromptLearningOptions,
    targets: torch.Tensor,
    train_rows: IntArray,
    val_rows: IntArray,
) -> dict[str, Any]:
    """What must be the same for a checkpoint to be this run's."""
    rows = {"train_rows": np.asarray(train_rows).tolist(), "val_rows": np.asarray(val_rows).tolist()}
    return {"key": key, "model": model.sha256, "settings": asdict(options), "shape": list(targets.shape), **rows}


def _finished(run: Run, n_films: int) -> LearntContext:
    """The vectors of the best epoch, and the directions that come of them."""
    assert isinstance(run.learner, PromptLearner)
    vectors = {name: run.best[f"context.{name}"] for name in (*ROLES, OFFSETS)}
    run.learner.modules["context"].load_state_dict(vectors)
    run.learner.eval()
    with torch.inference_mode():
        present, absent = run.learner.sides()
    directions: Float32Array = (present - absent).cpu().numpy()
    found = {role: np.ascontiguousarray(value.numpy()) for role, value in vectors.items()}
    return LearntContext(directions, found, run.minutes, run.record(n_films))
