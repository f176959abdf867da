"""What a gradient is taken of: the raw score of one class in one setting, as a function of the image embedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import torch

from core.models.arrays import Float32Array

Kind = Literal["margin", "similarity", "logit"]


class Target(Protocol):
    """Scores of all classes from an un-normalised image embedding; differentiable."""

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        """(n, d) -> (n, C)."""
        ...

    def describe(self, finding: str) -> str:
        """Say what the score of a class is, in words."""
        ...


@dataclass(frozen=True, eq=False)
class TextTarget:
    """Zero-shot: the film against the embeddings of prompts.

    directions : (C, d). kind: `margin` and `similarity` divide the embedding by its length, `logit` does not.
    """

    directions: torch.Tensor
    kind: Kind

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        if self.kind != "logit":
            embeddings = torch.nn.functional.normalize(embeddings, dim=-1)
        return embeddings @ self.directions.T

    def describe(self, finding: str) -> str:
        """Say what the score of a class is, in words."""
        if self.kind == "margin":
            return f"cosine to prompts that say {finding} is present, minus cosine to prompts that say it is absent"
        if self.kind == "similarity":
            return f"cosine to the words {finding!r}"
        return f"un-normalised product with the words {finding!r}"


@dataclass(frozen=True, eq=False)
class LogitTarget:
    """A linear classifier: the class logit.

    weight : (C, d), bias : (C,).
    is_unit : whether it reads embeddings divided by their length.
    """

    weight: torch.Tensor
    bias: torch.Tensor
    is_unit: bool = False

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        if self.is_unit:
            embeddings = torch.nn.functional.normalize(embeddings, dim=-1)
        return embeddings @ self.weight.T + self.bias

    def describe(self, finding: str) -> str:
        """Say what the score of a class is, in words."""
        return f"logit of {finding}"


@dataclass(frozen=True, eq=False)
class PrototypeTarget:
    """Prototypes: how much nearer a film is to that of films with a class than to that of films without.

    directions : (C, d).
    """

    directions: torch.Tensor

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(embeddings, dim=-1) @ self.directions.T

    def describe(self, finding: str) -> str:
        """Say what the score of a class is, in words."""
        return f"cosine to the prototype of films with {finding}, minus cosine to that of films without"


@dataclass(frozen=True, eq=False)
class SomeClasses:
    """Some of a target's classes.

    indices : (k,) of them.
    """

    target: Target
    indices: torch.Tensor

    def __call__(self, embeddings: torch.Tensor) -> torch.Tensor:
        return self.target(embeddings)[:, self.indices.to(embeddings.device)]

    def describe(self, finding: str) -> str:
        """Say what the score of a class is, in words."""
        return self.target.describe(finding)


def of_all_classes(target: Target, n_classes: int) -> tuple[Target, tuple[int, ...]]:
    """Give the target of every class of the study behind one of some of them, and which of its classes those are.

    n_classes : of the target that is given.
    """
    chosen = torch.arange(n_classes)
    while isinstance(target, SomeClasses):
        chosen = target.indices[chosen]
        target = target.target
    return target, tuple(int(index) for index in chosen)


def text_target(directions: Float32Array, kind: Kind, device: torch.device) -> TextTarget:
    """Make the target of directions that came from text embeddings (C, d)."""
    return TextTarget(torch.tensor(directions, dtype=torch.float32, device=device), kind)


def prototype_target(directions: Float32Array, device: torch.device) -> PrototypeTarget:
    """Make the target of the difference of two prototypes (C, d)."""
    return PrototypeTarget(torch.tensor(directions, dtype=torch.float32, device=device))


def logit_target(
    weight: Float32Array, bias: Float32Array, device: torch.device, *, is_unit: bool = False
) -> LogitTarget:
    """Make the target of a trained linear classifier; is_unit : whether it reads embeddings divided by their length."""
    tensors = [torch.tensor(part, dtype=torch.float32, device=device) for part in (weight, bias)]
    return LogitTarget(tensors[0], tensors[1], is_unit)
