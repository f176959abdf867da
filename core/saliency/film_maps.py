"""The maps of all classes of a film, by any method, at any layers, from one forward pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import SaliencyError
from core.models.arrays import Float32Array, Progress, UInt8Array, no_progress
from core.saliency.maps import FilmMaps
from core.saliency.methods import Method, method_of
from core.saliency.tower.layers import TowerLayers, tower_layers
from core.saliency.tower.occluded import masked_scores, occluded_scores
from core.saliency.tower.passes import CopiedScores, LayerReading, read_attention, read_layers
from core.saliency.tower.setting_model import SettingModel
from core.saliency.tower.tape import taped

_GRID = (14, 14)
"""Rows and columns of the maps that need a grid where the image tower has none of its own."""

_Run = tuple[tuple[str, ...], list[Float32Array], list[str | None]]
"""Layers, and for each its maps (C, rows, columns) and what is wrong with them."""


def film_maps(
    model: SettingModel,
    film: UInt8Array,
    *,
    method: str = "grad_cam",
    layers: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> FilmMaps:
    """Compute the maps of all classes on one film.

    film : (H, W) or (H, W, 3), uint8; a map covers what the model sees of it (`FilmMaps.geometry`).
    method : a name out of `core.saliency.methods.METHODS`.
    layers : names out of `layer_choices`, or any other layers with tokens; default the last normalisation before
        attention; of a method that follows blocks, where it usually begins. Methods without layers take none.
    Returns raw values, 0 and above: those of pytorch-grad-cam before it scales each map to its own maximum.
    A layer without a gradient at patch tokens has a problem in words in place of a map.
    Raises SaliencyError where a layer does not exist or has no tokens, or the method does not suit the image tower.
    Safe to call from several threads: calls on one image tower wait for each other.
    """
    return maps_by_method(model, film, [method], layers=layers, progress=progress)[method]


def maps_by_method(
    model: SettingModel,
    film: UInt8Array,
    methods: Sequence[str],
    *,
    layers: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> dict[str, FilmMaps]:
    """Compute the maps of several methods, as `film_maps`; those that read the same things share one forward pass."""
    chosen = [method_of(name) for name in methods]
    tower = tower_layers(model.visual)
    targets = tuple(model.target.describe(name) for name in model.classes)
    found: dict[str, FilmMaps] = {}
    scores: Float32Array | None = None
    for needs, run in _RUNS:
        wanted = [method for method in chosen if method.needs in needs]
        if not wanted:
            continue
        runs, own_scores = run(model, film, wanted, tower, layers, progress)
        scores = own_scores if own_scores is not None else model.scores(film) if scores is None else scores
        scores = model.learnt(np.array(scores))
        for method, (names, values, problems) in zip(wanted, runs, strict=True):
            for layer_values in values:
                model.learnt(layer_values).flags.writeable = False
            found[method.name] = FilmMaps(
                method.name,
                names,
                model.classes,
                tuple(values),
                tuple(problems),
                scores,
                targets,
                model.untrained,
                model.tower.transform.geometry,
            )
    return {name: found[name] for name in methods}


def _from_layers(
    model: SettingModel,
    film: UInt8Array,
    methods: Sequence[Method],
    tower: TowerLayers,
    layers: Sequence[str] | None,
    _: Progress,
) -> tuple[list[_Run], Float32Array]:
    names = tuple(layers) if layers else (tower.default,)
    readings, scores = read_layers(model, film, tower, names, {method.needs for method in methods})
    runs: list[_Run] = []
    for method in methods:
        if method.needs == "activations":
            shared = [method.compute(reading.activations) for reading in readings]
            values = [np.repeat(map_[None], len(model.classes), axis=0) for map_ in shared]
            runs.append((names, values, [None] * len(names)))
        else:
            values = [method.compute(reading.activations, reading.gradients[method.needs]) for reading in readings]
            problems = [
                None if reading.has_gradient else _no_gradient(name)
                for reading, name in zip(readings, names, strict=True)
            ]
            runs.append((names, values, problems))
    return runs, scores


def _no_gradient(name: str) -> str:
    return (
        f"The gradient at the patch tokens of {name} is zero: only the class token is read after this layer, so there "
        "is no map."
    )


def _from_attention(
    model: SettingModel,
    film: UInt8Array,
    methods: Sequence[Method],
    tower: TowerLayers,
    layers: Sequence[str] | None,
    _: Progress,
) -> tuple[list[_Run], Float32Array]:
    names = _blocks_to_begin_at(methods[0], tower, layers)
    with_gradients = any(method.is_class_specific for method in methods)
    attention, gradients, scores = read_attention(model, film, tower, with_gradients=with_gradients)
    shape = (len(tower.names), len(model.classes))
    runs: list[_Run] = []
    assert tower.grid is not None
    for method in methods:
        relevance = method.compute(attention, gradients)[..., tower.n_prefix :]
        grids = np.broadcast_to(relevance, (*shape, relevance.shape[-1])).reshape(*shape, *tower.grid)
        runs.append((names, [np.array(grids[tower.names.index(name)]) for name in names], [None] * len(names)))
    return runs, scores


def _from_blocks(
    model: SettingModel,
    film: UInt8Array,
    methods: Sequence[Method],
    tower: TowerLayers,
    layers: Sequence[str] | None,
    progress: Progress,
) -> tuple[list[_Run], Float32Array]:
    """Methods made for transformers, those of one kind of pass from one pass."""
    chosen = [_blocks_to_begin_at(method, tower, layers) for method in methods]
    runs: list[_Run] = []
    with taped(model, film, tower, by_relevance=methods[0].needs == "relevance") as tape:
        for method, names in zip(methods, chosen, strict=True):
            first = [tower.names.index(name) for name in names]
            found = method.compute(tape, first, progress)[..., tower.n_prefix :]
            assert tower.grid is not None
            runs.append((names, list(found.reshape(*found.shape[:2], *tower.grid)), [None] * len(names)))
        scores = tape.scores.detach().float().cpu().numpy()
    return runs, scores


def unsuited(method: Method, tower: TowerLayers) -> SaliencyError | None:
    """Say why a method cannot be used on an image tower; None where it can."""
    if not method.follows_blocks:
        return None
    why = ""
    if tower.grid is None:
        why = f"{method.title} follows the blocks of a transformer, which this image tower is not."
    elif method.needs_class_token and not tower.is_pooled_by_token:
        why = (
            f"{method.title} follows attention to the class token, and this image tower's scores do not pass through "
            "it: all of its tokens are pooled."
        )
    elif method.needs_class_token and tower.n_prefix < 1:
        why = f"{method.title} follows attention to a class token, which this image tower does not have."
    elif method.needs != "attention" and not tower.has_plain_attention:
        why = f"{method.title} follows attention step by step, and this image tower's is of another kind."
    elif method.needs == "relevance" and not tower.has_plain_pool:
        why = f"{method.title} hands the score back through the attention pool, and this tower's is of another kind."
    return SaliencyError(why, remedy="Choose a method that reads layers, such as Grad-CAM.") if why else None


def _blocks_to_begin_at(method: Method, tower: TowerLayers, layers: Sequence[str] | None) -> tuple[str, ...]:
    if (problem := unsuited(method, tower)) is not None:
        raise problem
    names = tuple(layers) if layers else (tower.names[method.usual_of(len(tower.names))],)
    strange = [name for name in names if name not in tower.names]
    if strange:
        raise SaliencyError(
            f"{method.title} begins at a block, and {strange[0]} is none.",
            remedy=f"Choose one of {tower.names[0]} to {tower.default}.",
        )
    return names


def _from_scores(
    model: SettingModel,
    film: UInt8Array,
    methods: Sequence[Method],
    tower: TowerLayers,
    _: Sequence[str] | None,
    progress: Progress,
) -> tuple[list[_Run], Float32Array]:
    rows, columns = tower.grid or _GRID
    scores = occluded_scores(model, film, rows, columns, progress)
    maps = [method.compute(scores).reshape(len(model.classes), rows, columns) for method in methods]
    return [(("",), [values], [None]) for values in maps], scores[-1]


def _from_masks(
    model: SettingModel,
    film: UInt8Array,
    methods: Sequence[Method],
    tower: TowerLayers,
    _: Sequence[str] | None,
    progress: Progress,
) -> tuple[list[_Run], None]:
    rows, columns = tower.grid or _GRID
    masks, scores = masked_scores(model, film, rows, columns, progress)
    return [(("",), [method.compute(masks, scores)], [None]) for method in methods], None


def _from_tower(
    model: SettingModel,
    film: UInt8Array,
    methods: Sequence[Method],
    tower: TowerLayers,
    layers: Sequence[str] | None,
    progress: Progress,
) -> tuple[list[_Run], Float32Array]:
    """Methods that run the image tower do so on a copy, so that others use the tower meanwhile."""
    names = tuple(layers) if layers else (tower.default,)
    needs = {"mean_gradients"} if any(method.reads_gradients for method in methods) else set[str]()
    readings, scores = read_layers(model, film, tower, names, needs)
    copied = CopiedScores(model, tower)
    pixels = model.tower.transform(film)[None].to(model.tower.device)
    n_classes = copied.n_classes(pixels)
    runs: list[_Run] = []
    for method in methods:
        problems = [_problem(method, name, reading, n_classes) for name, reading in zip(names, readings, strict=True)]
        values = [
            np.zeros((len(model.classes), *reading.activations.shape[:2]), np.float32)
            if problem is not None
            else method.compute(copied.run(pixels, name, reading.activations, progress))
            for name, reading, problem in zip(names, readings, problems, strict=True)
        ]
        runs.append((names, values, problems))
    return runs, scores


def _problem(method: Method, name: str, reading: LayerReading, n_classes: int) -> str | None:
    """Why a method that runs the image tower has no map at a layer."""
    if n_classes < method.fewest_classes:
        return f"{method.title} compares a class with others, and this study has one class only."
    return _no_gradient(name) if method.reads_gradients and not reading.has_gradient else None


def _from_nothing(
    model: SettingModel,
    film: UInt8Array,
    methods: Sequence[Method],
    tower: TowerLayers,
    _: Sequence[str] | None,
    __: Progress,
) -> tuple[list[_Run], None]:
    rows, columns = tower.grid or _GRID
    maps = [method.compute(film, rows, columns, len(model.classes)) for method in methods]
    return [(("",), [values], [None]) for values in maps], None


_RUNS = (
    (("gradients", "mean_gradients", "activations"), _from_layers),
    (("attention",), _from_attention),
    (("blocks",), _from_blocks),
    (("relevance",), _from_blocks),
    (("masks",), _from_masks),
    (("scores",), _from_scores),
    (("tower",), _from_tower),
    (("nothing",), _from_nothing),
)
"""What reads what methods need."""
