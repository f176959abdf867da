"""A tiny model of every family, saved as its own library saves it, and what that library makes of films and prompts."""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from PIL import Image
from safetensors.torch import save_file

from core.findings import CLASSES
from core.models.arrays import UInt8Array
from core.models.torchvision_guard import open_clip, timm
from core.settings.zero_shot import prompts_for
from tests.models.tiny import make_tiny_clip

transformers: Any = importlib.import_module("transformers")
"""Whose classes are looked up when they are asked for; after open_clip, which makes torchvision safe."""

SIDE = 64
CONTEXT = 77
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)] + [*"0123456789.,-'"]
VISION = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4}
TEXT = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
SIGLIP_CONTEXT = 64
Texts = Sequence[str]


@dataclass(frozen=True)
class Family:
    """How a family's tiny model is made, and its library's own embeddings of films (RGB) and of prompts.

    loader : the name of the loader that must know it.
    images : (folder, films) -> (n, d), from files to pixels by the library.
    texts : (folder, prompts) -> (n, d); None without a text tower.
    logits : (folder, films, prompts) -> (n_films, n_prompts), what the library makes of cosines before softmax or
        sigmoid; None where it has no such call.
    """

    name: str
    loader: str
    make: Callable[[Path], Path]
    images: Callable[[Path, Sequence[UInt8Array]], torch.Tensor]
    texts: Callable[[Path, Texts], torch.Tensor] | None = None
    logits: Callable[[Path, Sequence[UInt8Array], Texts], torch.Tensor] | None = None


def shaken(model: torch.nn.Module) -> Any:
    """Weights large enough that films and prompts differ; the same ones every time."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                weight.copy_(torch.randn(weight.shape, generator=generator) * (0.5 if "embed" in name else 0.2))
            elif weight.ndim == 1 and weight.numel() > 1:
                weight.add_(torch.randn(weight.shape, generator=generator) * 0.1)
            elif name.startswith("logit_"):
                weight.fill_(2.0 if name == "logit_scale" else -3.0)
    return model.eval()


def clip_tokenizer(folder: Path) -> None:
    words = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS), "<|startoftext|>", "<|endoftext|>"]
    tokenizer = transformers.CLIPTokenizer(vocab={word: index for index, word in enumerate(words)}, merges=[])
    tokenizer.model_max_length = CONTEXT
    tokenizer.save_pretrained(folder)


def clip(folder: Path, *, shortest_px: int = SIDE, vocab_size: int = 82, **vision: Any) -> Path:
    vocab = len(LETTERS) * 2
    text = {**TEXT, "vocab_size": vocab_size, "max_position_embeddings": CONTEXT}
    text |= {"bos_token_id": vocab, "eos_token_id": vocab + 1, "pad_token_id": vocab + 1}
    towers = {"text_config": text, "vision_config": {**VISION, "image_size": SIDE, "patch_size": 16, **vision}}
    shaken(transformers.CLIPModel(transformers.CLIPConfig(**towers, projection_dim=24))).save_pretrained(folder)
    size = {"shortest_edge": shortest_px}
    transformers.CLIPImageProcessor(size=size, crop_size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    clip_tokenizer(folder)
    return folder


def spiece(folder: Path) -> None:
    """A SentencePiece model of the prompts of a study, and the settings that SigLIP's tokenizers have."""
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([prompt.text.lower() for prompt in prompts_for(CLASSES)]),
        model_writer=made,
        vocab_size=79,
        hard_vocab_limit=False,
        model_type="unigram",
        minloglevel=2,
    )
    (folder / "spiece.model").write_bytes(made.getvalue())
    settings = {"tokenizer_class": "SiglipTokenizer", "model_max_length": SIGLIP_CONTEXT, "do_lower_case": True}
    settings |= {"eos_token": "</s>", "pad_token": "</s>", "unk_token": "<unk>", "model_input_names": ["input_ids"]}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def siglip(folder: Path, *, vocab_size: int = 128) -> Path:
    text = {**TEXT, "hidden_size": 64, "vocab_size": vocab_size, "max_position_embeddings": SIGLIP_CONTEXT}
    vision = {**VISION, "image_size": SIDE, "patch_size": 16}
    made = shaken(transformers.SiglipModel(transformers.SiglipConfig(text_config=text, vision_config=vision)))
    made.save_pretrained(folder)
    transformers.SiglipImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    spiece(folder)
    return folder


