"""BiomedCLIP's architecture at full size, with random weights and a vocabulary of its own, as its users have it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import torch

from core.models.registry import known_text_config
from core.models.save import build_clip, save_clip_folder, wordpiece_tokenizer_files
from tests.models.tiny import MEAN, STD, vocabulary

REPOSITORY = "microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224"
TEXT_TOWER = "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract"
N_TOKENS = 30522


def model_cfg() -> dict[str, Any]:
    """The model_cfg of BiomedCLIP's open_clip_config.json."""
    vision = {"timm_model_name": "vit_base_patch16_224", "timm_model_pretrained": False, "timm_pool": ""}
    text = {"hf_model_name": TEXT_TOWER, "hf_tokenizer_name": TEXT_TOWER, "hf_proj_type": "mlp"}
    return {
        "embed_dim": 512,
        "vision_cfg": {**vision, "timm_proj": "linear", "image_size": 224},
        "text_cfg": {**text, "hf_pooler_type": "cls_last_hidden_state_pooler", "context_length": 256},
    }


def full_vocabulary() -> list[str]:
    """30,522 tokens: the tiny model's, then made-up words."""
    words = ("".join(letters) for letters in itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=4))
    known = vocabulary()
    unknown = (word for word in words if word not in known)
    return known + list(itertools.islice(unknown, N_TOKENS - len(known)))


def _liven(visual: Any) -> None:
    """Larger weights: freshly initialised, all patches of a film give nearly the same token."""
    with torch.no_grad():
        visual.trunk.pos_embed.mul_(10)
        for name, weight in visual.trunk.blocks.named_parameters():
            weight.mul_(4 if name.endswith("weight") and weight.ndim == 2 else 1)


def make_biomedclip(folder: Path) -> Path:
    """Write the model as the hub has it: configuration, weights, tokenizer, and no config.json of the text tower."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = build_clip(model_cfg(), known_text_config(TEXT_TOWER))
    _liven(model.visual)
    files = wordpiece_tokenizer_files(full_vocabulary(), 256)
    return save_clip_folder(folder, model, files, model_cfg(), {"mean": MEAN, "std": STD})
