"""Prompts and films in one space: stored prompts, their similarity to films, and the gap between the two kinds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import StudyError
from core.metrics.arrays import FloatArray
from core.settings.zero_shot import unit_rows
from core.study import layout

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class ModalityGap:
    """How far prompts lie from films; cosines -1..1, NaN where there is no pair.

    gap : distance between the mean film and the mean prompt, all of length 1; 0..2.
    centre_cosine : cosine between the two means.
    film_film, prompt_prompt, film_prompt : mean cosine over pairs of different films, of different prompts, of a film
    and a prompt.
    Source: Liang et al., "Mind the Gap", NeurIPS 2022.
    """

    gap: float
    centre_cosine: float
    film_film: float
    prompt_prompt: float
    film_prompt: float
    n_films: int
    n_prompts: int

    @property
    def sentence(self) -> str:
        """Give the gap in words."""
        if math.isnan(self.film_prompt) or math.isnan(self.film_film):
            return "There are too few films or prompts to speak of a gap between them."
        said = (
            f"Two films have a mean cosine of {self.film_film:.2f}, two prompts {self.prompt_prompt:.2f}, a film and a "
            f"prompt {self.film_prompt:.2f}; the mean film and the mean prompt, at length 1, are {self.gap:.2f} apart"
        )
        if self.film_prompt >= min(self.film_film, self.prompt_prompt):
            return f"{said}. Films and prompts share one region of the space."
        return f"{said}. Films and prompts lie apart, so only differences between prompts tell classes apart."


def can_compare(study: Study, encoder: str = "frozen") -> bool:
    """Tell whether the study holds prompts in the space of the encoder's films."""
    parts = (layout.image_embeddings_part(encoder), layout.text_embeddings_part(encoder))
    return bool(study.manifest.prompts) and all(study.has(part) for part in parts)


def modality_gap(study: Study, encoder: str = "frozen") -> ModalityGap:
    """Measure the gap of all films and all stored prompts of an encoder. StudyError where the study lacks either."""
    return gap_between(study.image_embeddings(encoder), study.text_embeddings(encoder))


def gap_between(films: FloatArray, prompts: FloatArray) -> ModalityGap:
    """Measure the gap of embeddings (n, d) and (m, d); their lengths do not matter."""
    images = unit_rows(films, "image embedding").astype(np.float64)
    texts = unit_rows(prompts, "text embedding").astype(np.float64)
    image, text = images.mean(axis=0), texts.mean(axis=0)
    lengths = float(np.linalg.norm(image) * np.linalg.norm(text))
    return ModalityGap(
        gap=float(np.linalg.norm(image - text)),
        centre_cosine=float(image @ text) / lengths if lengths else math.nan,
        film_film=_mean_cosine(image, len(images)),
        prompt_prompt=_mean_cosine(text, len(texts)),
        film_prompt=float(image @ text),
        n_films=len(images),
        n_prompts=len(texts),
    )


def stored_similarities(study: Study, prompt: int, encoder: str = "frozen") -> FloatArray:
    """Compute the (n,) float32 cosine of every film to row `prompt` of the manifest's prompts."""
    if not 0 <= prompt < len(study.manifest.prompts):
        message = f"{study.root}: has no prompt {prompt}; there are {len(study.manifest.prompts)}."
        raise StudyError(message, remedy="Choose one of the study's prompts.")
    return cosine_to(study.image_embeddings(encoder), study.text_embeddings(encoder)[prompt])


def cosine_to(films: FloatArray, vector: FloatArray) -> FloatArray:
    """Compute the (n,) float32 cosine of films (n, d) to one vector (d,)."""
    direction = unit_rows(np.asarray(vector)[None], "text embedding")[0]
    return np.asarray(unit_rows(films, "image embedding") @ direction, dtype=np.float32)


def _mean_cosine(mean: FloatArray, number: int) -> float:
    """Over pairs of different unit vectors, from their mean: |sum|^2 = n + n (n - 1) x the mean cosine."""
    if number < 2:
        return math.nan
    return float((number * (mean @ mean) - 1) / (number - 1))