def siglip2(folder: Path, *, patches: int = 16) -> Path:
    words = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *LETTERS]
    text = {**TEXT, "hidden_size": 64, "vocab_size": 64, "max_position_embeddings": SIGLIP_CONTEXT}
    vision = {**VISION, "patch_size": 16, "num_patches": 16}
    made = shaken(transformers.Siglip2Model(transformers.Siglip2Config(text_config=text, vision_config=vision)))
    made.save_pretrained(folder)
    transformers.Siglip2ImageProcessor(patch_size=16, max_num_patches=patches).save_pretrained(folder)
    tokenizer = transformers.Siglip2Tokenizer(vocab={word: index for index, word in enumerate(words)}, merges=[])
    tokenizer.padding_side = "right"
    tokenizer.save_pretrained(folder)
    return folder


def openai(folder: Path, *, like: str = "chexzero") -> Path:
    vision = {"image_size": SIDE, "layers": 2, "width": 64, "patch_size": 16}
    text = {"context_length": CONTEXT, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 1}
    torch.manual_seed(0)
    made = open_clip.CLIP(32, vision, text, quick_gelu=True).eval()
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(dict(made.state_dict()), folder / "weights.pt")
    (folder / "preprocess.json").write_text(json.dumps({"like": like}))
    return folder


def dinov2(folder: Path, *, image_px: int = 70, registers: int = 0, gated: bool = False) -> Path:
    shape = {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "image_size": 112, "patch_size": 14}
    kinds = (transformers.Dinov2WithRegistersConfig, transformers.Dinov2WithRegistersModel)
    config, kind = kinds if registers else (transformers.Dinov2Config, transformers.Dinov2Model)
    beyond = {"num_register_tokens": registers} if registers else {}
    shaken(kind(config(**shape, **beyond, use_swiglu_ffn=gated))).save_pretrained(folder)
    crop = {"height": image_px, "width": image_px}
    transformers.BitImageProcessor(size={"shortest_edge": image_px + 6}, crop_size=crop).save_pretrained(folder)
    return folder


def timm_vit(folder: Path, architecture: str = "test_vit") -> Path:
    torch.manual_seed(0)
    made = timm.create_model(architecture, num_classes=5)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in made.state_dict().items()}, folder / "model.safetensors")
    cfg = {"input_size": [3, 160, 160], "crop_pct": 0.95, "interpolation": "bicubic", "crop_mode": "center"}
    cfg |= {"mean": [0.5] * 3, "std": [0.25] * 3, "classifier": made.pretrained_cfg["classifier"]}
    config = {"architecture": architecture, "num_classes": 5, "num_features": made.num_features, "pretrained_cfg": cfg}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _pictures(films: Sequence[UInt8Array]) -> list[Image.Image]:
    return [Image.fromarray(film).convert("RGB") for film in films]


def _hf_images(kind: str) -> Callable[[Path, Sequence[UInt8Array]], torch.Tensor]:
    def images(folder: Path, films: Sequence[UInt8Array]) -> torch.Tensor:
        processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
        inputs = processor(images=_pictures(films), return_tensors="pt")
        loaded = getattr(transformers, kind).from_pretrained(folder)
        with torch.inference_mode():
            found = loaded.get_image_features(**inputs) if hasattr(loaded, "get_image_features") else loaded(**inputs)
        return found.pooler_output

    return images


def _hf_texts(kind: str, context: int) -> Callable[[Path, Texts], torch.Tensor]:
    def texts(folder: Path, prompts: Texts) -> torch.Tensor:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        inputs = tokenizer(
            list(prompts), padding="max_length", max_length=context, truncation=True, return_tensors="pt"
        )
        with torch.inference_mode():
            return getattr(transformers, kind).from_pretrained(folder).get_text_features(inputs.input_ids).pooler_output

    return texts


