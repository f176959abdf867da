"""The choices that are open to a claim: a registry of axes, each with the options that a study offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from core.claims.claim import Claim
from core.claims.figures import ClaimFigure, Kind, figure_named
from core.labels.convention import Convention
from core.labels.dial import axes_of, positions_of, words_of
from core.metrics.neighbours import METRICS as DISTANCES
from core.metrics.separation.conventions import CONVENTIONS
from core.prompts.stored import asked_prompts
from core.prompts.styles import STYLES
from core.prompts.told import style_title
from core.saliency.methods import METHODS
from core.settings.titles import setting_title
from core.settings.zero_shot import SETTING as ZERO_SHOT
from core.study import layout
from core.thresholds import POLICIES

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults
    from core.study import Study

N_DEALT_ANEW: Final = 4
"""How often patients of val and test are dealt out anew."""
AS_WRITTEN, STORED, USUAL, PUBLISHED, MACRO = "as written", "stored", "usual", "published", "macro"
STYLE: Final = "style-"
"""What the names of prompts begin with that are of a style of `core.prompts`, each class by its first phrase."""
AT_LEAST: Final = ("1", "5", "20")
"""Positive films that a class needs to count."""
_WITH_CLASSES: Final[tuple[Kind, ...]] = ("classes", "areas", "distances")


@dataclass(frozen=True)
class Option:
    """One option of an axis. words : that can stand after "by" or in a list."""

    name: str
    words: str


@dataclass(frozen=True)
class OpenAxis:
    """An axis with the options that are open."""

    name: str
    title: str
    options: tuple[Option, ...]

    def words(self, option: str) -> str:
        """Say an option."""
        return next((one.words for one in self.options if one.name == option), option)


@dataclass(frozen=True, eq=False)
class Asked:
    """A claim asked of a study, with the table of maps against masks where there is one."""

    study: Study
    claim: Claim
    maps: LocalizationResults | None = None

    @cached_property
    def figures(self) -> tuple[ClaimFigure, ...]:
        """Give the figures that the claim may be about."""
        return tuple(figure_named(name) for name in self.claim.figures)

    def has(self, *kinds: Kind) -> bool:
        """Tell whether any figure is of one of some kinds."""
        return any(figure.kind in kinds for figure in self.figures)

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """List the splits of the study that have films."""
        return tuple(self.study.splits())

    @cached_property
    def axes(self) -> tuple[OpenAxis, ...]:
        """List the axes that have an option which the claim leaves open, in the order of the registry."""
        found = []
        for axis in AXES:
            wanted = self.claim.only.get(axis.name)
            options = tuple(one for one in axis.options(self) if wanted is None or one.name in wanted)
            found += [OpenAxis(axis.name, axis.title, options)] if options else []
        return tuple(found)

    @cached_property
    def first_options(self) -> Mapping[str, str]:
        """Give the first open option of every axis, under which what does not depend on it is counted once."""
        return {axis.name: axis.options[0].name for axis in self.axes}


@dataclass(frozen=True)
class Axis:
    """One choice. options : of a claim asked of a study; () where it is not open to it."""

    name: str
    title: str
    options: Callable[[Asked], tuple[Option, ...]]


def stand_ins(study: Study, setting: str) -> tuple[str, ...]:
    """List the settings that a study holds for one: itself, and those made in another way, called "NAME_..."."""
    return tuple(name for name in study.settings if name == setting or name.startswith(f"{setting}_"))


def _policies(asked: Asked) -> tuple[Option, ...]:
    if not any(figure.is_decided for figure in asked.figures):
        return ()
    return tuple(Option(one.name, one.title) for one in POLICIES if one.promise is None)


def _prompts(asked: Asked) -> tuple[Option, ...]:
    """The stored scores, the paper's bare names, what is there without what is not, and styles that were asked in."""
    study, name = asked.study, ZERO_SHOT.name
    if name not in asked.claim.settings or asked.has("distances", "maps") or name not in study.settings:
        return ()
    encoder = study.manifest.settings[name].encoder
    stored = (Option(STORED, "stored prompts"),)
    parts = () if encoder is None else (layout.image_embeddings_part(encoder), layout.text_embeddings_part(encoder))
    if not parts or not all(map(study.has, parts)):
        return stored
    ways = (("name", Option("names", "bare class names")), ("present", Option("present", "present prompts alone")))
    roles = {role: {one.finding for one in study.manifest.prompts if one.role == role} for role, _ in ways}
    own = tuple(option for role, option in ways if set(study.classes) <= roles[role])
    return (*stored, *own, *(Option(f"{STYLE}{one}", style_title(one)) for one in styles_of(study)))


