"""The maps of one film in every setting, and the pictures that the viewer makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from core.errors import CoreError, ModelError, SaliencyError
from core.saliency.methods import IMPORTED, method_of
from core.settings.titles import setting_title
from core.turns import BusyError
from core.words import share_words
from pages.saliency.choices import MapChoice
from pages.saliency.film_viewer.payload import Chip, Panel, Strip, StripItem, ViewedMap

if TYPE_CHECKING:
    from core.saliency.layer_choice import LayerChoice
    from core.saliency.maps import FilmMaps, SaliencyMap
    from core.study import Study

Lines = tuple[tuple[str, str], ...]

_WEAK: Final = 0.05
"""Of the scale's top: below it a map's strongest value can hardly be seen."""


@dataclass(frozen=True)
class Evidence:
    """What is said of a map. lines : below it, as (name, value).  chips : above it, the verdicts."""

    lines: Lines
    chips: tuple[Chip, ...] = ()


@dataclass(frozen=True)
class Found:
    """What there is to see, by setting.

    maps : all classes at the chosen layer.  errors : why others have none.  units : of the scores that maps explain.
    """

    maps: Mapping[str, FilmMaps] = field(default_factory=dict)
    errors: Mapping[str, CoreError] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def alike(self, setting: str) -> tuple[str, ...]:
        """The settings with maps whose scores have the unit of this one's, itself among them."""
        return tuple(
            name for name in self.maps if name == setting or self.units.get(name) == self.units.get(setting, "")
        )

    @property
    def problems(self) -> tuple[CoreError, ...]:
        """What kept maps from being made, each sentence once, but for turns that did not come."""
        return tuple({str(error): error for error in self.errors.values() if not isinstance(error, BusyError)}.values())

    @property
    def busy(self) -> BusyError | None:
        """Why maps are not made now, where too many wait for theirs."""
        return next((error for error in self.errors.values() if isinstance(error, BusyError)), None)


def find(study: Study, compute: Callable[[str], FilmMaps]) -> Found:
    """The maps of every setting, by a function that makes them."""
    maps: dict[str, FilmMaps] = {}
    errors: dict[str, CoreError] = {}
    for setting in study.settings:
        try:
            maps[setting] = compute(setting)
        except (ModelError, SaliencyError, BusyError) as error:
            errors[setting] = error
    return Found(maps, errors, {name: study.manifest.settings[name].score_kind for name in study.settings})


def with_strips(found: Found, make: Callable[[], tuple[Strip, ...]]) -> tuple[Found, tuple[Strip, ...]]:
    """What there is to see, and small pictures by a function that makes them; none, and why, where too many wait."""
    try:
        return found, make()
    except BusyError as busy:
        return replace(found, errors={**found.errors, "small pictures": busy}), ()


def map_panel(
    setting: str, found: Found, look: MapChoice, shape: tuple[int, ...], evidence: Callable[[SaliencyMap], Evidence]
) -> Panel:
    """One setting's map, with what there is to say below it; in words where it is zero or cannot be.

    shape : of the film, (H, W).
    """
    maps = found.maps[setting]
    box = maps.geometry.box(shape[0], shape[1])
    try:
        saliency = maps.of(look.finding)
    except SaliencyError as error:
        why = f"{error.message} {error.remedy}".replace(setting, setting_title(setting))
        return Panel(setting, setting_title(setting), words=why, seen=box)
    words = (
        f"Nothing on this film raises the score of {look.finding} here: the map is zero." if saliency.is_zero else ""
    )
    top = top_of(saliency, setting, found, look)
    viewed = None if saliency.is_zero else ViewedMap(saliency.values, top)
    said = evidence(saliency)
    elsewhere = (("layer", maps.layers[-1]),) if look.layer and maps.layers[-1] != look.layer else ()
    lines = (*said.lines, *elsewhere, ("strongest value", f"{saliency.raw_maximum:.3g}"))
    is_weak = viewed is not None and saliency.raw_maximum < _WEAK * top
    if is_weak:
        words = f"Too weak to see on this scale ({share_words(saliency.raw_maximum / top)})."
    return Panel(setting, setting_title(setting), lines, viewed, words, seen=box, chips=said.chips, is_weak=is_weak)


def top_of(saliency: SaliencyMap, setting: str, found: Found, look: MapChoice) -> float:
    """The value of the last colour."""
    if look.scale == "setting":
        return found.maps[setting].maximum() or 1.0
    if look.scale == "own":
        return saliency.raw_maximum or 1.0
    among = found.maps if look.scale == "all" else found.alike(setting)
    return max([*(_maximum_of(found.maps[name], look.finding) for name in among), saliency.raw_maximum]) or 1.0


