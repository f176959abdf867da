"""A film that is not in the study, looked at with the study's models and placed among its films."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import CoreError
from core.own_film.scorer import load_scorer

if TYPE_CHECKING:
    from core.saliency.maps import FilmMaps
    from core.study import Study
    from core.thresholds import ThresholdSet

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class OwnFilm:
    """What the models make of a film.

    scores, decisions : by setting, (C,); a decision is 1, 0, or NaN = no threshold. Both are NaN for a class that the
    setting was never trained on.

    embeddings : by encoder, (d,), as the encoder's model gives them.
    problems : why a setting is not among them.
    """

    scores: Mapping[str, Float32Array]
    decisions: Mapping[str, npt.NDArray[np.float64]]
    embeddings: Mapping[str, Float32Array]
    problems: Mapping[str, CoreError] = field(default_factory=dict)


@dataclass(frozen=True)
class Neighbour:
    """A film of the study and its cosine, -1 to 1, to the film that was looked at."""

    image_id: str
    cosine: float


def look_at(study: Study, film: npt.NDArray[np.uint8], thresholds: Mapping[str, ThresholdSet]) -> OwnFilm:
    """Score a film (H, W), uint8, in every setting whose model is here; one pass a tower.

    Raises StudyError where the study has no setting, the first setting's CoreError where none has its model.
    """
    scorer = load_scorer(study)
    scores, embeddings = scorer.seen([film])
    return OwnFilm(
        {setting: values[0] for setting, values in scores.items()},
        {setting: thresholds[setting].decided(values)[0] for setting, values in scores.items()},
        {study.manifest.settings[name].encoder or "frozen": values[0] for name, values in embeddings.items()},
        scorer.problems,
    )


def own_film_archive(study: Study, film: npt.NDArray[np.uint8], maps: Mapping[str, FilmMaps], scores: str) -> bytes:
    """Pack a ZIP file: film.png, scores.csv, and for each setting its maps/SETTING.npy (C, rows, columns), raw.

    film : (H, W), uint8.
    scores : as CSV. about.txt says how maps were made, and what none of it is for.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("film.png", _png(film))
        archive.writestr("scores.csv", scores)
        for setting, found in maps.items():
            if found.problems[-1] is None:
                archive.writestr(f"maps/{setting}.npy", _npy(found.values[-1]))
        archive.writestr("about.txt", _about(study, film.shape, maps))
    return buffer.getvalue()


def _png(film: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(film).save(buffer, "PNG")
    return buffer.getvalue()


def _npy(values: Float32Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def _how_made(setting: str, found: FilmMaps, shape: tuple[int, ...]) -> str:
    """Method and layer of a setting's maps, and the rectangle of the film that they cover."""
    box = found.geometry.box(shape[0], shape[1])
    made = f"{found.method} {found.layers[-1]}".rstrip()
    return (
        f"{setting}: {made}; the model sees {found.geometry.words}: from column {box.left:.1f} to "
        f"{box.left + box.width:.1f}, from row {box.top:.1f} to {box.top + box.height:.1f}."
    )


def _about(study: Study, shape: tuple[int, ...], maps: Mapping[str, FilmMaps]) -> str:
    made = [_how_made(setting, found, shape) for setting, found in maps.items()]
    return "\n".join(
        [
            f"A film that was looked at with the models of {study.name} (study {study.fingerprint}).",
            "film.png: its pixels as they were shown. No header of the file is in it.",
            "scores.csv: one row per class, score and decision of every setting.",
            f"maps/*.npy: raw values, (class, row, column), over the part of film.png that is named below, in pixels "
            f"of film.png; classes in this order: {', '.join(study.classes)}.",
            *made,
            "Research only, not for clinical use.",
            "",
        ]
    )


def nearest_films(
    study: Study, encoder: str, embedding: Float32Array, n: int = 6, split: str = "all"
) -> tuple[Neighbour, ...]:
    """Find the films of a split most like an embedding (d,), by cosine in the original space, the most alike first."""
    rows = study.rows(split)
    cosines = _cosines(np.asarray(study.image_embeddings(encoder)[rows], dtype=np.float64), embedding)
    best = np.argsort(-cosines, kind="stable")[:n]
    return tuple(Neighbour(study.image_ids[rows[index]], float(cosines[index])) for index in best)


def _cosines(rows: npt.NDArray[np.float64], embedding: Float32Array) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(embedding)
    return np.asarray(rows @ embedding / np.maximum(lengths, 1e-12))
