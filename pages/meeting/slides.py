"""A story's views as slides of a deck: what each address shows, read as a new window would read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from core.errors import CoreError
from core.exports.html import Table
from core.exports.story import DeckSlide, classes_table, film_png, settings_table
from core.settings.registry import shown_first
from core.settings.titles import setting_title
from core.story import Slide, Story
from core.study import Study
from core.thresholds import ThresholdSet
from pages.shared import navigation, operating, selection

_SPLITS: Final[Mapping[str, tuple[str, str]]] = {"thresholds": ("read_on", "val")}
"""By page, what a split is called in its address, and the usual one."""
_OF_ALL_SETTINGS: Final = ("overview", "claims")
_FINDINGS: Final[Mapping[str, str]] = {"saliency": "map_of"}


def pictured(study: Study, story: Story, base: str) -> list[DeckSlide]:
    """A slide a view. base : where the app begins."""
    return [_pictured(study, slide, base) for slide in story.slides]


def _pictured(study: Study, slide: Slide, base: str) -> DeckSlide:
    page, _, query = slide.address.partition("?")
    asked = parse_qs(query)
    entry = next((one for one in navigation.PAGES if one.stem == page), navigation.PAGES[0])
    finding = _first(asked, _FINDINGS.get(entry.stem, "finding"))
    film, table, problem = None, None, ""
    name, usual = _SPLITS.get(entry.stem, ("split", "test"))
    split = _first(asked, name) or usual
    try:
        table = _table(study, entry.stem, split, asked)
        film = film_png(study, asked["film"][0]) if "film" in asked else None
    except CoreError as error:
        problem = f"{error.message} {error.remedy}"
    setting = _setting(study, asked)
    facts = [setting_title(setting)] if setting and entry.stem not in _OF_ALL_SETTINGS else []
    facts += [selection.SPLIT_WORDS.get(split, split)] if table else []
    facts += [one for one in (finding, _first(asked, "film")) if one]
    return DeckSlide(entry.title, slide.sentence, f"{base}{slide.address}", tuple(facts), table, finding, film, problem)


def _table(study: Study, page: str, split: str, asked: Mapping[str, Sequence[str]]) -> Table | None:
    """The figures of a view: of all settings, or of the classes of its setting; None where it is about a film."""
    setting = _setting(study, asked)
    if setting is None or "film" in asked or not len(study.rows(split)):
        return None
    sets: dict[str, ThresholdSet] = operating.sets_of_link(study, asked.get("thresholds", []))
    return (
        settings_table(study, split, sets) if page in _OF_ALL_SETTINGS else classes_table(study, split, sets[setting])
    )


def _setting(study: Study, asked: Mapping[str, Sequence[str]]) -> str | None:
    named = _first(asked, "setting")
    if named in study.settings:
        return named
    return shown_first(study.settings) if study.settings else None


def _first(asked: Mapping[str, Sequence[str]], name: str) -> str | None:
    return asked[name][0] if asked.get(name) else None