def _hf_logits(kind: str, context: int) -> Callable[[Path, Sequence[UInt8Array], Texts], torch.Tensor]:
    def logits(folder: Path, films: Sequence[UInt8Array], prompts: Texts) -> torch.Tensor:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
        ids = tokenizer(list(prompts), padding="max_length", max_length=context, return_tensors="pt").input_ids
        inputs = processor(images=_pictures(films), return_tensors="pt")
        with torch.inference_mode():
            return getattr(transformers, kind).from_pretrained(folder)(input_ids=ids, **inputs).logits_per_image

    return logits


def _openai_model(folder: Path) -> Any:
    state = torch.load(folder / "weights.pt", weights_only=True)
    vision = {"image_size": SIDE, "layers": 2, "width": 64, "patch_size": 16}
    text = {"context_length": CONTEXT, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 1}
    made = open_clip.CLIP(32, vision, text, quick_gelu=True).eval()
    made.load_state_dict(state)
    return made


def _openai_images(folder: Path, films: Sequence[UInt8Array]) -> torch.Tensor:
    """Padded with black to a square, then resized, as CheXzero's films are; greys by its numbers of 0 to 255."""
    pixels = []
    for film in films:
        longest = max(film.shape)
        height, width = (round(side * SIDE / longest) for side in film.shape)
        small = np.asarray(Image.fromarray(film).resize((width, height), Image.Resampling.BICUBIC), np.float32)
        square = np.zeros((SIDE, SIDE), np.float32)
        top, left = (SIDE - height) // 2, (SIDE - width) // 2
        square[top : top + height, left : left + width] = small
        pixels.append((square - 101.48761) / 83.43944)
    with torch.inference_mode():
        return _openai_model(folder).encode_image(torch.tensor(np.stack(pixels))[:, None].expand(-1, 3, -1, -1))


def _openai_texts(folder: Path, prompts: Texts) -> torch.Tensor:
    with torch.inference_mode():
        return _openai_model(folder).encode_text(open_clip.tokenize(list(prompts)))


def _timm_images(folder: Path, films: Sequence[UInt8Array]) -> torch.Tensor:
    config = json.loads((folder / "config.json").read_text())
    made = timm.create_model(config["architecture"], num_classes=5, checkpoint_path=str(folder / "model.safetensors"))
    given = timm.data.resolve_data_config(config["pretrained_cfg"])
    transform = timm.data.create_transform(**given, is_training=False)
    pixels = torch.stack([transform(picture) for picture in _pictures(films)])
    with torch.inference_mode():
        return made.eval().forward_head(made.forward_features(pixels), pre_logits=True)


def _open_clip_images(folder: Path, films: Sequence[UInt8Array]) -> torch.Tensor:
    from core.models.load import load_clip

    model = load_clip(folder).model
    cfg = open_clip.transform.PreprocessCfg(**model.visual.preprocess_cfg)  # type: ignore[union-attr, arg-type]
    transform = open_clip.transform.image_transform_v2(cfg, is_train=False)
    with torch.inference_mode():
        return model.encode_image(torch.stack([transform(one) for one in _pictures(films)]))  # type: ignore[operator]


FAMILIES: tuple[Family, ...] = (
    Family("open_clip", "open_clip", make_tiny_clip, _open_clip_images),
    Family(
        "CLIP", "hugging_face_clip", clip, _hf_images("CLIPModel"),
        _hf_texts("CLIPModel", CONTEXT), _hf_logits("CLIPModel", CONTEXT),
    ),
    Family(
        "SigLIP", "hugging_face_siglip", siglip, _hf_images("SiglipModel"),
        _hf_texts("SiglipModel", SIGLIP_CONTEXT), _hf_logits("SiglipModel", SIGLIP_CONTEXT),
    ),
    Family(
        "SigLIP 2", "hugging_face_siglip", siglip2, _hf_images("Siglip2Model"),
        _hf_texts("Siglip2Model", SIGLIP_CONTEXT), _hf_logits("Siglip2Model", SIGLIP_CONTEXT),
    ),
    Family("CheXzero", "openai_state", openai, _openai_images, _openai_texts),
    Family("DINOv2", "dinov2", dinov2, _hf_images("Dinov2Model")),
    Family("timm", "timm", timm_vit, _timm_images),
)  # fmt: skip
