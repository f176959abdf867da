"""Models with a short name, and the text towers whose configuration their own folder may lack."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True)
class KnownModel:
    """A model that can be asked for by a short name.

    source : what `core.models.source.resolve` takes: `hf-hub:org/name`, or a folder below the project.
    fetched_to : a folder below the project that is looked into first, where `core fetch` puts the model; "" is none.
    remedy : one sentence: how to get it.
    """

    name: str
    title: str
    source: str
    remedy: str
    fetched_to: str = ""


MODELS: Final[tuple[KnownModel, ...]] = (
    KnownModel(
        name="biomedclip",
        title="BiomedCLIP",
        source="hf-hub:microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224",
        remedy="Run `python -m core fetch biomedclip` where there is a network, or name a folder that "
        "holds its open_clip_config.json, open_clip_pytorch_model.bin (or .safetensors) "
        "and tokenizer files instead of the name biomedclip.",
        fetched_to="checkpoints/biomedclip",
    ),
    KnownModel(
        name="phantom-clip",
        title="Phantom CLIP",
        source="checkpoints/phantom-clip",
        remedy="It ships with the project: restore the folder checkpoints/phantom-clip from version control.",
    ),
)


@dataclass(frozen=True)
class KnownTextTower:
    """A text tower whose config.json is not in the folders of the models that use it.

    names : the values of `hf_model_name` that mean it.
    config : its config.json.
    """

    names: tuple[str, ...]
    config: MappingProxyType[str, Any] = field(hash=False)


_BERT_BASE_UNCASED: Final = MappingProxyType(
    {
        "architectures": ["BertForMaskedLM"],
        "model_type": "bert",
        "vocab_size": 30522,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "pad_token_id": 0,
    }
)

TEXT_TOWERS: Final[tuple[KnownTextTower, ...]] = (
    KnownTextTower(
        names=(
            "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
            "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext",
            "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract",
            "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract-fulltext",
            "bert-base-uncased",
            "google-bert/bert-base-uncased",
        ),
        config=_BERT_BASE_UNCASED,
    ),
)
"""All share BERT-base's shape (Devlin et al. 2019; Gu et al. 2021); strict loading confirms it weight by weight."""


def known_model(name: str) -> KnownModel | None:
    """The registered model of that short name (letter case does not matter), or None."""
    return next((model for model in MODELS if model.name == name.lower()), None)


def known_text_config(hf_model_name: str) -> dict[str, Any] | None:
    """The config.json of a known text tower, or None."""
    for tower in TEXT_TOWERS:
        if hf_model_name in tower.names:
            return dict(tower.config)
    return None
