"""What a folder of IU-Xray holds, before its films are there."""

from __future__ import annotations

from core.datasets.description import Description, count_classes, count_splits
from core.datasets.iu_xray.collection import Collection
from core.datasets.iu_xray.differences import compare_forms
from core.datasets.iu_xray.frontal import frontal_films, split_notes, splits_by_uid
from core.datasets.iu_xray.label_source import LabelSource
from core.errors import DatasetError
from core.findings import CLASSES


def describe_collection(name: str, collection: Collection, split: str, source: LabelSource) -> Description:
    """Counts of all that is listed; splits and classes of frontal films, or of studies where views are unknown."""
    films, views = collection.films, collection.films["view"]
    notes = [*collection.notes(), *source.notes()]
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
    except DatasetError as error:
        labels = None
        notes.append(f"{error.message} {error.remedy}")
    return Description(
        dataset=name,
        n_films=len(films),
        n_frontal=int((views == "Frontal").sum()) if collection.knows_views else None,
        n_lateral=int((views == "Lateral").sum()) if collection.knows_views else None,
        n_patients=int(films["uid"].nunique()) if len(films) else len(collection.reports),
        splits=splits,
        per_class=None if labels is None else count_classes(labels, CLASSES),
        missing_files=tuple(film for film in films["film_id"] if film not in collection.layout.films),
        counts="frontal films" if collection.knows_views else "studies",
        notes=tuple(notes),
        details={"source": collection.form, "split": split, "labels": source.origin, **_both_forms(collection)},
    )


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
