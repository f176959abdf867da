"""What is looked at when a study is opened, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from core.annotations.annotation import KINDS
from core.errors import StudyError
from core.paths import inside
from core.study import layout
from core.study.arrays import SCORE_DTYPES, open_array, shape_problems
from core.study.folder import AGAIN, climbs, file_problems
from core.study.reading_checks import reading_problems
from core.study.table_checks import column_problems, counted, image_problems, label_problems
from core.study.tables import MASK_COLUMNS
from core.study.value_checks import value_problems

if TYPE_CHECKING:
    from core.study.read import Study


_MAY_CLIMB = r"^$|^/|\\|\.\."
"""Of a path of a film: what makes `climbs` worth asking."""


def _manifest_problems(study: Study) -> Iterator[StudyError]:
    """Names, and parts that the manifest speaks of without listing their files."""
    where = str(study.root)
    needed = [layout.IMAGES, layout.LABELS]
    if study.manifest.images_root is not None and not Path(study.manifest.images_root).is_absolute():
        yield StudyError(f"{where}: images_root {study.manifest.images_root!r} is no absolute path.", remedy=AGAIN)
    for setting, entry in study.manifest.settings.items():
        layout.check_name(setting, "a setting", where)
        needed.append(layout.scores_part(setting))
        if entry.encoder is not None and entry.encoder not in study.encoders:
            yield StudyError(
                f"{where}: {setting} names the encoder {entry.encoder!r}, which is not there.", remedy=AGAIN
            )
    for encoder in study.encoders:
        layout.check_name(encoder, "an encoder", where)
        needed.append(layout.image_embeddings_part(encoder))
    for part in needed:
        if part not in study.manifest.files:
            yield StudyError(f"{where}: the manifest lists no {part}, which the study needs.", remedy=AGAIN)


def _table_problems(study: Study) -> Iterator[StudyError]:
    """Films, labels, and what the labels were made of."""
    yield from image_problems(study.root / layout.IMAGES, study.images_table)
    path, ids = study.root / layout.LABELS, study.images_table["image_id"]
    wrong = list(label_problems(path, study.labels_table, study.classes, ids))
    yield from wrong or reading_problems(study)


def _film_problems(study: Study) -> Iterator[StudyError]:
    """Film paths that leave their folder, are no films, or are not among the study's files."""
    path, elsewhere = study.root / layout.IMAGES, study.manifest.images_root is not None
    files = study.images["file"].dropna()
    is_strange = files.str.contains(_MAY_CLIMB) | ~files.str.lower().str.endswith(layout.FILM_SUFFIXES)
    if not elsewhere:
        is_strange |= ~files.isin(list(study.manifest.files))
    for relative in files[is_strange].tolist():
        if climbs(relative):
            inside(study.root, relative)
        if not relative.lower().endswith(layout.FILM_SUFFIXES):
            yield StudyError(f"{path}: {relative!r} is not a PNG or JPEG.", remedy=AGAIN)
        if not elsewhere and relative not in study.manifest.files:
            yield StudyError(f"{path}: the film {relative!r} is not in the manifest.", remedy=AGAIN)


def _mask_problems(study: Study) -> Iterator[StudyError]:
    """Annotations without a film of the study, of no known kind, or drawn on another size of the film."""
    table, path = study.masks_table, study.root / layout.MASKS
    if table is None:
        return
    wrong_columns = list(column_problems(path, table, MASK_COLUMNS))
    if wrong_columns:
        yield from wrong_columns
        return
    kinds = sorted(set(table.column("kind").to_pylist()) - set(KINDS), key=str)
    if kinds:
        yield StudyError(f"{path}: kind {kinds[0]!r} is none of {', '.join(KINDS)}.", remedy=AGAIN)
    drawn = table.select(["image_id", "height_px", "width_px"]).to_pylist()
    size_columns = study.images_table.select(["image_id", "height_px", "width_px"])
    films = size_columns.filter(pc.is_in(size_columns["image_id"], table["image_id"])).to_pylist()
    sizes = {film["image_id"]: (film["height_px"], film["width_px"]) for film in films}
    strange = sorted({str(row["image_id"]) for row in drawn if row["image_id"] not in sizes})
    if strange:
        yield StudyError(f"{path}: {counted(strange, 'image', 'images')} not in images.parquet.", remedy=AGAIN)
    for row in drawn:
        size = (row["height_px"], row["width_px"])
        if sizes.get(row["image_id"], size) != size:
            message = f"{path}: a mask of {row['image_id']!r} is for {size[0]} x {size[1]} pixels; the film is not."
            yield StudyError(message, remedy=AGAIN)


