"""The text half of a model in a folder as transformers saves it: its tokenizer, and the tower that reads its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch

from core.errors import ModelError
from core.models.hugging_face import quiet
from core.models.loaders.folder_files import refuse_code
from core.models.tokens import VOCABULARY_FILES, Tokens, first_line, require_apart, require_size

_CONFIG: Final = "tokenizer_config.json"
_REMEDY: Final = "Copy the tokenizer's files that belong to these weights: tokenizer.json, tokenizer_config.json."
_NEUTRAL: Final = ("TokenizersBackend", "PreTrainedTokenizerFast")
"""Classes that say nothing of the family."""


class HuggingFaceText(torch.nn.Module):
    """A text tower of transformers, (n, T) token ids -> (n, d), without a mask for padding."""

    def __init__(self, transformer: torch.nn.Module, projection: torch.nn.Module, vocab_size: int) -> None:
        super().__init__()
        self.transformer, self.projection, self.vocab_size = transformer, projection, vocab_size

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Compute the embeddings, un-normalised."""
        embeddings: torch.Tensor = self.projection(self.transformer(input_ids=ids).pooler_output)
        return embeddings


class HuggingFaceTokenizer:
    """A tokenizer of transformers that fills every prompt up to the context, as these towers were trained."""

    def __init__(self, tokenizer: Any, context_length: int) -> None:
        self.tokenizer, self.context_length = tokenizer, context_length

    def __call__(self, texts: Sequence[str], context_length: int) -> torch.Tensor:
        """Give the ids (n, context_length)."""
        ids: torch.Tensor = self.tokenizer(
            list(texts), padding="max_length", truncation=True, max_length=context_length, return_tensors="pt"
        ).input_ids
        return ids


def load_tokens(
    folder: Path, text: HuggingFaceText, families: Sequence[str], config: Any, *, end_id: int | None = None
) -> Tokens:
    """Load the tokenizer of a model's folder, checked against its text tower.

    families : beginnings of the names of its tokenizers' classes.
    config : of the text tower.
    end_id : the token at which a CLIP text tower reads a prompt; None where it reads the last place of the context.
    Raises ModelError where its files are missing, are another family's, have other tokens than the tower, do not end
    a prompt where the tower reads it, or where the tower gives different prompts one embedding.
    """
    if not any((folder / name).is_file() for name in VOCABULARY_FILES):
        raise ModelError(f"{folder}: the tokenizer's files are missing (tokenizer.json).", remedy=_REMEDY)
    refuse_code(folder, _CONFIG)
    try:
        with quiet() as transformers:
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # transformers raises OSError, ValueError, TypeError, KeyError and tokenizers' own
        raise ModelError(f"{folder}: the tokenizer cannot be loaded: {first_line(error)}", remedy=_REMEDY) from error
    name = type(tokenizer).__name__
    if not name.startswith((*families, *_NEUTRAL)):
        raise ModelError(f"{folder}: the tokenizer is a {name}; expected that of {families[0]} models.", remedy=_REMEDY)
    require_size(folder, len(tokenizer), text.vocab_size, _REMEDY)
    length = int(config.max_position_embeddings)
    tokens = Tokens(HuggingFaceTokenizer(tokenizer, length), length, None, text.vocab_size)
    if end_id is not None:
        _require_end(folder, tokens, tokenizer.eos_token_id, end_id)
    require_apart(folder, tokens, text, _REMEDY)
    return tokens


def _require_end(folder: Path, tokens: Tokens, own: int, end_id: int) -> None:
    """ModelError where prompts do not hold the token at which a CLIP text tower reads them.

    end_id : as its configuration says; 2 means the highest id, as in configurations before it was corrected.
    """
    ids = tokens.full(["pneumothorax"])[0]
    is_read = int(ids.max()) == own if end_id == 2 else bool((ids == end_id).any()) and own == end_id
    if not is_read:
        raise ModelError(
            f"{folder}: the text tower reads a prompt at its end token {end_id}; the tokenizer ends them with {own}.",
            remedy=_REMEDY,
        )
