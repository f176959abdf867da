"""A CLIP model so small that tests take seconds, in the hub's layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.findings import CLASSES
from core.models.arrays import UInt8Array
from core.models.save import build_clip, save_clip_folder, wordpiece_tokenizer_files

CROP_PX = 64
CONTEXT = 24
N_DIMENSIONS = 24
MEAN = [0.48145466, 0.4578275, 0.40821073]
STD = [0.26862954, 0.26130258, 0.27577711]


def vocabulary() -> list[str]:
    """Special tokens, the words of the class names, and letters and pieces that spell any other word."""
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = sorted({word.lower() for name in CLASSES for word in name.split()})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "-"]
    return special + letters + [f"##{letter}" for letter in letters] + words


def model_cfg() -> dict[str, Any]:
    """timm's 64-wide test ViT pooled by its class token, and a BERT of width 32: BiomedCLIP's parts in small."""
    vision = {"timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear", "image_size": CROP_PX}
    text = {"hf_model_name": "tests/tiny-bert", "hf_tokenizer_name": "tests/tiny-bert", "hf_proj_type": "mlp"}
    pooling = {"hf_pooler_type": "cls_last_hidden_state_pooler", "context_length": CONTEXT}
    return {"embed_dim": N_DIMENSIONS, "vision_cfg": vision, "text_cfg": {**text, **pooling}}


def text_config() -> dict[str, Any]:
    """config.json of the text tower."""
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    limits = {"vocab_size": len(vocabulary()), "max_position_embeddings": CONTEXT, "type_vocab_size": 2}
    return {"architectures": ["BertModel"], "model_type": "bert", "pad_token_id": 0, **sizes, **limits}


def make_tiny_clip(folder: Path, *, seed: int = 0) -> Path:
    """Write a random tiny CLIP model to `folder` and return it; the same seed gives the same weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build_clip(model_cfg(), text_config())
    files = wordpiece_tokenizer_files(vocabulary(), CONTEXT)
    return save_clip_folder(folder, model, files, model_cfg(), {"mean": MEAN, "std": STD}, text_config=text_config())


def random_films(n: int, *, seed: int = 0, height_px: int = 90, width_px: int = 76) -> list[UInt8Array]:
    """Grey films (height_px, width_px) of smooth noise with a bright disc somewhere."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height_px, :width_px]
    films = []
    for _ in range(n):
        centre = rng.uniform(0.2, 0.8, 2) * (height_px, width_px)
        disc = 120 * (np.hypot(rows - centre[0], columns - centre[1]) < 12)
        noise = rng.normal(80, 25, (height_px, width_px))
        films.append(np.clip(noise + disc, 0, 255).astype(np.uint8))
    return films
