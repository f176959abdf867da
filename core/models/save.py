"""Write a CLIP model in the layout that the hub and open_clip's `local-dir:` use."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import torch
from safetensors.torch import save_file

from core.errors import ModelError
from core.files import written
from core.models import architectures as architectures  # registers the project's own image towers
from core.models.loaders.open_clip_folder import CONFIG, WEIGHTS
from core.models.torchvision_guard import open_clip

_SPECIAL_TOKENS = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]"}
_SPECIAL_TOKENS |= {"sep_token": "[SEP]", "mask_token": "[MASK]"}


def build_clip(model_cfg: Mapping[str, Any], text_config: Mapping[str, Any] | None = None) -> torch.nn.Module:
    """Build a model of the given architecture with random weights (seed torch before), without a network.

    model_cfg : open_clip's model_cfg (embed_dim, vision_cfg, text_cfg).
    text_config : config.json of the Hugging Face text tower; None where text_cfg names none.
    """
    towers = json.loads(json.dumps(dict(model_cfg)))
    towers.pop("custom_text", None)
    with TemporaryDirectory(prefix="text-tower-") as scratch:
        if text_config is not None:
            Path(scratch, "config.json").write_text(json.dumps(dict(text_config)), encoding="utf-8")
            towers["text_cfg"] |= {"hf_model_name": scratch, "hf_model_pretrained": False}
        model = open_clip.CustomTextCLIP(**towers)
    assert isinstance(model, torch.nn.Module)
    return model


def save_clip_folder(
    folder: Path,
    model: torch.nn.Module,
    tokenizer_files: Mapping[str, bytes],
    model_cfg: Mapping[str, Any],
    preprocess_cfg: Mapping[str, Any],
    precision: Literal["fp32", "fp16"] = "fp32",
    *,
    text_config: Mapping[str, Any] | None = None,
) -> Path:
    """Write a model so that `load_clip(folder)` loads it without a network; weights are written last.

    tokenizer_files : file name -> bytes, see `wordpiece_tokenizer_files`.
    precision : of the stored weights; fp16 halves the file, loading gives fp32 again.
    text_config : config.json of the Hugging Face text tower, written beside the weights.
    Raises ModelError where a weight is not finite in `precision`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tokenizer_files.items():
        (folder / name).write_bytes(content)
    if text_config is not None:
        (folder / "config.json").write_bytes(_json(text_config))
    (folder / CONFIG).write_bytes(_json({"model_cfg": dict(model_cfg), "preprocess_cfg": dict(preprocess_cfg)}))
    with written(folder / WEIGHTS[0]) as scratch:
        save_file(_stored(model, precision), scratch, metadata={"format": "pt"})
        scratch.chmod(0o644)  # safetensors writes for the owner alone
    return folder


def wordpiece_tokenizer_files(vocabulary: Sequence[str], context_length: int) -> dict[str, bytes]:
    """Make the files of a lower-casing BERT tokenizer, by name: vocab.txt, tokenizer.json and their settings.

    vocabulary : distinct tokens, line number = id; the first five are [PAD], [UNK], [CLS], [SEP], [MASK].
    Raises ModelError where they are not.
    """
    special = list(_SPECIAL_TOKENS.values())
    if list(vocabulary[:5]) != special or len(set(vocabulary)) != len(vocabulary):
        raise ModelError(
            f"The vocabulary ({len(vocabulary):,} tokens) repeats one or does not begin with {' '.join(special)}.",
            remedy="Put the five special tokens first, in that order, and every token once.",
        )
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": context_length}
    return {
        "vocab.txt": ("\n".join(vocabulary) + "\n").encode(),
        "tokenizer.json": _fast_tokenizer(vocabulary),
        "tokenizer_config.json": _json(settings | _SPECIAL_TOKENS),
        "special_tokens_map.json": _json(_SPECIAL_TOKENS),
    }


def _fast_tokenizer(vocabulary: Sequence[str]) -> bytes:
    from transformers import BertTokenizer

    tokenizer = BertTokenizer(vocab={token: index for index, token in enumerate(vocabulary)}, do_lower_case=True)
    text: str = tokenizer.backend_tokenizer.to_str(pretty=True)
    return text.encode() + b"\n"


def _stored(model: torch.nn.Module, precision: Literal["fp32", "fp16"]) -> dict[str, torch.Tensor]:
    dtype = torch.float16 if precision == "fp16" else torch.float32
    stored = {}
    for key, value in model.state_dict().items():
        stored[key] = value.detach().cpu().to(dtype if value.is_floating_point() else value.dtype).contiguous()
        if not bool(torch.isfinite(stored[key]).all()):
            raise ModelError(f"The weight {key} is not finite in {precision}.", remedy="Train again, or store fp32.")
    return stored


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
