"""Edited prompts, scored live: what a build with them would give, beside what the study holds.

The model is loaded when a prompt is first encoded, not before; its weights must be those of the study.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import CoreError, ModelError
from core.metrics.arrays import FloatArray, ratio
from core.metrics.classification import Confusion, confusions
from core.metrics.ranking import average_precision, roc_auc
from core.metrics.threshold_counts import ThresholdCounts
from core.models.hub_cache import HUB_PREFIX, cached_file
from core.models.registry import known_model
from core.models.source import CONFIG, resolve, weights_sha256
from core.settings.zero_shot import zero_shot_margins
from core.space.prompt_pairs import PromptPair
from core.space.text import can_compare, cosine_to
from core.thresholds import policy_named

if TYPE_CHECKING:
    from core.models.clip_model import ClipModel
    from core.study import Study

_KEPT: Final = 2
"""Models that stay loaded."""
_models: OrderedDict[Path, ClipModel] = OrderedDict()
_lock = threading.RLock()


@dataclass(frozen=True)
class ScoreFigures:
    """Zero-shot margins of one class on a split; undefined is NaN.

    auroc, average_precision : 0..1.  n_positive, n_read : films of the split.
    at_zero : decisions at margin 0, where a film is as near to one side as to the other.
    threshold : of the highest F1 on val; NaN without val films or positives there.  fitted : decisions at it, or None.
    """

    auroc: float
    average_precision: float
    n_positive: int
    n_read: int
    at_zero: Confusion
    threshold: float
    fitted: Confusion | None

    @property
    def over_prediction_at_zero(self) -> float:
        """Predicted over labelled films at margin 0; 1 = as many, NaN without a positive."""
        return ratio(self.at_zero.n_predicted, self.n_positive)

    @property
    def over_prediction(self) -> float:
        """The same at the fitted threshold."""
        return math.nan if self.fitted is None else ratio(self.fitted.n_predicted, self.n_positive)


@dataclass(frozen=True, eq=False)
class PromptTrial:
    """Edited prompts beside the stored ones.

    scores, stored_scores : (n,) float32 margins of all films of the study; stored_scores are those of the stored
    prompts, computed as a build does.  notes : sentences on prompts that the model cannot read as they are meant.
    """

    pair: PromptPair
    split: str
    scores: FloatArray
    stored_scores: FloatArray
    edited: ScoreFigures
    stored: ScoreFigures
    notes: tuple[str, ...]


def why_not(study: Study) -> str | None:
    """Why prompts cannot be tried on a study, in a sentence or two; None where they can. Loads nothing slow."""
    if not can_compare(study):
        return "This study holds no prompts and films in one space. `python -m core build` makes a study with both."
    try:
        _folder(study)
    except CoreError as error:
        return f"{error.message} {error.remedy}"
    return None


def try_prompts(study: Study, pair: PromptPair, split: str = "test") -> PromptTrial:
    """The margins of a class under edited prompts, and what they are worth on a split.

    Raises ModelError where the study's model is not on this computer or is another, StudyError where the study lacks
    embeddings.
    """
    films, model = study.image_embeddings("frozen"), study_model(study)
    with _lock:
        texts = model.encode_texts([*pair.present, *pair.absent])
    scores = zero_shot_margins(films, texts, pair.prompts, (pair.finding,))[:, 0]
    stored = stored_margins(study, pair.finding)
    return PromptTrial(
        pair,
        split,
        scores,
        stored,
        figures_of(study, pair.finding, scores, split),
        figures_of(study, pair.finding, stored, split),
        prompt_notes(model, [*pair.present, *pair.absent]),
    )


def stored_margins(study: Study, finding: str) -> FloatArray:
    """(n,) margins of a class under the study's own prompts, from the stored embeddings; no model is loaded."""
    films, texts = study.image_embeddings("frozen"), study.text_embeddings("frozen")
    return np.asarray(zero_shot_margins(films, texts, study.manifest.prompts, (finding,))[:, 0])


def similarity_to(study: Study, text: str) -> FloatArray:
    """(n,) float32 cosine, -1..1, of every film to a typed prompt. Raises as `try_prompts`."""
    with _lock:
        vector = study_model(study).encode_texts([text])[0]
    return cosine_to(study.image_embeddings("frozen"), vector)


def figures_of(study: Study, finding: str, scores: FloatArray, split: str) -> ScoreFigures:
    """What margins (n,) of all films are worth on a split."""
    index, rows, val = study.classes.index(finding), study.rows(split), study.rows("val")
    labels = study.labels[:, index]
    counts = ThresholdCounts.from_scores(finding, labels[val], scores[val])
    threshold = policy_named("max-f1").fit(counts) if len(val) else None
    at_zero = _decided(labels[rows], scores[rows], 0.0)
    return ScoreFigures(
        roc_auc(labels[rows], scores[rows]),
        average_precision(labels[rows], scores[rows]),
        at_zero.n_positive,
        at_zero.n_read,
        at_zero,
        math.nan if threshold is None else threshold,
        None if threshold is None else _decided(labels[rows], scores[rows], threshold),
    )


def prompt_notes(model: ClipModel, texts: Sequence[str]) -> tuple[str, ...]:
    """Words that the model does not know, and prompts of which it reads the beginning only."""
    tokenizer = getattr(model.tokens.tokenizer, "tokenizer", None)
    if tokenizer is None or getattr(tokenizer, "unk_token", None) is None:
        return ()
    unknown = [word for word in _words(texts) if tokenizer.unk_token in tokenizer.tokenize(word)]
    long = [text for text in texts if len(tokenizer.tokenize(text)) + 2 > model.context_length]
    notes = [f"The model does not know {', '.join(repr(word) for word in unknown)}."] if unknown else []
    notes += [f"Of {text[:40]!r}… the model reads {model.context_length} tokens only." for text in long]
    return tuple(notes)


def study_model(study: Study) -> ClipModel:
    """The study's model, loaded once and shared. ModelError where it is absent or another than the study's."""
    from core.models.load import load_clip

    folder = _folder(study)
    with _lock:
        if folder not in _models:
            expected = (study.manifest.model or {}).get("sha256")
            if expected and weights_sha256(folder) != expected:
                message = f"{folder}: these weights are not those that the study {study.name} was made with."
                raise ModelError(message, remedy="Put the model's original weights there, or build the study again.")
            _models[folder] = load_clip(folder)
        _models.move_to_end(folder)
        while len(_models) > _KEPT:
            _models.popitem(last=False)
        return _models[folder]


def _folder(study: Study) -> Path:
    """Where the study's model is on this computer; the network is not asked."""
    model = study.manifest.model
    if not model or not model.get("source"):
        raise ModelError(
            f"The study {study.name} does not say which model it is of.",
            remedy="Typed prompts need the model: build the study with `python -m core build DATASET MODEL --out DIR`.",
        )
    source = str(model["source"])
    known = known_model(source)
    address = known.source if known is not None else source
    if address.startswith(HUB_PREFIX) and cached_file(address.removeprefix(HUB_PREFIX), CONFIG) is None:
        remedy = known.remedy if known is not None else f"Run `hf download {address.removeprefix(HUB_PREFIX)}`."
        raise ModelError(f"The study's model {source} is not on this computer.", remedy=remedy)
    return resolve(source)


def _decided(labels: FloatArray, scores: FloatArray, threshold: float) -> Confusion:
    return confusions(labels[:, None], (scores >= threshold)[:, None])[0]


def _words(texts: Sequence[str]) -> list[str]:
    """The words of all prompts, once each, in order."""
    return list(dict.fromkeys(word.strip(".,;:!?()\"'") for text in texts for word in text.split()))
