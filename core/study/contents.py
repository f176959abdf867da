"""Everything that goes into a study, before it is on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.annotations.annotation import Annotation
from core.geometry import FloatArray
from core.labels.convention import Convention
from core.labels.readings import Readings
from core.study import layout
from core.study.manifest import EncoderEntry, FileEntry, Manifest, Prompt, SettingEntry
from core.study.tables import IMAGE_COLUMNS


@dataclass(frozen=True, eq=False)
class StudyContents:
    """Everything that goes into a study; fields named as in `Manifest` mean the same.

    images : one row per film, row = row of every array. image_id, patient_id and split are needed; view, height_px,
    width_px and file are null where they are left out; other columns are kept.
    labels : image_id in the same order, then one column per class of {0, 1, missing}.
    readings : what the labels were made of under the convention, by row of `images`; None where they are all there is.
    scores : by setting, (n, C) finite.
    image_embeddings, text_embeddings : by encoder, (n, d) and (n_prompts, d).
    umaps : by encoder, by number of dimensions (2 or 3), (n, 2 or 3). All arrays are stored as float32, but for the
    scores of the settings in `exact`, which are float64.
    extra : other files by POSIX path below the study: bytes, or the path of a file to copy. Films are among them, each
    under the path that `images.file` gives.
    """

    name: str
    classes: tuple[str, ...]
    dataset: Mapping[str, Any]
    images: pd.DataFrame
    labels: pd.DataFrame
    synthetic: bool = False
    model: Mapping[str, Any] | None = None
    settings: Mapping[str, SettingEntry] = field(default_factory=dict)
    scores: Mapping[str, FloatArray] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()
    encoders: Mapping[str, EncoderEntry] = field(default_factory=dict)
    image_embeddings: Mapping[str, FloatArray] = field(default_factory=dict)
    text_embeddings: Mapping[str, FloatArray] = field(default_factory=dict)
    umaps: Mapping[str, Mapping[int, FloatArray]] = field(default_factory=dict)
    prompts: Sequence[Prompt] = ()
    annotations: Sequence[Annotation] = ()
    protocol: Mapping[str, Any] = field(default_factory=dict)
    seeds: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, Any] = field(default_factory=dict)
    software: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    notice: str = ""
    readings: Readings | None = None
    convention: Convention | None = None
    images_root: str | None = None
    extra: Mapping[str, bytes | Path] = field(default_factory=dict)


def arrays_of(contents: StudyContents) -> Iterator[tuple[str, FloatArray]]:
    """Yield every array with the part that it is, in the type that it is stored in."""
    for part, array in _arrays(contents):
        is_exact = part in map(layout.scores_part, contents.exact)
        yield part, np.ascontiguousarray(array, dtype=np.float64 if is_exact else np.float32)


def _arrays(contents: StudyContents) -> Iterator[tuple[str, FloatArray]]:
    for setting, scores in contents.scores.items():
        yield layout.scores_part(setting), scores
    for encoder, embeddings in contents.image_embeddings.items():
        yield layout.image_embeddings_part(encoder), embeddings
    for encoder, embeddings in contents.text_embeddings.items():
        yield layout.text_embeddings_part(encoder), embeddings
    for encoder, projections in contents.umaps.items():
        for n_components, projection in projections.items():
            yield layout.umap_part(encoder, n_components), projection


def images_table(images: pd.DataFrame) -> pa.Table:
    """Lay out the image table: columns of the format first, then the others as they came."""
    others = [name for name in images.columns if name not in IMAGE_COLUMNS]
    columns = {
        name: pa.array(images[name], type=kind, from_pandas=True) if name in images else pa.nulls(len(images), kind)
        for name, kind in IMAGE_COLUMNS.items()
    }
    for name in others:
        column = pa.array(images[name], from_pandas=True)
        columns[name] = column.cast(pa.string()) if pa.types.is_large_string(column.type) else column
    return pa.table(columns)


def label_frame(image_ids: Sequence[str], classes: Sequence[str], labels: FloatArray) -> pd.DataFrame:
    """Lay labels (n, C) of {0, 1, NaN} out as `StudyContents.labels` are."""
    columns = {name: pd.array(labels[:, column], dtype="Float64").astype("Int8") for column, name in enumerate(classes)}
    return pd.DataFrame({"image_id": list(image_ids), **columns})


def labels_table(contents: StudyContents) -> pa.Table:
    labels = contents.labels
    columns = {"image_id": pa.array(labels["image_id"], type=pa.string(), from_pandas=True)}
    for finding in contents.classes:
        columns[finding] = pa.array(labels[finding].astype("Int8"), type=pa.int8(), from_pandas=True)
    return pa.table(columns)


def manifest_of(contents: StudyContents, files: dict[str, FileEntry]) -> Manifest:
    return Manifest(
        name=contents.name,
        classes=tuple(contents.classes),
        dataset=dict(contents.dataset),
        synthetic=contents.synthetic,
        model=None if contents.model is None else dict(contents.model),
        settings=dict(contents.settings),
        encoders=dict(contents.encoders),
        prompts=tuple(contents.prompts),
        protocol=dict(contents.protocol),
        seeds=dict(contents.seeds),
        timings=dict(contents.timings),
        software=dict(contents.software),
        licence=contents.licence,
        notice=contents.notice,
        convention=contents.convention,
        images_root=contents.images_root,
        files=files,
    )
