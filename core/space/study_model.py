"""The study's own model, to encode prompts that are typed: found on this computer, checked, loaded once and shared."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import CoreError, ModelError
from core.metrics.arrays import FloatArray
from core.models.arrays import Progress, no_progress
from core.models.hub_cache import HUB_PREFIX
from core.models.registry import known_model
from core.models.source import is_here, require_preprocessing, require_weights, resolve
from core.recent import Recent
from core.space.text import can_compare

if TYPE_CHECKING:
    from core.models.clip_model import ClipModel
    from core.study import Study

_KEPT: Final = 2
"""Models that stay loaded."""
_models: Recent[Path, ClipModel] = Recent(_KEPT)
_lock = threading.RLock()


def why_not(study: Study) -> str | None:
    """Say why prompts cannot be tried on a study, in a sentence or two; None where they can. Loads nothing slow."""
    if not can_compare(study):
        return "This study holds no prompts and films in one space. `python -m core build` makes a study with both."
    try:
        _folder(study)
    except CoreError as error:
        return f"{error.message} {error.remedy}"
    return None


def encode_prompts(study: Study, texts: Sequence[str], progress: Progress = no_progress) -> FloatArray:
    """Encode prompts as (n, d) un-normalised text embeddings by the study's model,
    one caller at a time. Raises as `study_model`.
    """
    with _lock:
        return study_model(study).encode_texts(texts, progress=progress)


def study_model(study: Study) -> ClipModel:
    """Load the study's model, loaded once and shared. ModelError where it is absent or another than the study's."""
    from core.models.device import best_device
    from core.models.load import load_clip

    folder = _folder(study)

    def load() -> ClipModel:
        require_weights(folder, study.manifest.model or {}, study.name)
        return load_clip(folder, device=best_device())

    with _lock:
        model = _models.get_or_load(folder, load)
        require_preprocessing(folder, model.transform.cfg, study.manifest.model or {}, study.name)
        return model


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
    if address.startswith(HUB_PREFIX) and not is_here(address):
        remedy = known.remedy if known is not None else f"Run `hf download {address.removeprefix(HUB_PREFIX)}`."
        raise ModelError(f"The study's model {source} is not on this computer.", remedy=remedy)
    return resolve(source)


def prompt_notes(model: ClipModel, texts: Sequence[str]) -> tuple[str, ...]:
    """Note the words that the model does not know, and prompts of which it reads the beginning only."""
    tokenizer = getattr(model.text_tokens.tokenizer, "tokenizer", None)
    if tokenizer is None or getattr(tokenizer, "unk_token", None) is None:
        return ()
    unknown = [word for word in _words(texts) if tokenizer.unk_token in tokenizer.tokenize(word)]
    long = [text for text in texts if len(tokenizer.tokenize(text)) + 2 > model.context_length]
    notes = [f"The model does not know {', '.join(repr(word) for word in unknown)}."] if unknown else []
    notes += [f"Of {text[:40]!r}… the model reads {model.context_length} tokens only." for text in long]
    return tuple(notes)


def _words(texts: Sequence[str]) -> list[str]:
    """The words of all prompts, once each, in order."""
    return list(dict.fromkeys(word.strip(".,;:!?()\"'") for text in texts for word in text.split()))
