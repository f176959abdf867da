"""Prompts whose first words are learnt vectors, through the text tower of any open_clip model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.errors import ModelError
from core.models.clip_model import ClipModel


@dataclass(frozen=True, eq=False)
class LearntPrompts:
    """Prompts "WORDS NAME" of all names, in which the tokens of WORDS stand for vectors that are given.

    table : the tower's embeddings of tokens, whose output the vectors take the place of; all else is the tower's own.
    ids : (n, L) tokens of the prompts.
    start, stop : where the tokens of WORDS stand.
    """

    model: ClipModel
    table: torch.nn.Module
    ids: torch.Tensor
    start: int
    stop: int

    @classmethod
    def of(cls, model: ClipModel, words: str, names: Sequence[str]) -> LearntPrompts:
        """Make the prompts of some words and names.

        Raises ModelError where the text tower keeps no table of tokens, where words or names do not fit its context,
        or where it reads the words otherwise before one name than before another.
        """
        table = token_table(model)
        full = model.text_tokens.full([words, *names, *(f"{words} {name}" for name in names)])
        alone, bare, whole = full[0], full[1 : 1 + len(names)], full[1 + len(names) :]
        start, stop = _agree(alone, bare), _agree(alone, whole)
        if stop <= start or not torch.equal(whole[:, stop:], bare[:, start : start - stop]):
            raise ModelError(
                f"The text tower of {model.name} does not read {words!r} as the same tokens before every one of "
                f"{len(names)} names, or with them has more than {model.context_length} tokens.",
                remedy="Use fewer words before the names, or other ones.",
            )
        ids = model.text_tokens.trimmed([f"{words} {name}" for name in names])
        return cls(model, table, ids.to(model.device), start, stop)

    def words_vectors(self) -> torch.Tensor:
        """Give the vectors (tokens of WORDS, width) that the tower has for the words themselves."""
        with torch.no_grad():
            vectors: torch.Tensor = self.table(self.ids[:1, self.start : self.stop])[0].clone()
        return vectors

    def encode(self, vectors: torch.Tensor) -> torch.Tensor:
        """Compute the embeddings (n, d), un-normalised, with vectors (tokens of WORDS, width); differentiable."""

        def put(module: torch.nn.Module, inputs: object, found: torch.Tensor) -> torch.Tensor:
            shared = vectors.to(found.dtype).expand(len(found), -1, -1)
            return torch.cat([found[:, : self.start], shared, found[:, self.stop :]], dim=1)

        handle = self.table.register_forward_hook(put)
        try:
            embeddings: torch.Tensor = self.model.model.encode_text(self.ids)  # type: ignore[operator]
            return embeddings.float()
        finally:
            handle.remove()


def token_table(model: ClipModel) -> torch.nn.Module:
    """Give what turns token ids into vectors: open_clip's own text towers have it, and those of Hugging Face.

    Raises ModelError where there is none.
    """
    text: Any = getattr(model.model, "text", model.model)
    table = getattr(text, "token_embedding", None)
    if table is None and hasattr(getattr(text, "transformer", None), "get_input_embeddings"):
        table = text.transformer.get_input_embeddings()
    if not isinstance(table, torch.nn.Module):
        raise ModelError(
            f"The text tower of {model.name} ({type(text).__name__}) keeps no table of tokens for learnt "
            "vectors to stand in.",
            remedy="Leave the setting prompt_learning out for this model.",
        )
    return table


def _agree(tokens: torch.Tensor, others: torch.Tensor) -> int:
    """How many tokens (L,) all others (n, L) begin with."""
    return int((others == tokens).all(dim=0).long().cumprod(dim=0).sum())
