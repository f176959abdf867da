"""What a loader of a family of models says of itself, and what it gives. Loads no torch by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import torch

    from core.models.preprocess import FilmTransform
    from core.models.tokens import Tokens

Score = Literal["softmax", "sigmoid"]
"""What a model was trained to make of cosines: shares among captions, or a probability for each."""

Pooling = Literal["class token", "mean", "attention"]

EVIDENCE: Final[Mapping[Pooling, str]] = {
    "class token": "at the class token alone, so that maps are read before the last block's attention",
    "mean": "at every patch alike, after the last block",
    "attention": "at every patch, weighed by an attention pool after the last block",
}
"""Where what a score rests on enters, by how patches are pooled."""


@dataclass(frozen=True)
class Facts:
    """What a model is, beside its weights.

    family : the name of its loader.
    pooling : how one embedding comes of an image's patches.
    score : None for an image tower alone.
    logit_scale, logit_bias : what cosines are multiplied by (not its logarithm), and what is added: None where nothing.
    context_length : the most tokens of a prompt; None without a text tower.
    notes : what a user must know of it, one sentence each.
    """

    family: str
    pooling: Pooling
    score: Score | None = None
    logit_scale: float | None = None
    logit_bias: float | None = None
    context_length: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def evidence(self) -> str:
        """Say where what a class's score rests on enters, to follow "class evidence enters"."""
        return EVIDENCE[self.pooling]

    def to_json(self) -> dict[str, Any]:
        """Give what a study's manifest keeps of it; what there is not is left out."""
        said = {**vars(self), "evidence": self.evidence, "notes": list(self.notes)}
        return {name: value for name, value in said.items() if value is not None and value != []}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model in evaluation mode, gradients off.

    model : has `visual`, (n, 3, S, S) -> (n, d), and where there are tokens `encode_text`, (n, T) ids -> (n, d).
    tokens : None for an image tower alone.
    """

    model: torch.nn.Module
    transform: FilmTransform
    tokens: Tokens | None
    n_dimensions: int
    facts: Facts


@dataclass(frozen=True)
class Loader:
    """One family of models, as they lie in a folder.

    name, title : in files and in sentences.
    config : the file that says what the model is; a folder is known by it, and it stands for the model's preparation.
    is_one : (folder) -> whether it holds a model of this family; reads its configuration alone.
    weights : (folder) -> the files of its weights, in order. ModelError where they are not there, or not to be trusted.
    load : (folder, device) -> the model. ModelError where anything is missing, damaged, or does not belong together.
    load_visual : (folder, device) -> the image tower alone.
    downloaded : patterns of the files that are fetched from the hub, the weights among them.
    """

    name: str
    title: str
    config: str
    is_one: Callable[[Path], bool]
    weights: Callable[[Path], tuple[Path, ...]]
    load: Callable[[Path, str], Loaded]
    load_visual: Callable[[Path, str], tuple[torch.nn.Module, FilmTransform]]
    downloaded: tuple[str, ...] = ()