def _maximum_of(maps: FilmMaps, finding: str) -> float:
    try:
        return maps.of(finding).raw_maximum
    except SaliencyError:
        return 0.0


def at_layer(
    look: MapChoice,
    layers: tuple[str, ...] | None,
    choices: Callable[[], Sequence[LayerChoice]],
    compute: Callable[[tuple[str, ...] | None], FilmMaps],
) -> FilmMaps:
    """The maps at the chosen layers of a setting; where every layer is shown below, out of those, at no cost.

    layers : None for the method's own.  choices : the layers of the setting.  compute : its maps at several.
    """
    if layers is not None and len(layers) == 1 and _has_layer_strip(look):
        every = tuple(choice.name for choice in _in_strip(choices()))
        if layers[0] in every:
            return compute(every).only(layers[0])
    return compute(layers)


def _has_layer_strip(look: MapChoice) -> bool:
    method = method_of(look.method)
    return look.strip == "layer" and method.has_layers and not method.is_slow


def _in_strip(choices: Sequence[LayerChoice]) -> list[LayerChoice]:
    return [choice for choice in choices if choice.is_in_strip]


def strips(
    look: MapChoice,
    found: Found,
    shape: tuple[int, ...],
    choices: Callable[[str], Sequence[LayerChoice]],
    compute: Callable[[str, tuple[str, ...]], FilmMaps],
) -> tuple[Strip, ...]:
    """The small pictures that are asked for: one setting's classes, or every setting's layers, a row each; none where
    there are no such maps, or they would take minutes.

    shape : of the film, (H, W).  choices : the layers of a setting.  compute : a setting's maps at several layers.
    Raises BusyError where too many wait for their maps.
    """
    setting = look.strip_setting
    if look.strip == "finding" and setting in found.maps:
        return (class_strip(setting, found, look, shape),)
    if not _has_layer_strip(look):
        return ()
    rows = []
    for name in found.maps:
        try:
            blocks = _in_strip(choices(name))
            maps = compute(name, tuple(choice.name for choice in blocks))
        except BusyError:
            raise
        except CoreError:
            continue
        rows.append(layer_strip(name, maps, blocks, look, shape, found.maps[name].layers[-1]))
    return tuple(rows)


def class_strip(setting: str, found: Found, look: MapChoice, shape: tuple[int, ...]) -> Strip:
    """One setting's maps of every class at the chosen layer."""
    maps = found.maps[setting]
    shared = look.scale != "own"
    words = "on one scale" if shared else "each on its own scale; the number is its strongest value"
    top = maps.maximum() if shared else None
    items = [
        _item(name, name, name == look.finding, partial(maps.of, name), _absent(maps, name), top)
        for name in maps.classes
    ]
    title = f"{setting_title(setting)}: every class, {words}"
    return Strip("finding", title, tuple(items), maps.geometry.box(shape[0], shape[1]))


def layer_strip(
    setting: str, maps: FilmMaps, choices: Sequence[LayerChoice], look: MapChoice, shape: tuple[int, ...], read_at: str
) -> Strip:
    """One class's maps at every block, below the setting's own. read_at : the layer of that one."""
    absent = _absent(maps, look.finding)
    items = [
        _item(choice.name, choice.label, choice.name == read_at, partial(maps.of, look.finding, choice.name), absent)
        for choice in choices
        if choice.name in maps.layers
    ]
    title = "Every block, each on its own scale"
    return Strip("layer", title, tuple(items), maps.geometry.box(shape[0], shape[1]), below=setting)


def _absent(maps: FilmMaps, finding: str) -> str:
    """Why a class has no map where it has none."""
    if maps.method == IMPORTED.name:
        return "not imported"
    return "never trained" if finding in maps.untrained else "no gradient here"


def _item(
    value: str, label: str, is_chosen: bool, make: Callable[[], SaliencyMap], absent: str, top: float | None = None
) -> StripItem:
    try:
        saliency = make()
    except SaliencyError:
        return StripItem(value, label, absent, None, is_chosen)
    viewed = None if saliency.is_zero else ViewedMap(saliency.values, top or saliency.raw_maximum)
    return StripItem(value, label, "zero" if saliency.is_zero else f"{saliency.raw_maximum:.2g}", viewed, is_chosen)
