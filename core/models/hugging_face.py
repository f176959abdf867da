"""Models in a folder as transformers saves them: read without a network, without code of theirs, and told where they
are not whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from core.errors import ModelError
from core.models.loaders.folder_files import COPY_AGAIN, model_errors, refuse_code, safetensors_in
from core.models.preprocess import FilmTransform, film_transform
from core.models.torchvision_guard import open_clip as open_clip  # whose torchvision transformers imports too

CONFIG: Final = "config.json"
_PREPARATIONS: Final = ("preprocessor_config.json", "processor_config.json")
_INTERPOLATIONS: Final = {2: "bilinear", 3: "bicubic"}
"""PIL's numbers of the two that all models here use."""

_TOLERATED: Final = ("position_ids", "mask_token")
"""Endings of weights that a file may hold though the model has no such weight."""


@contextmanager
def quiet() -> Iterator[Any]:
    """Give transformers, which draws no bars and warns of nothing meanwhile: what it warns of is looked at here."""
    import transformers

    logging = transformers.utils.logging
    level, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield transformers
    finally:
        logging.set_verbosity(level)
        if has_bars:
            logging.enable_progress_bar()


def pretrained(folder: Path, kind: Callable[[Any], Any], *, unread: Sequence[str] = ()) -> Any:
    """Load a model of a class of transformers, in fp32, on the CPU, in evaluation mode, gradients off.

    kind : (transformers) -> the class.
    unread : beginnings of the names of weights of parts that are not asked for.
    Raises ModelError where weights are missing, have another shape, or are left over: then the model is not what its
    configuration says.
    """
    refuse_code(folder, CONFIG)
    safetensors_in(folder)
    with model_errors(folder, CONFIG), quiet() as transformers:
        model, found = kind(transformers).from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # which are refused below, by name
        )
    beyond = [
        name
        for name in found["unexpected_keys"]
        if not name.endswith(_TOLERATED) and not name.startswith(tuple(unread))
    ]
    unfit = [str(entry[0]) for entry in found.get("mismatched_keys", ())]
    for names, what in ((found["missing_keys"], "lack"), (unfit, "have in another shape"), (beyond, "hold besides")):
        if names := sorted(map(str, names)):
            raise ModelError(
                f"{folder}: its weights {what} {names[0]} ({len(names):,} such), so the model would be half loaded.",
                remedy=f"Copy the weights that belong to this {CONFIG}, all of them; merge adapters before saving.",
            )
    return model.eval().requires_grad_(False)


@dataclass(frozen=True)
class Preparation:
    """How a family's films are prepared.

    processors : beginnings of the names of its image processors.
    usual_mean : of its channels; None where its models differ. Another one is told.
    """

    processors: tuple[str, ...]
    usual_mean: float | None = None


def prepared(folder: Path, expected: Preparation, image_px: int | None) -> tuple[FilmTransform, tuple[str, ...]]:
    """Read how films are prepared for a model, by transformers' own reading; and what is unusual in it.

    image_px : side of the square that the tower takes; None: as the preparation says.
    Raises ModelError where the folder does not say, says it of another family, or says what cannot be had here.
    """
    processor = _processor(folder)
    if not type(processor).__name__.startswith(expected.processors):
        _refuse_processor(folder, type(processor).__name__, expected.processors)
    with model_errors(folder, CONFIG):
        cfg = _preprocess_cfg(folder, processor)
    if image_px is not None and cfg["size"] != image_px:
        raise ModelError(
            f"{folder}: films are prepared at {cfg['size']} pixels; the image tower takes {image_px}.",
            remedy="Copy the preprocessor_config.json that belongs to these weights.",
        )
    usual = expected.usual_mean
    is_unusual = usual is not None and any(abs(value - usual) > 0.01 for value in cfg["mean"])
    said = f"Films are normalised by the mean {cfg['mean']}; models of this family are trained with {usual}."
    return film_transform(cfg), (said,) if is_unusual else ()


