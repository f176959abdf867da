"""What a folder of IU-Xray holds, before its films are there."""

from __future__ import annotations

import numpy as np

from core.datasets.base import FloatArray
from core.datasets.description import Description, count_classes, count_splits
from core.datasets.iu_xray.collection import Collection
from core.datasets.iu_xray.differences import compare_forms
from core.datasets.iu_xray.frontal import frontal_films, split_notes, splits_by_uid
from core.datasets.iu_xray.label_source import LabelSource
from core.errors import DatasetError
from core.findings import CLASSES, PUBLISHED_POSITIVES


def describe_collection(name: str, collection: Collection, split: str, source: LabelSource) -> Description:
    """Counts of all that is listed; splits and classes of frontal films, or of studies where views are unknown."""
    films, views = collection.films, collection.films["view"]
    what = "frontal films" if collection.knows_views else "studies"
    notes = [*collection.notes()]
    counted = films.drop_duplicates("uid") if len(films) else collection.reports.assign(film_id=None)
    splits = None
    if collection.knows_views:
        try:
            counted = frontal_films(collection, split)
            splits = count_splits(counted["split"])
            notes += split_notes(collection, split)
        except DatasetError as error:
            counted = films[views == "Frontal"]
            notes.append(f"{error.message} {error.remedy}")
    try:
        labels = source.rows_of(counted["film_id"].tolist(), counted["uid"].tolist())
        notes += [*source.notes(), *_unread(labels, what)]
    except DatasetError as error:
        labels = None
        notes.append(f"{error.message} {error.remedy}")
    return Description(
        dataset=name,
        n_films=len(films) if len(films) else None,
        n_frontal=int((views == "Frontal").sum()) if collection.knows_views else None,
        n_lateral=int((views == "Lateral").sum()) if collection.knows_views else None,
        n_patients=int(films["uid"].nunique()) if len(films) else len(collection.reports),
        splits=splits,
        per_class=None if labels is None else count_classes(labels, CLASSES),
        missing_files=_missing(collection),
        counts=what,
        notes=tuple(notes),
        details={
            "source": collection.form,
            "split": split,
            "labels": None if labels is None else source.origin,
            **_published(labels, collection),
            **_both_forms(collection),
        },
    )


def _unread(labels: FloatArray, what: str) -> tuple[str, ...]:
    """A sentence on those that nobody read, where there are any; labels (n, 14)."""
    unread = int(np.isnan(labels).all(axis=1).sum())
    return (f"{unread:,} of {len(labels):,} {what} have no label, and count as unlabelled.",) if unread else ()


def _missing(collection: Collection) -> tuple[str, ...] | None:
    """Films without a file; None where nobody says which films there are."""
    ids = collection.films["film_id"]
    return tuple(film for film in ids if film not in collection.layout.films) if len(ids) else None


def _published(labels: FloatArray | None, collection: Collection) -> dict[str, object]:
    """The published positives, to stand beside those here; nothing where films or labels are not known."""
    return {"published_per_class": dict(PUBLISHED_POSITIVES)} if labels is not None and collection.knows_views else {}


def _both_forms(collection: Collection) -> dict[str, object]:
    """Reports, R2Gen's studies, and where XML and tables differ, if both are there."""
    found: dict[str, object] = {"n_reports": len(collection.reports)}
    if collection.studies:
        names = splits_by_uid(collection, "r2gen").values()
        found["r2gen_studies"] = {name: list(names).count(name) for name in dict.fromkeys(names)}
    both = collection.layout.reports_csv is not None and collection.projections is not None
    if both and collection.ecgen is not None:
        assert collection.projections is not None
        compared = compare_forms(*collection.ecgen, collection.reports, collection.projections)
        found["differences"] = [vars(difference) for difference in compared]
    return found
