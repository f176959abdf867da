"""CLIP as OpenAI's code saves its weights, a state dict in a .pt file: so CheXzero publishes its checkpoints.

Such a file says nothing of how films are prepared; `preprocess.json` beside it does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import ModelError
from core.models.loaders.base import Facts, Loaded, Loader
from core.models.loaders.folder_files import COPY_AGAIN, config_in, model_errors

if TYPE_CHECKING:
    import torch

    from core.models.preprocess import FilmTransform

_NAME: Final = "openai_state"
_CONFIG: Final = "preprocess.json"
_LIKE: Final[Mapping[str, Mapping[str, Any]]] = {
    "openai": {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "resize_mode": "shortest",
    },
    "chexzero": {
        "mean": [101.48761 / 255] * 3,
        "std": [83.43944 / 255] * 3,
        "resize_mode": "longest",
    },
}
"""How the two publishers prepare films. CheXzero (Tiu et al. 2022) pads films with black; it makes them 320 pixels wide
before 224, which is one step here."""

_SIZES: Final = ("input_resolution", "context_length", "vocab_size")
"""What else OpenAI's files hold, as tensors of one number."""

_REMEDY: Final = (
    f'Write {_CONFIG} beside it: {{"like": "chexzero"}}, {{"like": "openai"}}, or open_clip\'s own words '
    "(mean, std, resize_mode, interpolation)."
)


def _is_one(folder: Path) -> bool:
    return len(_files(folder)) == 1 and not (folder / "config.json").is_file()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".pt", ".pth"))


def _weights(folder: Path) -> tuple[Path, ...]:
    return tuple(_files(folder))


def _load(folder: Path, device: str) -> Loaded:
    from core.models.pooling import pooling_of
    from core.models.tokens import Tokens, require_apart
    from core.models.torchvision_guard import open_clip

    model, transform = _model(folder)
    length = int(model.context_length)
    tokens = Tokens(open_clip.SimpleTokenizer(context_length=length), length, None, int(model.vocab_size))
    with model_errors(folder, _CONFIG):
        require_apart(folder, tokens, model.encode_text, COPY_AGAIN)
    scale = math.exp(float(model.logit_scale))
    facts = Facts(_NAME, pooling_of(model.visual), "softmax", scale, None, length)
    return Loaded(model.to(device), transform, tokens, int(model.text_projection.shape[1]), facts)


def _load_visual(folder: Path, device: str) -> tuple[torch.nn.Module, FilmTransform]:
    model, transform = _model(folder)
    visual: torch.nn.Module = model.visual.to(device)
    return visual, transform


def _model(folder: Path) -> tuple[Any, FilmTransform]:
    """The model in fp32, on the CPU, in evaluation mode, gradients off."""
    import torch

    from core.models.preprocess import film_transform
    from core.models.torchvision_guard import open_clip

    path = _files(folder)[0]
    state = _tensors(path)
    said = _preparation(folder)
    with model_errors(folder, path.name):
        made = open_clip.model.build_model_from_openai_state_dict(dict(state), cast_dtype=torch.float32)
        model = made.float().eval().requires_grad_(False)
        model.load_state_dict({name: value for name, value in state.items() if name not in _SIZES})  # fp16 till now
    if model.visual.image_size[0] != model.visual.image_size[1]:
        raise ModelError(f"{path}: its films are not square.", remedy="Use a model of square films.")
    transform = film_transform({**said, "size": int(model.visual.image_size[0])})
    open_clip.model.set_model_preprocess_cfg(model, dict(transform.cfg))
    return model, transform


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    """The weights in a file, which may hold nothing but tensors by name: nothing in it is run."""
    import torch

    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # pickle's own, and what torch makes of zip files, archives of code and damage
        raise ModelError(
            f"{path}: cannot be read as weights alone ({type(error).__name__}); it is damaged, or holds code.",
            remedy="Save it again where you trust it: torch.save(model.state_dict(), FILE).",
        ) from error
    strange = ["the whole"] if not isinstance(found, dict) else [
        str(name) for name, value in found.items() if not (isinstance(name, str) and isinstance(value, torch.Tensor))
    ]  # fmt: skip
    if strange or not found:
        raise ModelError(
            f"{path}: holds other things than weights ({strange[0] if strange else 'nothing'}).",
            remedy="Save its weights alone: torch.save(model.state_dict(), FILE).",
        )
    weights: dict[str, torch.Tensor] = found
    return weights


def _preparation(folder: Path) -> dict[str, Any]:
    said = config_in(folder, _CONFIG)
    if not said:
        message = f"{folder}: a state dict does not say how films are prepared ({_CONFIG} is missing)."
        raise ModelError(message, remedy=_REMEDY)
    if "like" not in said:
        if missing := [name for name in ("mean", "std", "resize_mode") if name not in said]:
            raise ModelError(f"{folder / _CONFIG}: {missing[0]} is missing.", remedy=_REMEDY)
        return said
    if said["like"] not in _LIKE:
        message = f"{folder / _CONFIG}: 'like' is {said['like']!r}; expected one of {', '.join(_LIKE)}."
        raise ModelError(message, remedy=_REMEDY)
    return {"interpolation": "bicubic", **_LIKE[said["like"]]}


LOADER: Final = Loader(
    name=_NAME,
    title="OpenAI's state dicts, such as CheXzero's",
    config=_CONFIG,
    is_one=_is_one,
    weights=_weights,
    load=_load,
    load_visual=_load_visual,
)