def _score_problems(study: Study) -> Iterator[StudyError]:
    """Scores of the wrong shape, not finite, or outside of what their kind allows."""
    shape = (len(study.image_ids), len(study.classes))
    for setting in study.settings:
        part = layout.scores_part(setting)
        if not study.has(part):
            continue
        path, dtype = study.root / part, study.manifest.files[part].dtype
        scores = open_array(path)
        wrong_shape = list(shape_problems(path, scores, shape, "films x classes", dtype or "float32", SCORE_DTYPES))
        yield from wrong_shape or _value_problems(study, part)


def _embedding_problems(study: Study) -> Iterator[StudyError]:
    """Embeddings and projections of the wrong shape, not finite, or not of length 1 where they are declared so."""
    n_films, n_prompts = len(study.image_ids), len(study.manifest.prompts)
    for encoder, entry in study.manifest.encoders.items():
        parts = (
            (layout.image_embeddings_part(encoder), (n_films, entry.n_dimensions), "films x dimensions"),
            (layout.text_embeddings_part(encoder), (n_prompts, entry.n_dimensions), "prompts x dimensions"),
            (layout.umap_part(encoder, 2), (n_films, 2), "films x 2"),
            (layout.umap_part(encoder, 3), (n_films, 3), "films x 3"),
        )
        for part, shape, meaning in parts:
            if study.has(part):
                path = study.root / part
                yield from list(shape_problems(path, open_array(path), shape, meaning)) or _value_problems(study, part)


def _small_picture_problems(study: Study) -> Iterator[StudyError]:
    """Small pictures that are not where their list says."""
    parts = (layout.SMALL_PICTURES, layout.SMALL_BEGINS)
    here = [part for part in parts if study.has(part)]
    if not here:
        return
    if len(here) < len(parts):
        yield StudyError(f"{study.root}: {here[0]} is there without {(set(parts) - {*here}).pop()}.", remedy=AGAIN)
        return
    begins, path = open_array(study.root / layout.SMALL_BEGINS), study.root / layout.SMALL_BEGINS
    n_films, n_bytes = len(study.image_ids), study.manifest.files[layout.SMALL_PICTURES].n_bytes
    if begins.dtype != np.int64 or begins.shape != (n_films + 1,):
        message = f"{path}: holds {begins.dtype} of shape {begins.shape}; {n_films + 1} of int64 were expected."
        yield StudyError(message, remedy=AGAIN)
    elif begins[0] != 0 or begins[-1] != n_bytes or (np.diff(begins) < 0).any():
        yield StudyError(f"{path}: does not fit {layout.SMALL_PICTURES}, which has {n_bytes:,} bytes.", remedy=AGAIN)


def _value_problems(study: Study, part: str) -> Iterator[StudyError]:
    """The numbers of a part; those of a large one are looked at when it is used, or by `large_value_problems`."""
    if part not in study.sound.large:
        yield from value_problems(study.root / part, study.manifest, part, study.image_ids)


def large_value_problems(study: Study) -> Iterator[StudyError]:
    """Find what is wrong with the numbers of large parts, which opening leaves for when they are used."""
    for part in study.sound.large:
        yield from value_problems(study.root / part, study.manifest, part, study.image_ids)


def _listed_problems(study: Study) -> Iterator[StudyError]:
    """Files that are missing, of another size, links, or outside of the folder."""
    yield from file_problems(study.root, study.manifest)


def _changed_problems(study: Study) -> Iterator[StudyError]:
    """Parts that are not what was written, but for films and large ones."""
    for part in study.sound.small:
        try:
            study.sound.path(part)
        except StudyError as problem:
            yield problem


CHECKS: tuple[Callable[[Study], Iterator[StudyError]], ...] = (
    _listed_problems,
    _changed_problems,
    _manifest_problems,
    _table_problems,
    _film_problems,
    _mask_problems,
    _score_problems,
    _embedding_problems,
    _small_picture_problems,
)
"""What opening looks at, in order; each may rely on those before it."""

WHOLE_CHECKS: tuple[Callable[[Study], Iterator[StudyError]], ...] = (*CHECKS, large_value_problems)
"""What is looked at in a study that was just written, or is checked."""