def prepared_by_patches(folder: Path, processors: tuple[str, ...], patch_px: int) -> FilmTransform:
    """Read how films are prepared for a model that takes as many patches as there are: squashed into a square of them.

    Raises ModelError as `prepared`.
    """
    processor = _processor(folder)
    if not type(processor).__name__.startswith(processors):
        _refuse_processor(folder, type(processor).__name__, processors)
    with model_errors(folder, CONFIG):
        side = patch_px * math.isqrt(int(processor.max_num_patches))
        cfg = {**_greys(folder, processor), "size": side, "resize_mode": "squash"}
    return film_transform(cfg)


def _processor(folder: Path) -> Any:
    if not any((folder / name).is_file() for name in _PREPARATIONS):
        raise ModelError(
            f"{folder}: does not say how films are prepared ({_PREPARATIONS[0]} is missing).",
            remedy=f"Copy the model's {_PREPARATIONS[0]}; a wrong mean, crop or size gives wrong embeddings.",
        )
    refuse_code(folder, *_PREPARATIONS)
    with model_errors(folder, _PREPARATIONS[0]), quiet() as transformers:
        return transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True, backend="pil")


def _refuse_processor(folder: Path, found: str, expected: tuple[str, ...]) -> None:
    raise ModelError(
        f"{folder}: films would be prepared by {found}; expected what belongs to {expected[0]} models.",
        remedy="Copy the preprocessor_config.json that belongs to these weights.",
    )


def _preprocess_cfg(folder: Path, processor: Any) -> dict[str, Any]:
    """open_clip's words for what an image processor does."""
    size, crop = _sides(processor.size), _sides(processor.crop_size) if processor.do_center_crop else {}
    found = f"resize {processor.do_resize} to {size}, crop to {crop}"
    if not processor.do_resize or len(set(size.values())) != 1 or len(set(crop.values())) > 1:
        _refuse(folder, found)
    resized = next(iter(size.values()))
    side = next(iter(crop.values()), resized)
    cfg = {**_greys(folder, processor), "size": side}
    if set(size) == {"height", "width"} and side == resized:
        return {**cfg, "resize_mode": "squash"}
    if set(size) != {"shortest_edge"} or not crop or resized < side:
        _refuse(folder, found)
    return {**cfg, "resize_mode": "shortest", "resize_px": resized, "floors": True}


def _greys(folder: Path, processor: Any) -> dict[str, Any]:
    """Mean, spread and interpolation of an image processor."""
    is_scaled = processor.do_rescale and abs(processor.rescale_factor * 255 - 1) < 1e-6
    if not is_scaled or not processor.do_normalize or int(processor.resample) not in _INTERPOLATIONS:
        _refuse(folder, f"greys times {processor.rescale_factor}, interpolation {processor.resample}")
    mean, std = list(processor.image_mean), list(processor.image_std)
    return {"mean": mean, "std": std, "interpolation": _INTERPOLATIONS[int(processor.resample)]}


def _sides(size: Any) -> dict[str, int]:
    """The sides that a size names."""
    given = dict(size).items()
    return {str(name): int(value) for name, value in given if value}


def _refuse(folder: Path, found: str) -> None:
    raise ModelError(
        f"{folder}: prepares films in a way that cannot be had here ({found}); expected a resized square, or a square "
        "cut from the resized film, in greys of 0 to 1.",
        remedy="Import the model's scores and embeddings instead: `python -m core import`.",
    )


def state_of(module: Any, prefix: str = "") -> Mapping[str, torch.Tensor]:
    """Give a module's weights by name, without a beginning."""
    state: dict[str, torch.Tensor] = module.state_dict()
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def square(value: Any, folder: Path, what: str) -> int:
    """Give the side of a square that a configuration says as one number or as two."""
    sides = {int(side) for side in (value if isinstance(value, list | tuple) else [value])}
    if len(sides) != 1:
        raise ModelError(f"{folder / CONFIG}: {what} is {value}; expected a square.", remedy=COPY_AGAIN)
    return sides.pop()
