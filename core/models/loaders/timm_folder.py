"""An image tower alone, as timm saves it: a folder with config.json and model.safetensors."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import ModelError
from core.models.loaders.base import Facts, Loaded, Loader
from core.models.loaders.folder_files import COPY_AGAIN, config_in, model_errors, safetensors_in

if TYPE_CHECKING:
    import torch

    from core.models.preprocess import FilmTransform

_NAME: Final = "timm"
_CONFIG: Final = "config.json"


def _is_one(folder: Path) -> bool:
    config = config_in(folder, _CONFIG)
    return "architecture" in config and "model_type" not in config


def _load(folder: Path, device: str) -> Loaded:
    from core.models.pooling import pooling_of
    from core.models.rehoused import TwoTowers

    visual, transform = _load_visual(folder, device)
    width = int(visual.trunk.num_features)  # type: ignore[union-attr, arg-type]
    return Loaded(TwoTowers(visual, None), transform, None, width, Facts(_NAME, pooling_of(visual)))


def _load_visual(folder: Path, device: str) -> tuple[torch.nn.Module, FilmTransform]:
    import torch
    from safetensors.torch import load_file

    from core.models.preprocess import film_transform
    from core.models.rehoused import Tower
    from core.models.torchvision_guard import timm

    config = config_in(folder, _CONFIG)
    files = safetensors_in(folder)
    if not timm.is_model(str(config["architecture"])):
        message = f"{folder / _CONFIG}: timm has no architecture {config['architecture']!r}."
        raise ModelError(message, remedy="Name one of timm's, as timm.list_models() lists them.")
    with model_errors(folder, _CONFIG):
        preparation = _preparation(folder, config.get("pretrained_cfg") or {})
        transform = film_transform(preparation)
        given = {"num_classes": 0, "global_pool": config.get("global_pool"), **(config.get("model_args") or {})}
        arguments = {name: value for name, value in {**given, "num_classes": 0}.items() if value is not None}
        trunk = timm.create_model(str(config["architecture"]), pretrained=False, **arguments)
        state = {name: value for path in files for name, value in load_file(path).items()}
        trunk.load_state_dict({name: value for name, value in state.items() if not _is_classifier(name, config)})
    visual = Tower(trunk.float(), torch.nn.Identity(), transform.crop_px)
    visual.preprocess_cfg = dict(transform.cfg)
    return visual.to(device).eval().requires_grad_(False), transform


def _is_classifier(name: str, config: dict[str, Any]) -> bool:
    listed = (config.get("pretrained_cfg") or {}).get("classifier") or "head"
    named = (listed,) if isinstance(listed, str) else tuple(listed)
    return any(name.startswith(f"{one}.") for one in named)


def _preparation(folder: Path, said: dict[str, Any]) -> dict[str, Any]:
    """open_clip's words for how timm prepares films. ModelError where the folder does not say, or it cannot be had."""
    size, mode = said.get("input_size"), said.get("crop_mode") or "center"
    if not isinstance(size, list) or len(size) != 3 or size[0] != 3 or not said.get("mean") or not said.get("std"):
        raise ModelError(
            f"{folder / _CONFIG}: pretrained_cfg does not say how films are prepared (input_size, mean, std).",
            remedy=COPY_AGAIN,
        )
    share = float(said.get("crop_pct") or 1.0)
    if mode != "center" and (mode, share) != ("squash", 1.0):
        message = f"{folder / _CONFIG}: crop_mode {mode!r} with crop_pct {share:g} cannot be had here."
        raise ModelError(message, remedy="Import the model's embeddings instead: `python -m core import`.")
    cfg = {"size": size[1:], "mean": list(said["mean"]), "std": list(said["std"])}
    cfg["interpolation"] = said.get("interpolation", "bicubic")
    if mode == "squash":
        return {**cfg, "resize_mode": "squash"}
    return {**cfg, "resize_mode": "shortest", "resize_px": math.floor(size[1] / share)}


LOADER: Final = Loader(
    name=_NAME,
    title="timm",
    config=_CONFIG,
    is_one=_is_one,
    weights=safetensors_in,
    load=_load,
    load_visual=_load_visual,
    downloaded=("*.json", "*.safetensors"),
)
