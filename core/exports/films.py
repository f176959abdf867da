"""Films and maps for a report: pictures that stand inside it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from core.datasets.films import film_pixels, films_at_hand
from core.errors import CoreError
from core.figures.film_map import map_picture
from core.findings import NO_FINDING
from core.metrics.classification import OUTCOME_TITLES
from core.report.parts import map_encoders
from core.settings.titles import encoder_title
from core.words import count_words, cut_words, threshold_words

if TYPE_CHECKING:
    from core.metrics.arrays import IntArray
    from core.study import Study
    from core.thresholds.sets import ThresholdSet

_SIDE: Final = 280
_OUTCOMES: Final = ((1, 1, "TP"), (1, 0, "FN"), (0, 1, "FP"), (0, 0, "TN"))
"""Labelled, called, and what that is."""


@dataclass(frozen=True)
class ReportPicture:
    """A picture with what stands above and below it. source : the picture itself, as an address."""

    title: str
    words: str
    source: str


def outcome_films(study: Study, split: str, chosen: ThresholdSet) -> tuple[ReportPicture, ...]:
    """Draw a film that is found, one missed, a false alarm and one rightly silent, of the most frequent finding.

    Each is the one in the middle by its score among those of its kind that can be looked at, so that nobody picked it;
    a kind without such a film is left out, and all are where decisions are not made by a threshold.
    """
    rows, column = study.rows(split), commonest(study)
    if chosen.is_film_wise or column is None or not rows.size:
        return ()
    finding = study.classes[column]
    scores = study.scores(chosen.setting)[rows]
    called, labels = chosen.decided(scores)[:, column], study.labels[rows, column]
    there = films_at_hand(study)
    seen = np.array([study.image_ids[row] in there for row in rows])
    found = []
    for label, decision, outcome in _OUTCOMES:
        places = np.flatnonzero(seen & (labels == label) & (called == decision))
        if not places.size:
            continue
        middle = places[np.argsort(scores[places, column], kind="stable")[places.size // 2]]
        number = int(((labels == label) & (called == decision)).sum())
        cut = cut_words(chosen.values.get(finding))
        words = f"score {threshold_words(float(scores[middle, column]))}, threshold {cut}; one of {count_words(number)}"
        picture = _film(study, study.image_ids[int(rows[middle])])
        if picture is not None:
            title = f"{OUTCOME_TITLES[outcome]}: {finding}"
            found.append(ReportPicture(title, f"{study.image_ids[int(rows[middle])]}, {words}", picture))
    return tuple(found)


def maps_of(study: Study, split: str) -> tuple[ReportPicture, ...]:
    """Draw the stored map of every encoder, the films of the split with the most frequent finding marked."""
    column, rows = commonest(study), study.rows(split)
    if column is None or not rows.size:
        return ()
    finding, labels = study.classes[column], study.labels[rows, column]
    words = (
        f"Orange squares: {count_words(int((labels == 1).sum()))} films with {finding}, of {count_words(rows.size)}; "
        "rings: not labelled. Distances and sizes of clusters on a map mean nothing."
    )
    return tuple(
        ReportPicture(f"Map of the films, {encoder_title(name)}", words, _png(_map(study, name, rows, column)))
        for name in map_encoders(study)
    )


def commonest(study: Study) -> int | None:
    """Give the column of the finding with the most positive films; None where no film has any."""
    counts = (study.labels == 1).sum(axis=0)
    counts[[name == NO_FINDING for name in study.classes]] = 0
    return int(np.argmax(counts)) if counts.any() else None


def _map(study: Study, encoder: str, rows: IntArray, column: int) -> Image.Image:
    return map_picture(np.asarray(study.umap(encoder))[rows, :2], study.labels[rows, column])


def _film(study: Study, image_id: str) -> str | None:
    """A film as an address; None where its file cannot be read."""
    try:
        picture = Image.fromarray(film_pixels(study, image_id))
    except CoreError:
        return None
    picture.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return _address(picture, "JPEG")


def _png(picture: Image.Image) -> str:
    return _address(picture, "PNG")


def _address(picture: Image.Image, kind: str) -> str:
    content = io.BytesIO()
    picture.save(content, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(content.getvalue()).decode()}"
