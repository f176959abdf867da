"""A story as one HTML file that opens offline: a slide a view, with its sentence, its figures and its film."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from core.datasets.films import film_pixels
from core.exports.html import Table, overall_table
from core.exports.rows import setting_rows
from core.figures.class_tables import class_words
from core.metrics.summary import summarise_classes

if TYPE_CHECKING:
    from core.study import Study
    from core.thresholds import ThresholdSet

_TEMPLATE: Final = Path(__file__).with_name("story.html.j2")


@dataclass(frozen=True)
class DeckSlide:
    """One slide. title : of the page.  link : where the view opens, in the app.  facts : what was looked at, in words.

    finding : the class that is marked in the table.  film : a PNG.  problem : what could not be shown, as a sentence.
    """

    title: str
    sentence: str
    link: str
    facts: tuple[str, ...] = ()
    table: Table | None = None
    finding: str | None = None
    film: bytes | None = None
    problem: str = ""

    @property
    def film_address(self) -> str:
        """Give the film as an address that holds it; "" for none."""
        return "" if self.film is None else f"data:image/png;base64,{base64.b64encode(self.film).decode()}"


def story_deck(name: str, slides: Sequence[DeckSlide]) -> str:
    """Write the deck. name : the study's. It loads nothing from anywhere; arrow keys walk it, and it prints."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, trim_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(name=name, slides=slides)


def settings_table(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> Table:
    """Tabulate all settings side by side, on the films of a split under these thresholds."""
    return overall_table(setting_rows(study, split, sets))


def classes_table(study: Study, split: str, chosen: ThresholdSet) -> Table:
    """Tabulate every class of a setting, on the films of a split under these thresholds."""
    rows = study.rows(split)
    labels = study.judged_labels(chosen.setting)[rows]
    scores = np.asarray(study.scores(chosen.setting)[rows], dtype=np.float64)
    figures = summarise_classes(study.classes, labels, scores, chosen.rule().decide(scores), chosen.array())
    heading, cells = class_words(figures)
    return list(heading), [list(row) for row in cells]


def film_png(study: Study, image_id: str) -> bytes:
    """Write a film as a PNG. Raises CoreError where it is nowhere."""
    buffer = io.BytesIO()
    Image.fromarray(film_pixels(study, image_id)).save(buffer, "PNG")
    return buffer.getvalue()
