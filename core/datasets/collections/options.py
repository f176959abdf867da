"""How a collection is read where it leaves a choice: convention, classes, views and split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from core.datasets.collections.base import Collection, CollectionTable
from core.datasets.collections.splits import SEED
from core.datasets.description import FRONTAL_VIEWS
from core.errors import DatasetError
from core.labels.convention import BLANKS, UNCERTAINS, Convention

VIEWS: Final = ("all", "frontal")
SPLIT_RULES: Final = ("official", "patient")
_MOST_SEED: Final = 2**32 - 1
ALL: Final = "all"

Value = TypeVar("Value", bound=str)


@dataclass(frozen=True)
class CollectionOptions:
    """What was asked for; None is the collection's own.

    classes : names, or "all" for every finding that its tables name.
    views : "frontal" leaves out what is not known to be frontal.
    official : whether the makers' splits are taken where there are some.
    """

    convention: Convention
    classes: tuple[str, ...] | None
    views: str
    official: bool
    seed: int


def options_of(collection: Collection, given: dict[str, str]) -> CollectionOptions:
    """Read options from texts, by the names of the command line; DatasetError for a value that is none."""
    own = collection.convention
    convention = replace(
        own,
        blank=_one_of(given, "blank", BLANKS, own.blank),
        uncertain=_one_of(given, "uncertain", UNCERTAINS, own.uncertain),
        readers=given.get("readers", own.readers),
        source=given.get("label_source", own.source),
    )
    names = tuple(name.strip() for name in given["classes"].split(",") if name.strip()) if "classes" in given else None
    return CollectionOptions(
        convention,
        names,
        _one_of(given, "views", VIEWS, "all"),
        _one_of(given, "split", SPLIT_RULES, "official") == "official",
        _seed(given.get("split_seed")),
    )


def chosen_classes(collection: Collection, table: CollectionTable, wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Give the classes that are asked for; without, all but those too rare (`Collection.least_share`)."""
    there = table.readings.classes
    if wanted is None:
        return collection.usual_classes(table)
    if wanted == (ALL,):
        return there
    unknown = [name for name in wanted if name not in there]
    if unknown or not wanted:
        message = (
            f"--classes: {unknown[0]!r} is no finding of {collection.title}." if unknown else "--classes is empty."
        )
        raise DatasetError(message, remedy=f"Choose of {', '.join(there)}; or {ALL}.")
    return wanted


def chosen_films(table: CollectionTable, views: str) -> np.ndarray:
    """Give which films are taken, (n_films,) bool."""
    images = table.images
    if views == ALL:
        return np.ones(len(images), dtype=bool)
    if "view" not in images:
        raise DatasetError(
            "--views: the tables do not say which films are frontal.", remedy="Leave --views out, or sort the films."
        )
    chosen: np.ndarray = images["view"].str.lower().isin(FRONTAL_VIEWS).fillna(False).to_numpy(dtype=bool)
    return chosen


def _one_of(given: dict[str, str], name: str, known: Sequence[Value], otherwise: Value) -> Value:
    if name not in given:
        return otherwise
    value = next((value for value in known if value == given[name]), None)
    if value is None:
        flag = name.replace("_", "-")
        raise DatasetError(f"--{flag}: {given[name]!r} is not known.", remedy=f"Choose one of {', '.join(known)}.")
    return value


def _seed(text: str | None) -> int:
    if text is None:
        return SEED
    if not text.isdecimal() or int(text) > _MOST_SEED:
        raise DatasetError(f"--split-seed: {text!r} is no seed.", remedy=f"Give a whole number, 0 to {_MOST_SEED:,}.")
    return int(text)
