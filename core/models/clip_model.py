"""A loaded model: films in, embeddings out; and prompts, where it has a text tower."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import torch

from core.errors import ModelError
from core.models.arrays import Float32Array, Progress, UInt8Array, no_progress
from core.models.device import Precision, autocast
from core.models.image_tower import ImageTower
from core.models.loaders.base import Facts
from core.models.preprocess import FilmTransform
from core.models.source import weights_sha256
from core.models.tokens import Tokens

_MOST_TOKENS: Final = 4096
"""Of a batch of prompts: enough that weights are read seldom, few enough that what is computed stays near."""


@dataclass(frozen=True, eq=False)
class ClipModel:
    """A model in evaluation mode, with its transform and its tokenizer.

    name : the folder's or the hub repository's name.
    config : the file that says what it is.
    tokens : None for an image tower alone.
    n_dimensions : length of an embedding.
    facts : what it is, beside its weights.
    """

    name: str
    folder: Path
    config: Path
    model: torch.nn.Module
    device: torch.device
    precision: Precision
    transform: FilmTransform
    tokens: Tokens | None
    n_dimensions: int
    facts: Facts

    @property
    def crop_px(self) -> int:
        """Give the side, in pixels of the resized film, of the square that the model sees."""
        return self.transform.crop_px

    @property
    def logit_scale(self) -> float | None:
        """Give what cosines are multiplied by, exp(the learnt parameter); None without a text tower."""
        return self.facts.logit_scale

    @property
    def has_text(self) -> bool:
        """Tell whether there is a text tower."""
        return self.tokens is not None

    @property
    def text_tokens(self) -> Tokens:
        """Give the tokenizer; ModelError where the model is an image tower alone."""
        if self.tokens is None:
            raise ModelError(
                f"The model {self.name} is an image tower alone: it has no text tower that could read prompts.",
                remedy="Use a model with both, such as BiomedCLIP, or settings that learn from films alone.",
            )
        return self.tokens

    @property
    def context_length(self) -> int:
        """Give the most tokens a prompt may have; ModelError where there is no text tower."""
        return self.text_tokens.context_length

    @property
    def visual(self) -> torch.nn.Module:
        """Give the image tower: (n, 3, S, S) -> (n, n_dimensions), un-normalised."""
        visual = self.model.visual
        assert isinstance(visual, torch.nn.Module)
        return visual

    @cached_property
    def sha256(self) -> str:
        """Give the hash of the weights, in hex."""
        return weights_sha256(self.folder)

    def preprocess(self, film: UInt8Array) -> torch.Tensor:
        """Prepare one film (H, W) or (H, W, 3), uint8, as (3, S, S) float32:
        open_clip's own transform, pixel for pixel.
        """
        return self.transform(film)

    @cached_property
    def tower(self) -> ImageTower:
        """Give the image tower in the model's precision."""
        return ImageTower.of(self.visual, self.transform, self.precision)

    def encode_crops(self, crops: UInt8Array) -> Float32Array:
        """Compute the image embeddings, un-normalised (n, n_dimensions),
        of what `transform.crop` gives: (n, S, S[, 3]), uint8.
        """
        return self.tower.encode(crops) if len(crops) else np.empty((0, self.n_dimensions), np.float32)

    def encode_images(
        self, films: Iterable[UInt8Array], *, batch_size: int = 32, progress: Progress = no_progress
    ) -> Float32Array:
        """Compute the image embeddings, un-normalised (n, n_dimensions). Films are decoded batch by batch."""
        total = len(films) if isinstance(films, Sequence | np.ndarray) else 0
        parts: list[Float32Array] = []
        done = 0
        for batch in _batches(films, batch_size):
            parts.append(self._encode_batch([self.transform.crop(film) for film in batch]))
            done += len(batch)
            progress(done, max(total, done), "films encoded")
        return np.concatenate(parts) if parts else np.empty((0, self.n_dimensions), np.float32)

    def encode_texts(
        self, texts: Sequence[str], *, batch_size: int = 512, trim: bool = True, progress: Progress = no_progress
    ) -> Float32Array:
        """Compute the text embeddings, un-normalised (n, n_dimensions).

        batch_size : most prompts at once; long ones are fewer, so that a batch has at most 4,096 tokens.
        trim : prompts of one length go together and without padding: the same result, many times faster. Where the text
            tower does not mask padding out, each gets the whole context.
        Raises ModelError where prompts of different wording have the same tokens, or there is no text tower.
        """
        if not texts:
            return np.empty((0, self.n_dimensions), np.float32)
        tokens = self.text_tokens
        ids = tokens.trimmed(texts) if trim else tokens.full(texts)
        embeddings, done = np.empty((len(texts), self.n_dimensions), np.float32), 0
        for rows, length in _of_one_length(tokens.lengths(ids), batch_size):
            with torch.inference_mode(), autocast(self.device, self.precision):
                encoded = self.model.encode_text(ids[rows, :length].to(self.device))  # type: ignore[operator]
            embeddings[rows.numpy()] = _numpy(encoded)
            done += len(rows)
            progress(done, len(texts), "prompts encoded")
        return embeddings

    def _encode_batch(self, crops: list[UInt8Array]) -> Float32Array:
        """Grey films stay grey where all are; a colour film among them makes all of them colour."""
        if len({crop.ndim for crop in crops}) > 1:
            crops = [crop if crop.ndim == 3 else np.repeat(crop[..., None], 3, axis=2) for crop in crops]
        return self.encode_crops(np.stack(crops))


def _numpy(embeddings: torch.Tensor) -> Float32Array:
    result: Float32Array = embeddings.float().cpu().numpy()
    return result


def _of_one_length(lengths: torch.Tensor, size: int) -> Iterator[tuple[torch.Tensor, int]]:
    """Rows in batches of at most `size` whose prompts are equally long, the shortest first, with that length."""
    for length in lengths.unique().tolist():
        most = max(1, min(size, _MOST_TOKENS // int(length)))
        for rows in torch.nonzero(lengths == length)[:, 0].split(most):
            yield rows, int(length)


def _batches(films: Iterable[UInt8Array], size: int) -> Iterator[list[UInt8Array]]:
    films = iter(films)
    while batch := list(islice(films, size)):
        yield batch
