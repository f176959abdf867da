"""Models of open_clip, in the layout of its `local-dir:` and of the hub: BiomedCLIP, and most of what labs train."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import ModelError
from core.files import read_json
from core.models.loaders.base import Facts, Loaded, Loader
from core.models.loaders.folder_files import COPY_AGAIN, model_errors

if TYPE_CHECKING:
    import torch

    from core.models.preprocess import FilmTransform

CONFIG: Final = "open_clip_config.json"
WEIGHTS: Final[tuple[str, ...]] = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
)
"""Names that open_clip gives its weights, safetensors first."""

_NAME: Final = "open_clip"
_NEEDED: Final = ("mean", "std", "resize_mode")


def _is_one(folder: Path) -> bool:
    return (folder / CONFIG).is_file()


def _weights(folder: Path) -> tuple[Path, ...]:
    for name in WEIGHTS:
        if (folder / name).is_file():
            return (folder / name,)
    raise ModelError(
        f"{folder}: there are no weights; expected one of {', '.join(WEIGHTS)}.",
        remedy="Copy the model's weights into the folder, or download the model again.",
    )


def _load(folder: Path, device: str) -> Loaded:
    from core.models.pooling import pooling_of
    from core.models.text_config import local_text_tower
    from core.models.tokens import load_tokens, require_tokenizer_files

    model_cfg = _model_cfg(folder)
    require_tokenizer_files(folder, model_cfg["text_cfg"])
    with local_text_tower(folder, model_cfg["text_cfg"]) as text_cfg:
        model = _create(folder, device=device, text_cfg=text_cfg)
    model.eval().requires_grad_(False)
    _only_embeddings(model.visual)
    tokens = load_tokens(folder, model_cfg["text_cfg"], model)
    bias = getattr(model, "logit_bias", None)
    facts = Facts(
        _NAME,
        pooling_of(model.visual),
        "softmax" if bias is None else "sigmoid",
        math.exp(float(model.logit_scale)),
        None if bias is None else float(bias),
        tokens.context_length,
    )
    transform = _transform(folder, model.visual.preprocess_cfg)
    return Loaded(model, transform, tokens, int(model_cfg["embed_dim"]), facts)


def _load_visual(folder: Path, device: str) -> tuple[torch.nn.Module, FilmTransform]:
    from core.models import architectures as architectures  # registers the project's own image towers
    from core.models.torchvision_guard import open_clip

    stub = {"context_length": 1, "vocab_size": 1, "width": 8, "heads": 1, "layers": 1}
    with model_errors(folder, CONFIG):
        model_cfg = _model_cfg(folder)
        towers: dict[str, Any] = {**model_cfg, "text_cfg": stub}
        for part in ("custom_text", "multimodal_cfg"):
            towers.pop(part, None)
        _no_download(towers["vision_cfg"])
        visual = open_clip.CustomTextCLIP(**towers).visual
        visual.load_state_dict(_visual_state(folder))
        preprocess_cfg = open_clip.transform.merge_preprocess_dict(
            open_clip.transform.PreprocessCfg(size=visual.image_size), _read_config(folder).get("preprocess_cfg", {})
        )
    preprocess_cfg["size"] = visual.image_size
    open_clip.model.set_model_preprocess_cfg(visual, preprocess_cfg)
    visual = visual.to(device).eval().requires_grad_(False)
    _only_embeddings(visual)
    return visual, _transform(folder, preprocess_cfg)


def _model_cfg(folder: Path) -> dict[str, Any]:
    """The `model_cfg` of a model's folder. ModelError where it is absent, not JSON, or incomplete."""
    config = _read_config(folder)
    model_cfg = config.get("model_cfg")
    if not isinstance(model_cfg, dict) or not {"embed_dim", "vision_cfg", "text_cfg"} <= model_cfg.keys():
        raise ModelError(
            f"{folder / CONFIG}: model_cfg must hold embed_dim, vision_cfg and text_cfg.", remedy=COPY_AGAIN
        )
    _require_preparation(folder, model_cfg, config.get("preprocess_cfg"))
    return model_cfg


def _require_preparation(folder: Path, model_cfg: dict[str, Any], said: Any) -> None:
    """ModelError where a SigLIP does not say how films are prepared: open_clip would take OpenAI's mean and crop."""
    vision = model_cfg["vision_cfg"]
    trunk = str(vision.get("timm_model_name", "")) if isinstance(vision, dict) else ""
    missing = [name for name in _NEEDED if not (isinstance(said, dict) and name in said)]
    if missing and ("init_logit_bias" in model_cfg or "siglip" in trunk):
        raise ModelError(
            f"{folder / CONFIG}: a SigLIP, but preprocess_cfg does not say {', '.join(missing)}; open_clip would "
            "take those of OpenAI's CLIP.",
            remedy="Add what the model was trained with; of Google's, mean and std are [0.5, 0.5, 0.5], resize_mode is "
            '"squash".',
        )


def _read_config(folder: Path) -> dict[str, Any]:
    config = read_json(folder / CONFIG, remedy=COPY_AGAIN, error=ModelError)
    return config if isinstance(config, dict) else {}


def _create(folder: Path, *, device: str, text_cfg: dict[str, Any]) -> Any:
    from core.models import architectures as architectures  # registers the project's own image towers
    from core.models.torchvision_guard import open_clip

    _weights(folder)
    with model_errors(folder, CONFIG):
        return open_clip.create_model(
            f"local-dir:{folder}", device=device, text_cfg=text_cfg, pretrained_text=False, require_pretrained=True
        )


def _transform(folder: Path, preprocess_cfg: dict[str, Any]) -> FilmTransform:
    from core.models.preprocess import film_transform

    with model_errors(folder, CONFIG):
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
    from core.models.torchvision_guard import open_clip

    (path,) = _weights(folder)
    prefix = "visual."
    if path.suffix == ".safetensors":
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118  (not a dict)
            return {name.removeprefix(prefix): file.get_tensor(name) for name in names}
    state = open_clip.factory.load_state_dict(str(path), weights_only=True)
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}


LOADER: Final = Loader(
    name=_NAME,
    title="open_clip",
    config=CONFIG,
    is_one=_is_one,
    weights=_weights,
    load=_load,
    load_visual=_load_visual,
)
