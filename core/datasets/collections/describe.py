"""What a collection holds, before its films are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from core.datasets.collections.base import Collection
from core.datasets.collections.film_paths import films_of
from core.datasets.collections.listing import Listing, list_films
from core.datasets.collections.options import options_of
from core.datasets.description import FRONTAL_VIEWS, Description, describe_films
from core.intake.films import left_out_note
from core.labels.readings import NEGATIVE, NOT_LOOKED_AT, NOT_MENTIONED, POSITIVE, UNCERTAIN

_WORDS: Final = {
    POSITIVE: "positive",
    NEGATIVE: "negative",
    UNCERTAIN: "uncertain",
    NOT_MENTIONED: "not mentioned",
    NOT_LOOKED_AT: "not looked at",
}


def describe_collection(collection: Collection, root: Path, **options: str) -> Description:
    """Describe what the tables list, with a file or without; options as `CollectionDataset` takes them."""
    listing = list_films(collection, root, options_of(collection, options))
    images = listing.table.images
    found = films_of(root, images)
    missing = tuple(image_id for image_id in images["image_id"] if image_id not in {**found, **found.left_out})
    described = describe_films(
        collection.name, images.drop(columns="view", errors="ignore"), listing.labels, listing.classes, missing
    )
    convention = listing.origin["convention"]
    assert isinstance(convention, dict)
    n_frontal, n_lateral = _views(listing)
    return replace(
        described,
        n_frontal=n_frontal,
        n_lateral=n_lateral,
        notes=(*listing.table.notes, *left_out_note(found.left_out, len(images))),
        details={
            "source": collection.title,
            "split": listing.split.rule,
            "split_seed": listing.split.seed,
            "labels": {**convention, "source": convention.get("source", collection.title)},
            "sources": list(listing.table.readings.source_names),
            "said": said(listing),
            "tables": listing.origin["tables"],
        },
    )


def said(listing: Listing) -> dict[str, dict[str, dict[str, int]]]:
    """Count, by source and class, how often each thing was said; of every reader where there are several."""
    readings = listing.table.readings
    found: dict[str, dict[str, dict[str, int]]] = {}
    for source in readings.source_names:
        codes = readings.codes[readings.sources == source]
        counts = {word: (codes == code).sum(axis=0) for code, word in _WORDS.items()}
        found[source] = {
            name: {word: int(count[column]) for word, count in counts.items() if count[column]}
            for column, name in enumerate(readings.classes)
        }
    return found


def _views(listing: Listing) -> tuple[int | None, int | None]:
    """How many films are frontal and how many are not; None where a view is not known."""
    images = listing.table.images
    if "view" not in images or images["view"].isna().any():
        return None, None
    n_frontal = int(images["view"].str.lower().isin(FRONTAL_VIEWS).sum())
    return n_frontal, len(images) - n_frontal
