"""Do the classes of a study separate? Measured in an encoder's original space, with intervals and a null."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.intervals import Interval
from core.metrics.neighbours import Metric
from core.metrics.separation.conventions import Convention, class_distances, convention_named
from core.metrics.separation.distances import ClassDistances, paper_distances
from core.metrics.separation.null import NullBand, PairSeparation, pair_separation, ratio_interval, ratio_null
from core.metrics.separation.one_class import ClassSeparation, separate_classes
from core.metrics.separation.sampled import EXACT_UP_TO, Sampled, patient_parts, sampled_distances
from core.settings import registry
from core.settings.base import FROZEN
from core.settings.titles import encoder_title, setting_title

if TYPE_CHECKING:
    from core.study import Study

MOST_ONE_CLASS: Final = 5_000
"""Films up to which one class is set against the rest with all of them; above, a random part of as many."""
MOST_BY_CENTRES: Final = 20_000
"""Films up to which all are shuffled where films are compared with class centres only."""
WORK: Final = 2e11
"""Multiplications and additions for all shuffles together: a few seconds on one core."""


@dataclass(frozen=True, eq=False)
class Separation:
    """The classes of one encoder's films under one convention.

    null : of inter / intra.
    interval : of inter / intra, patients resampled.
    pairs : class by class.
    sampled : None where the distances are exact; where they are not, the interval comes from the spread of the parts.
    n_tested : films that the null, the pairs and a resampled interval are of: all, or so many random patients' that
    200 shuffles take seconds. Fewer films make bands and intervals wider, and p-values larger, than they need be.
    n_films : of the split.
    """

    encoder: str
    convention: str
    metric: Metric
    classes: tuple[str, ...]
    distances: ClassDistances
    null: NullBand
    interval: Interval
    pairs: PairSeparation
    sampled: Sampled | None
    n_tested: int
    n_films: int


@dataclass(frozen=True)
class OneByOne:
    """Every class against the rest.

    classes : in class order.
    n_tested : films that were compared: all n_films of the split, or random patients'.
    """

    classes: tuple[ClassSeparation, ...]
    n_tested: int
    n_films: int


def films_learnt_from(study: Study, encoder: str, split: str) -> int:
    """Count how many films of a split the encoder was trained on with the study's labels; 0 for a frozen one.

    An encoder of another name than the project's counts as trained where scores of a setting that trains its own come
    from it.
    """
    training = [setting for setting in registry.SETTINGS if setting.encoder.is_trained]
    entries = [study.manifest.settings.get(setting.name) for setting in training]
    trained = {setting.encoder.name for setting in training} | {entry.encoder for entry in entries if entry is not None}
    if encoder not in trained - {FROZEN.name}:
        return 0
    return int((study.images["split"].to_numpy()[study.rows(split)] == "train").sum())


def spaces_in_words(study: Study) -> str:
    """Say which settings share an embedding space, and which trained one of their own; empty where none does either."""
    readers: dict[str, list[str]] = {}
    for setting, entry in study.manifest.settings.items():
        if entry.encoder is not None:
            readers.setdefault(entry.encoder, []).append(setting)
    sentences = [
        f"{_titles(names)} read the same {encoder_title(encoder).lower()} encoder: one space, the same distances."
        for encoder, names in readers.items()
        if len(names) > 1
    ]
    alone = [registry.known(names[0]) for names in readers.values() if len(names) == 1]
    own = [setting.name for setting in alone if setting is not None and setting.encoder.is_trained]
    if own:
        verb, them = ("has a space of its", "it") if len(own) == 1 else ("have spaces of their", "they")
        sentences.append(f"{_titles(own)} {verb} own; {them} may shrink or grow, so compare ratios, not distances.")
    return " ".join(sentences)


def _titles(settings: Sequence[str]) -> str:
    """Settings as a sentence begins with them."""
    titles = [setting_title(name) for name in settings]
    words = [titles[0], *(title.lower() for title in titles[1:])]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def paper_separation_of(study: Study, encoder: str, split: str) -> ClassDistances:
    """Compute the published inter, intra and ratio: one hard label per film, Euclidean."""
    rows = study.rows(split)
    return paper_distances(study.image_embeddings(encoder), study.labels[rows], rows)


def separation_of(
    study: Study,
    encoder: str,
    split: str,
    convention: str = "centroid",
    metric: Metric = "euclidean",
    *,
    n_shuffles: int = 200,
    n_resamples: int = 200,
    seed: int = 0,
) -> Separation:
    """Measure the distances, null band, interval and pairs; seconds where a thousand films and pairs are compared.

    >>> from core.study import open_study
    >>> found = separation_of(open_study("tests/golden/study_v1"), "frozen", "all", n_shuffles=20, n_resamples=20)
    >>> found.n_films, round(found.distances.ratio, 2)
    (12, 1.98)
    """
    rows, rng = study.rows(split), np.random.default_rng(seed)
    chosen = convention_named(convention)
    embeddings, labels, patients = _films(study, encoder, rows)
    if chosen.by_pairs and len(rows) > EXACT_UP_TO:
        distances, sampled = sampled_distances(embeddings, labels, patient_parts(patients, rng), convention, metric)
    else:
        distances, sampled = class_distances(embeddings, labels, convention, metric), None
    most = _most_tested(chosen, len(study.classes), max(n_shuffles, n_resamples))
    tested = some_patients(patients, most, rng)
    films = embeddings[tested], labels[tested], [patients[row] for row in tested]
    null = ratio_null(*films, convention, metric, n_shuffles=n_shuffles, rng=rng)
    pairs = pair_separation(*films, convention, metric, n_shuffles=n_shuffles, rng=rng)
    interval = (
        ratio_interval(*films, convention, metric, n_resamples=n_resamples, rng=rng)
        if sampled is None
        else sampled.interval(distances.ratio)
    )
    numbers = len(tested), len(rows)
    return Separation(encoder, convention, metric, study.classes, distances, null, interval, pairs, sampled, *numbers)


def some_patients(patients: list[str], most: int, rng: np.random.Generator) -> IntArray:
    """Draw the rows of random patients with all their films,
    `most` films at most (but one patient at least), ascending.
    """
    if len(patients) <= most:
        return np.arange(len(patients))
    _, of_film, sizes = np.unique(np.asarray(patients, dtype=str), return_inverse=True, return_counts=True)
    order = rng.permutation(len(sizes))
    taken = order[: max(1, int(np.searchsorted(np.cumsum(sizes[order]), most, side="right")))]
    return np.flatnonzero(np.isin(of_film, taken))


def _most_tested(convention: Convention, n_classes: int, n_versions: int) -> int:
    """Films whose pairs can be summed for every shuffle within WORK operations."""
    if not convention.by_pairs:
        return MOST_BY_CENTRES
    return max(100, int(math.sqrt(WORK / (2 * convention.n_groups(n_classes) * max(n_versions, 1)))))


def class_separation_of(
    study: Study,
    encoder: str,
    split: str,
    *,
    k: int = 15,
    metric: Metric = "euclidean",
    n_shuffles: int = 200,
    n_resamples: int = 200,
    seed: int = 0,
) -> OneByOne:
    """Compare every class against the rest. Of more than MOST_ONE_CLASS films those of random patients are taken."""
    rows = study.rows(split)
    embeddings, labels, patients = _films(study, encoder, rows)
    tested = some_patients(patients, MOST_ONE_CLASS, np.random.default_rng(seed))
    found = separate_classes(
        embeddings[tested],
        labels[tested],
        study.classes,
        [patients[row] for row in tested],
        k=k,
        metric=metric,
        n_shuffles=n_shuffles,
        n_resamples=n_resamples,
        seed=seed,
    )
    return OneByOne(found, len(tested), len(rows))


def _films(study: Study, encoder: str, rows: IntArray) -> tuple[FloatArray, FloatArray, list[str]]:
    patients = study.images["patient_id"].to_numpy()[rows]
    return np.asarray(study.image_embeddings(encoder)[rows]), study.labels[rows], [str(name) for name in patients]
