"""The one way in: any open_clip model, by short name, hub id or folder, loaded without a network where it is local."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from core.errors import ModelError
from core.files import read_json
from core.models import architectures as architectures  # registers the project's own image towers
from core.models.clip_model import ClipModel
from core.models.device import Precision
from core.models.preprocess import FilmTransform, film_transform
from core.models.source import CONFIG, resolve, weights_file
from core.models.text_config import local_text_tower
from core.models.tokens import load_tokens, require_tokenizer_files
from core.models.torchvision_guard import open_clip

_COPY_AGAIN = "Copy the model's files again."


def load_clip(source: str | Path, *, device: str = "cpu", precision: Precision = "fp32") -> ClipModel:
    """Load a CLIP model with its tokenizer and its transform.

    source : see `core.models.source.resolve`.
    precision : what films and prompts are encoded in; see `core.models.device.Precision`.
    Raises ModelError where a file is missing or damaged, where weights do not fit the configuration, or where the
    tokenizer is not the model's.
    """
    folder = resolve(source)
    model_cfg = read_model_cfg(folder)
    require_tokenizer_files(folder, model_cfg["text_cfg"])
    with local_text_tower(folder, model_cfg["text_cfg"]) as text_cfg:
        model = _create(folder, device=device, text_cfg=text_cfg)
    model.eval().requires_grad_(False)
    _only_embeddings(model.visual)
    return ClipModel(
        name=model_name(folder),
        folder=folder,
        model=model,
        device=torch.device(device),
        precision=precision,
        transform=_transform(folder, model.visual.preprocess_cfg),
        tokens=load_tokens(folder, model_cfg["text_cfg"], model),
        n_dimensions=int(model_cfg["embed_dim"]),
        logit_scale=math.exp(float(model.logit_scale)),
    )


def load_visual(source: str | Path, *, device: str = "cpu") -> tuple[torch.nn.Module, FilmTransform]:
    """Load the image tower alone, with its transform: no text tower, no tokenizer. Evaluation mode, gradients off.

    Raises ModelError as `load_clip` does.
    """
    folder = resolve(source)
    stub = {"context_length": 1, "vocab_size": 1, "width": 8, "heads": 1, "layers": 1}
    with _model_errors(folder):
        model_cfg = read_model_cfg(folder)
        towers: dict[str, Any] = {**model_cfg, "text_cfg": stub}
        for part in ("custom_text", "multimodal_cfg"):
            towers.pop(part, None)
        _no_download(towers["vision_cfg"])
        visual = open_clip.CustomTextCLIP(**towers).visual
        visual.load_state_dict(_visual_state(folder))
    preprocess_cfg = {"size": visual.image_size}
    with _model_errors(folder):
        preprocess_cfg = open_clip.transform.merge_preprocess_dict(
            open_clip.transform.PreprocessCfg(size=visual.image_size), _read_config(folder).get("preprocess_cfg", {})
        )
    preprocess_cfg["size"] = visual.image_size
    open_clip.model.set_model_preprocess_cfg(visual, preprocess_cfg)
    visual = visual.to(device).eval().requires_grad_(False)
    _only_embeddings(visual)
    return visual, _transform(folder, preprocess_cfg)


def read_model_cfg(folder: Path) -> dict[str, Any]:
    """Read the `model_cfg` of a model's folder. ModelError where it is absent, not JSON, or incomplete."""
    model_cfg = _read_config(folder).get("model_cfg")
    if not isinstance(model_cfg, dict) or not {"embed_dim", "vision_cfg", "text_cfg"} <= model_cfg.keys():
        raise ModelError(
            f"{folder / CONFIG}: model_cfg must hold embed_dim, vision_cfg and text_cfg.",
            remedy=_COPY_AGAIN,
        )
    return model_cfg


def model_name(folder: Path) -> str:
    """Give the name of a model's folder; for a snapshot in the Hugging Face cache the repository's."""
    if folder.parent.name == "snapshots" and folder.parent.parent.name.startswith("models--"):
        return folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return folder.resolve().name


def _read_config(folder: Path) -> dict[str, Any]:
    config = read_json(folder / CONFIG, remedy=_COPY_AGAIN, error=ModelError)
    return config if isinstance(config, dict) else {}


@contextmanager
def _model_errors(folder: Path) -> Iterator[None]:
    """Turns what open_clip, timm, torch and safetensors raise while a model is built into one ModelError."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:300].rstrip(".")
        raise ModelError(
            f"{folder}: the model cannot be loaded ({type(error).__name__}: {said}).",
            remedy=f"Check that {CONFIG} and the weights belong together, or copy the model's files again.",
        ) from error


def _create(folder: Path, *, device: str, text_cfg: dict[str, Any]) -> Any:
    weights_file(folder)
    with _model_errors(folder):
        return open_clip.create_model(
            f"local-dir:{folder}", device=device, text_cfg=text_cfg, pretrained_text=False, require_pretrained=True
        )


def _transform(folder: Path, preprocess_cfg: dict[str, Any]) -> FilmTransform:
    with _model_errors(folder):
        return film_transform(preprocess_cfg)


def _only_embeddings(visual: torch.nn.Module) -> None:
    """CoCa's image tower also gives its caption decoder's tokens, in a tuple; here it gives the embedding alone."""
    if getattr(visual, "output_tokens", False):
        visual.__dict__["output_tokens"] = False


def _no_download(vision_cfg: dict[str, Any]) -> None:
    if "timm_model_name" in vision_cfg:
        vision_cfg["timm_model_pretrained"] = False


def _visual_state(folder: Path) -> dict[str, torch.Tensor]:
    """The image tower's weights out of the model's weights file; only they are read from a safetensors file."""
    path = weights_file(folder)
    prefix = "visual."
    if path.suffix == ".safetensors":
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118  (not a dict)
            return {name.removeprefix(prefix): file.get_tensor(name) for name in names}
    state = open_clip.factory.load_state_dict(str(path), weights_only=True)
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
