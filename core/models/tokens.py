"""A model's tokenizer: loaded from the model's folder, and refused where it would make all prompts the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from core.errors import ModelError
from core.models.torchvision_guard import open_clip

VOCABULARY_FILES: Final[tuple[str, ...]] = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)
"""Any one of these holds a Hugging Face tokenizer's vocabulary."""

_PROBES = ("Pneumothorax", "Pleural Effusion", "Support Devices")
_REMEDY = "Copy tokenizer.json, tokenizer_config.json and vocab.txt of the model into the folder."


@dataclass(frozen=True, eq=False)
class Tokens:
    """Turns prompts into token ids.

    context_length : most tokens a prompt may have; longer prompts are cut.
    pad_id : the id that fills up short prompts where the text tower masks it out, None where it does not.
    n_known : rows of the text tower's table of tokens; 0 where that is not known.
    """

    tokenizer: Any
    context_length: int
    pad_id: int | None
    n_known: int = 0

    def full(self, texts: Sequence[str]) -> torch.Tensor:
        """Give (n, context_length) token ids, padded to the whole context as open_clip does.

        Raises ModelError where a prompt has a token that the text tower does not know.
        """
        ids: torch.Tensor = self.tokenizer(list(texts), context_length=self.context_length)
        if self.n_known and ids.numel() and int(ids.max()) >= self.n_known:
            text = texts[int((ids >= self.n_known).any(dim=1).nonzero()[0])]
            raise ModelError(
                f"The prompt {text!r} has the token {int(ids.max()):,}; the text tower knows {self.n_known:,}.",
                remedy="Use the tokenizer that the model was trained with, or other words.",
            )
        return ids

    def trimmed(self, texts: Sequence[str]) -> torch.Tensor:
        """Give (n, longest prompt) token ids: columns that are padding in every prompt are left out.

        Trimming changes no embedding: position ids count from the left and the tower masks padding out.
        Towers that do not mask padding get the whole context.
        Raises ModelError where two prompts of different wording have the same tokens.
        """
        ids = self.full(texts)
        self._require_distinct(texts, ids)
        if self.pad_id is None:
            return ids
        used = (ids != self.pad_id).any(dim=0).nonzero()
        return ids[:, : int(used.max()) + 1] if len(used) else ids

    def lengths(self, ids: torch.Tensor) -> torch.Tensor:
        """Count (n,) how many columns of (n, m) token ids a prompt needs: up to its last that is no padding.

        All of them where the tower does not mask padding out.
        """
        if self.pad_id is None or not ids.shape[1]:
            return torch.full((len(ids),), ids.shape[1])
        place = torch.arange(1, ids.shape[1] + 1)
        return torch.where(ids != self.pad_id, place, 1).amax(dim=1)

    def told_apart(self, texts: Sequence[str]) -> list[bool]:
        """Tell of each prompt whether the model can tell it from those before it: no other wording has its tokens."""
        seen: dict[tuple[int, ...], str] = {}
        found = []
        for text, row in zip(texts, self.full(texts).tolist(), strict=True):
            wording = " ".join(text.lower().split())
            found.append(seen.setdefault(tuple(row), wording) == wording)
        return found

    def _require_distinct(self, texts: Sequence[str], ids: torch.Tensor) -> None:
        seen: dict[tuple[int, ...], str] = {}
        for text, row in zip(texts, ids.tolist(), strict=True):
            wording = " ".join(text.lower().split())
            other = seen.setdefault(tuple(row), wording)
            if other != wording:
                raise ModelError(
                    f"The prompts {other!r} and {wording!r} have the same tokens, so the model cannot tell them apart.",
                    remedy="Use other words, shorter prompts, or a model whose tokenizer knows these words.",
                )


def require_tokenizer_files(folder: Path, text_cfg: dict[str, Any]) -> None:
    """Raise ModelError where a Hugging Face tokenizer is meant but the folder has no vocabulary."""
    if text_cfg.get("hf_tokenizer_name") and not any((folder / name).is_file() for name in VOCABULARY_FILES):
        raise ModelError(f"{folder}: the tokenizer's files are missing (tokenizer.json or vocab.txt).", remedy=_REMEDY)


def load_tokens(folder: Path, text_cfg: dict[str, Any], model: torch.nn.Module) -> Tokens:
    """Load the tokenizer in a model's folder, checked against the model.

    Its size need not be the text tower's vocabulary: SigLIP's has tokens that no prompt uses, and tables are padded.
    Raises ModelError where its files are missing, where it has less than half of the text tower's tokens, where a
    prompt has a token that the tower does not know, or where different prompts get the same tokens (transformers can
    return a tokenizer of five tokens without a word).
    """
    require_tokenizer_files(folder, text_cfg)
    try:
        tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    except Exception as error:  # transformers raises OSError, ValueError, TypeError, KeyError and tokenizers' own
        raise ModelError(f"{folder}: the tokenizer cannot be loaded: {first_line(error)}", remedy=_REMEDY) from error
    expected = _known_tokens(model)
    found = int(tokenizer.vocab_size) if not text_cfg.get("hf_tokenizer_name") else len(tokenizer.tokenizer)
    require_size(folder, found, expected, _REMEDY)
    tokens = Tokens(tokenizer, int(tokenizer.context_length), _masked_pad_id(model), expected)
    tokens.trimmed(_PROBES)
    return tokens


def require_size(folder: Path, found: int, expected: int, remedy: str) -> None:
    """Raise ModelError where a tokenizer has less than half of the tokens that a text tower has rows for.

    A table may have more rows than there are tokens: it is padded, or the rest was never used. expected : 0 where
    nobody knows.
    """
    if expected and 2 * found < expected:
        raise ModelError(
            f"{folder}: the tokenizer has {found:,} tokens, but the text tower was trained with {expected:,}.",
            remedy=remedy,
        )


def require_apart(folder: Path, tokens: Tokens, encode: Callable[[torch.Tensor], torch.Tensor], remedy: str) -> None:
    """Raise ModelError where different prompts have the same tokens, or a text tower reads all of them as one.

    encode : (n, T) token ids -> (n, d).
    """
    ids = tokens.trimmed(_PROBES)
    with torch.inference_mode():
        embeddings = torch.nn.functional.normalize(encode(ids), dim=-1)
    if not torch.isfinite(embeddings).all() or bool((embeddings[1:] - embeddings[:1]).norm(dim=-1).min() < 1e-5):
        raise ModelError(
            f"{folder}: the text tower gives the prompts {_PROBES[0]!r} and {_PROBES[1]!r} the same embedding.",
            remedy=remedy,
        )


def _known_tokens(model: torch.nn.Module) -> int:
    """Rows of the text tower's table of tokens; 0 where it cannot be told."""
    for tower in (model, getattr(model, "text", None)):
        if found := int(getattr(tower, "vocab_size", 0) or 0):
            return found
    return 0


def _masked_pad_id(model: torch.nn.Module) -> int | None:
    """The padding id that a Hugging Face text tower masks out; None for open_clip's own towers."""
    config = getattr(getattr(model, "text", None), "config", None)
    pad = getattr(config, "pad_token_id", None)
    return None if pad is None else int(pad)


def first_line(error: Exception) -> str:
    """Give the first line of what a library says, as a sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".") + "."
