"""The chosen film's labels, scores and nearest films: the panel once, and with a click only what is the film's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from core.errors import CoreError
from core.metrics.arrays import FloatArray
from core.settings.titles import encoder_title, setting_title
from core.space.neighbours import FilmNeighbour
from core.study import Study
from core.words import number_words
from pages.embedding_space import cache
from pages.shared import film_view
from pages.shared.components import pack, register

_FOLDER: Final = Path(__file__).resolve().parent
_NEIGHBOURS: Final = 6
_PANEL: Final = register(
    "film_panel",
    _FOLDER / "panel.js",
    html=(_FOLDER / "panel.html").read_text(encoding="utf-8"),
    css=(film_view.TILES_CSS, _FOLDER / "panel.css"),
)


def film_panel(study: Study, encoder: str) -> None:
    """The panel, which shows the film of `about_film` that the map's parcel carries. encoder : in whose space."""
    settings = [setting_title(name) for name in study.settings]
    heading = f"Nearest films in the original space ({encoder_title(encoder).lower()} encoder)"
    content = {**film_view.known(study), "fingerprint": study.fingerprint, "settings": settings, "heading": heading}
    _PANEL(key="film_panel", data={**content, "about_scores": film_view.score_words(study)})


def about_film(study: Study, encoder: str, row: int) -> bytes:
    """One film for the panel, packed: its labels, its scores in words, and the films nearest to it."""
    nearest, problem = _nearest(study, encoder, row)
    return pack(
        {
            "row": row,
            "title": study.image_ids[row],
            "of": study.fingerprint,
            "labels": "".join({1.0: "1", 0.0: "0"}.get(float(value), "?") for value in study.labels[row]),
            "scores": [_in_words(study.scores(name)[row]) for name in study.settings],
            "nearest": nearest,
            "problem": problem,
        }
    )


def _in_words(scores: FloatArray) -> str:
    """A score per class, between spaces: shorter than a list, which every click would send."""
    return " ".join(number_words(float(score)) for score in scores)


def _nearest(study: Study, encoder: str, row: int) -> tuple[list[dict[str, Any]], str]:
    """The nearest films in the original space; none, and why, where they cannot be found."""
    try:
        found = cache.nearest_films(study, encoder, row, _NEIGHBOURS)
    except CoreError as error:
        return [], error.message
    return [film_view.tile(study, film.row, _note(film)) for film in found], ""


def _note(film: FilmNeighbour) -> str:
    whose = "same patient, " if film.same_patient else ""
    return f"{whose}cosine distance {number_words(film.distance)}"
