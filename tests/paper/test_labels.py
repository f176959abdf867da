"""Whose labels a study of IU-Xray has: said beside the published figures, with the counts that differ."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.findings import CLASSES, PUBLISHED_POSITIVES
from core.paper.labels import N_FILMS, label_source_note
from core.paths import STUDIES
from core.study import open_study

DERIVED = {"source": "derived from OpenI's expert coding", "rules_version": 1}


def _study(counts: dict[str, int], origin: object = None, *, n_films: int = N_FILMS, name: str = "iu-xray") -> Any:
    """A study of n_films with so many positives; the first film of each class is unread for it where there is room."""
    labels = np.zeros((n_films, len(CLASSES)))
    for column, finding in enumerate(CLASSES):
        labels[: counts[finding], column] = 1
        labels[counts[finding] :, column] = np.where(np.arange(n_films - counts[finding]) % 2, 0, np.nan)
    dataset = {"name": name, "labels": DERIVED if origin is None else origin}
    return SimpleNamespace(
        manifest=SimpleNamespace(dataset=dataset), labels=labels, classes=CLASSES, image_ids=list(range(n_films))
    )


def test_it_names_the_source_and_the_classes_that_differ_most() -> None:
    counts = dict(PUBLISHED_POSITIVES) | {"Edema": 93, "Atelectasis": 308, "Cardiomegaly": 420, "Pneumonia": 41}
    assert label_source_note(_study(counts)) == (
        "Labels: derived from OpenI's expert coding (rules version 1). These are not the paper's labels: positives "
        "here and published are Edema 93 and 49; Pneumonia 41 and 68; Atelectasis 308 and 216."
    )


def test_many_differences_are_cut_short() -> None:
    note = label_source_note(_study(dict.fromkeys(CLASSES, 1000)))
    assert note is not None
    assert note.count(" and ") == 1 + 5 + 1
    assert note.endswith("; and 9 classes more.")


def test_a_small_difference_is_named_where_there_is_no_larger_one() -> None:
    note = label_source_note(_study(dict(PUBLISHED_POSITIVES) | {"Cardiomegaly": 416}))
    assert note is not None
    assert note.endswith("positives here and published are Cardiomegaly 416 and 415.")


def test_the_published_counts_are_recognised() -> None:
    table = {"source": "table", "file": "paper.csv", "sha256": "ab" * 32}
    assert label_source_note(_study(dict(PUBLISHED_POSITIVES), table)) == (
        f"Labels: table (file paper.csv, sha256 {'ab' * 20}). Every class has as many positives as were published."
    )


def test_counts_of_other_films_are_not_compared() -> None:
    note = label_source_note(_study(dict.fromkeys(CLASSES, 3), n_films=40))
    assert note is not None
    assert note.endswith("The published figures are of 3,818 films with the paper's own labels.")


@pytest.mark.parametrize("study", [_study(dict.fromkeys(CLASSES, 1), n_films=4, name="folder"), None])
def test_a_study_of_other_films_has_no_such_note(study: Any) -> None:
    assert label_source_note(study or open_study(STUDIES / "phantom")) is None


def test_a_study_that_does_not_say_has_none() -> None:
    assert label_source_note(_study(dict.fromkeys(CLASSES, 1), "unknown", n_films=4)) is None