def styles_of(study: Study) -> tuple[str, ...]:
    """List the styles of prompt that a study keeps answers of for every class."""
    asked = asked_prompts(study)
    found = (
        {}
        if asked is None
        else {style.name: {one.finding for one in asked.wordings if one.style == style.name} for style in STYLES}
    )
    return tuple(name for name, findings in found.items() if set(study.classes) <= findings)


def _as(asked: Asked, place: int) -> tuple[Option, ...]:
    if asked.has("distances", "maps") or place >= len(asked.claim.settings):
        return ()
    found = stand_ins(asked.study, asked.claim.settings[place])
    return tuple(Option(name, setting_title(name)) for name in found) if len(found) > 1 else ()


def positions(study: Study) -> dict[str, Convention | None]:
    """List how labels may be read: by name, the one that the study was written under first (None)."""
    readings, written = study.readings, study.manifest.convention
    if readings is None or written is None:
        return {AS_WRITTEN: None}
    found: dict[str, Convention | None] = {AS_WRITTEN: None}
    for one in positions_of(readings, written):
        if study.under(one).position is not None:
            found[words_of(one, axes_of(readings, one.source or "", written))] = one
    return found


def _labels(asked: Asked) -> tuple[Option, ...]:
    if asked.has("maps"):
        return ()
    return tuple(Option(name, name) for name in positions(asked.study))


def _metrics(asked: Asked) -> tuple[Option, ...]:
    return tuple(Option(one.name, one.title) for one in asked.figures)


def _averages(asked: Asked) -> tuple[Option, ...]:
    if not any(one.is_averaged for one in asked.figures):
        return ()
    words = {MACRO: "mean over classes", "micro": "all classes pooled", "weighted": "classes weighted by positives"}
    return tuple(Option(name, said) for name, said in words.items())


def _undefined(asked: Asked) -> tuple[Option, ...]:
    if not asked.has("classes", "ranking"):
        return ()
    return (Option("left out", "undefined left out"), Option(PUBLISHED, "undefined counted as published"))


def _classes(asked: Asked) -> tuple[Option, ...]:
    if not asked.has(*_WITH_CLASSES):
        return ()
    words = (f"at least {number} positives a class" for number in AT_LEAST[1:])
    return tuple(map(Option, AT_LEAST, ("every class", *words)))


def _splits(asked: Asked) -> tuple[Option, ...]:
    if asked.has("maps"):
        return tuple(Option(name, f"{name} films") for name in (asked.maps.splits if asked.maps else ()))
    given = [name for name in ("test", "val") if name in asked.splits]
    dealt = range(1, N_DEALT_ANEW + 1)
    return (
        *([Option(name, f"{name} films") for name in given] or [Option("all", "all films")]),
        *(Option(f"dealt-{seed}", f"patients dealt out anew, {seed}") for seed in dealt),
    )


def _distances(asked: Asked) -> tuple[Option, ...]:
    return tuple(Option(name, name.capitalize()) for name in DISTANCES) if asked.has("distances") else ()


def _conventions(asked: Asked) -> tuple[Option, ...]:
    if not asked.has("distances"):
        return ()
    return (Option(PUBLISHED, "first positive class alone"), *(Option(one.name, one.title) for one in CONVENTIONS))


def _methods(asked: Asked) -> tuple[Option, ...]:
    here = asked.maps.methods if asked.maps is not None and asked.has("maps") else ()
    return tuple(Option(one.name, one.title) for one in METHODS if one.name in here and not one.is_baseline)


def _layers(asked: Asked) -> tuple[Option, ...]:
    if asked.maps is None or not asked.has("maps"):
        return ()
    table = asked.maps
    every = [name for method in table.methods for name in table.layers(method) if len(table.layers(method)) > 1]
    return (Option(USUAL, "the method's usual layer"), *(Option(name, name) for name in dict.fromkeys(every)))


AXES: Final[tuple[Axis, ...]] = (
    Axis("policy", "Cut rule", _policies),
    Axis("prompts", "Prompts", _prompts),
    Axis("first", "How the first setting was made", lambda asked: _as(asked, 0)),
    Axis("second", "How the second setting was made", lambda asked: _as(asked, 1)),
    Axis("labels", "Labels", _labels),
    Axis("metric", "Figure", _metrics),
    Axis("average", "Average", _averages),
    Axis("undefined", "Undefined figures", _undefined),
    Axis("classes", "Classes", _classes),
    Axis("split", "Films", _splits),
    Axis("distance", "Distance", _distances),
    Axis("convention", "A film of several classes", _conventions),
    Axis("method", "Method of the map", _methods),
    Axis("layer", "Layer of the map", _layers),
)
"""In the order of the matrix of choices. To add one, write its options, its line, and where it is read."""

Choices = Mapping[str, str]
"""By axis, the name of an option."""
