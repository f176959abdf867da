"""Which synthetic films there are: the target set with IU-Xray's counts and split, the source set balanced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets.phantom.anatomy import draw_anatomy
from core.datasets.phantom.film import FilmSpec, film_size
from core.findings import CLASSES, FINDINGS, NO_FINDING, PUBLISHED_POSITIVES

TARGET_FILMS = {"train": 2670, "val": 575, "test": 573}
TARGET_PATIENTS = {"train": 2582, "val": 553, "test": 554}
"""Films and uids of the published split (70/15/15 by uid); 129 patients have two films."""

COMPANIONS: dict[str, tuple[str, ...]] = {
    "Cardiomegaly": ("Edema", "Pleural Effusion", "Enlarged Cardiomediastinum", "Support Devices"),
    "Edema": ("Cardiomegaly", "Pleural Effusion"),
    "Pleural Effusion": ("Atelectasis", "Edema", "Cardiomegaly"),
    "Pneumonia": ("Lung Opacity", "Consolidation"),
    "Consolidation": ("Pneumonia", "Lung Opacity"),
    "Atelectasis": ("Lung Opacity", "Pleural Effusion"),
    "Pneumothorax": ("Fracture", "Support Devices"),
}
COMPANION_WEIGHT = 6.0
"""How much likelier a finding joins a film that already shows one of its companions."""


@dataclass(frozen=True)
class PhantomTable:
    """specs : how to render each film. images, labels : as in `Dataset`."""

    specs: tuple[FilmSpec, ...]
    images: pd.DataFrame
    labels: np.ndarray


def target_table(seed: int) -> PhantomTable:
    """3,818 films with exactly the published positives per class, and the published films per split, by patient."""
    rng = np.random.default_rng([seed, 3])
    patients, splits = _patients(rng)
    findings = _co_occurring(rng, len(patients))
    specs = [
        FilmSpec(tuple(shown), "target", (seed, 1, int(patient)), (seed, 2, number))
        for number, (shown, patient) in enumerate(zip(findings, patients, strict=True))
    ]
    return _table(specs, splits, "phantom", "PA")


def source_table(seed: int, n_films: dict[str, int]) -> PhantomTable:
    """Films in which every finding is about equally frequent (near 12 %), one film a patient."""
    rng = np.random.default_rng([seed, 13])
    splits = [split for split, n in n_films.items() for _ in range(n)]
    specs = []
    for number in range(len(splits)):
        n_findings = int(rng.choice(4, p=[0.12, 0.38, 0.32, 0.18]))
        shown = [FINDINGS[k] for k in sorted(rng.choice(len(FINDINGS), n_findings, replace=False))]
        specs.append(FilmSpec(tuple(shown), "source", (seed, 11, number), (seed, 12, number)))
    return _table(specs, splits, "source", "AP")


def _patients(rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    numbers = rng.permutation(sum(TARGET_PATIENTS.values()))
    patients, splits, start = [], [], 0
    for split, n_patients in TARGET_PATIENTS.items():
        group = numbers[start : start + n_patients]
        again = rng.choice(group, TARGET_FILMS[split] - n_patients, replace=False)
        patients += [*group, *again]
        splits += [split] * TARGET_FILMS[split]
        start += n_patients
    order = rng.permutation(len(patients))
    return np.array(patients)[order], [splits[k] for k in order]


def _co_occurring(rng: np.random.Generator, n_films: int) -> list[list[str]]:
    """Findings of each film: exact counts per class; the rest of the films show nothing."""
    tokens = [name for name in FINDINGS for _ in range(PUBLISHED_POSITIVES[name])]
    tokens = [tokens[k] for k in rng.permutation(len(tokens))]
    n_abnormal = n_films - PUBLISHED_POSITIVES[NO_FINDING]
    films: list[set[str]] = [{token} for token in tokens[:n_abnormal]]
    for token in tokens[n_abnormal:]:
        related = set(COMPANIONS.get(token, ()))
        weight = np.array([0.0 if token in film else 1.0 + COMPANION_WEIGHT * bool(film & related) for film in films])
        films[int(rng.choice(n_abnormal, p=weight / weight.sum()))].add(token)
    everyone = [[name for name in FINDINGS if name in film] for film in films]
    everyone += [[] for _ in range(n_films - n_abnormal)]
    return [everyone[k] for k in rng.permutation(n_films)]


def _table(specs: list[FilmSpec], splits: list[str], prefix: str, view: str) -> PhantomTable:
    anatomies = [draw_anatomy(np.random.default_rng(spec.patient_seed)) for spec in specs]
    sizes = [film_size(spec) for spec in specs]
    images = pd.DataFrame(
        {
            "image_id": [f"{prefix}-{number:05d}" for number in range(len(specs))],
            "patient_id": [f"{prefix}-patient-{spec.patient_seed[-1]:05d}" for spec in specs],
            "split": splits,
            "view": view,
            "height_px": [height for height, _ in sizes],
            "width_px": [width for _, width in sizes],
            "age": [anatomy.age for anatomy in anatomies],
            "sex": [anatomy.sex for anatomy in anatomies],
        }
    )
    labels = np.array([[float(name in (spec.findings or (NO_FINDING,))) for name in CLASSES] for spec in specs])
    return PhantomTable(tuple(specs), images, labels)
