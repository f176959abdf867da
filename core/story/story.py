"""A story as a small JSON file, `{"story": [{"address": ..., "sentence": ...}]}`: read, refused, written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from core.errors import CoreError
from core.files import json_in, read_json, write_whole
from core.study.layout import STORY

MOST_SLIDES: Final = 200
LONGEST_SENTENCE: Final = 400
_ADDRESS: Final = re.compile(r"[a-z_]{0,40}(\?[^\s#\\<>\"]{0,20000})?")
"""Below where the app begins: no host, no scheme."""
_REMEDY: Final = 'A story is {"story": [{"address": "thresholds?study=...", "sentence": "..."}]}, as the app writes it.'


class StoryError(CoreError):
    """A story cannot be read, or cannot be kept where it should be."""


@dataclass(frozen=True)
class Slide:
    """One view. address : below where the app begins, "thresholds?study=phantom".  sentence : what to see there."""

    address: str
    sentence: str


@dataclass(frozen=True)
class Story:
    """Slides in the order in which they are shown."""

    slides: tuple[Slide, ...] = ()

    def with_slide(self, address: str, sentence: str) -> Story:
        """Add a view at the end. Raises StoryError where it is none, or where there are as many as may be."""
        if len(self.slides) >= MOST_SLIDES:
            raise StoryError(f"The story holds {MOST_SLIDES} views, as many as one may.", remedy="Begin another.")
        slide = _slide({"address": address, "sentence": sentence}, "The view")
        return replace(self, slides=(*self.slides, slide))

    def without(self, place: int) -> Story:
        """Take away the view of a place, counted from 0; a place that is not there changes nothing."""
        return replace(self, slides=tuple(one for number, one in enumerate(self.slides) if number != place))

    def moved(self, place: int, by: int) -> Story:
        """Let a view and one before (-1) or after it (1) change places; at an end nothing changes."""
        other = place + by
        if not (0 <= place < len(self.slides) and 0 <= other < len(self.slides)):
            return self
        slides = list(self.slides)
        slides[place], slides[other] = slides[other], slides[place]
        return replace(self, slides=tuple(slides))


def story_of(root: Path) -> Story:
    """Read the story that a study's folder holds; an empty one where it holds none. Raises StoryError where it is
    damaged."""
    path = root / STORY
    if not path.exists():
        return Story()
    return _story(read_json(path, remedy=_REMEDY, error=StoryError), str(path))


def read_story(content: str | bytes, name: str) -> Story:
    """Read a story that was taken along. name : the file's, for what is wrong with it. Raises StoryError."""
    try:
        told = json_in(content)
    except (ValueError, RecursionError) as error:
        raise StoryError(f"{name}: is no JSON ({error}).", remedy=_REMEDY) from error
    return _story(told, name)


def story_text(story: Story) -> str:
    """Write a story as JSON."""
    slides = [{"address": one.address, "sentence": one.sentence} for one in story.slides]
    return json.dumps({"story": slides}, indent=2, ensure_ascii=False) + "\n"


def write_story(root: Path, story: Story) -> None:
    """Write a story into a study's folder, in place of the one there; an empty one takes the file away.

    Raises StoryError where the folder may not be written.
    """
    path = root / STORY
    try:
        if story.slides:
            write_whole(path, story_text(story))
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror})."
        raise StoryError(message, remedy="Take the story along as a file, or check permissions.") from error


def _story(told: object, where: str) -> Story:
    slides = told.get("story") if isinstance(told, dict) else None
    if not isinstance(slides, list) or not all(isinstance(one, dict) for one in slides):
        raise StoryError(f"{where}: holds no story.", remedy=_REMEDY)
    if len(slides) > MOST_SLIDES:
        raise StoryError(f"{where}: holds {len(slides):,} views; {MOST_SLIDES} are read.", remedy="Divide it.")
    return Story(tuple(_slide(one, f"{where}: view {place}") for place, one in enumerate(slides, 1)))


def _slide(told: Mapping[str, Any], where: str) -> Slide:
    address, sentence = told.get("address"), told.get("sentence")
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise StoryError(f"{where}: {str(address)[:80]!r} is no address of a page of this app.", remedy=_REMEDY)
    if not isinstance(sentence, str) or len(sentence) > LONGEST_SENTENCE:
        raise StoryError(f"{where}: its sentence is no text of at most {LONGEST_SENTENCE} signs.", remedy=_REMEDY)
    return Slide(address, " ".join(sentence.split()))
