"""Made-up studies in which it is known which claims hold: always, never, by one choice alone, or beyond telling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.claims.claim import Claim
from core.claims.compute import compute_ledger
from core.claims.ledger import ClaimResult
from core.claims.verdict import decided_by
from tests.metrics.table_study import TableStudy

N_FILMS: Final = 600
CLASSES: Final = ("Edema", "Fracture", "Lung Lesion", "Atelectasis", "Consolidation")
POLICIES: Final = ("max-f1", "youden", "fixed-specificity", "paper-row-min-max", "top-k")
CLAIM: Final = Claim(
    "planted",
    "Ours labels films better than theirs.",
    "made up",
    ("f1",),
    "ours",
    "theirs",
    only={"policy": POLICIES, "split": ("test", "dealt-1"), "undefined": ("left out",), "classes": ("1", "20")},
)
Scores = Callable[[np.random.Generator, np.ndarray], dict[str, np.ndarray]]


def _scores(gain: float) -> Callable[[np.random.Generator, np.ndarray], np.ndarray]:
    return lambda rng, labels: rng.normal(size=labels.shape) + gain * labels


def _always(rng: np.random.Generator, labels: np.ndarray) -> dict[str, np.ndarray]:
    return {"ours": _scores(3.0)(rng, labels), "theirs": _scores(0.3)(rng, labels)}


def _never(rng: np.random.Generator, labels: np.ndarray) -> dict[str, np.ndarray]:
    return {"ours": _scores(0.3)(rng, labels), "theirs": _scores(3.0)(rng, labels)}


def _by_rule(rng: np.random.Generator, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Ours is better class by class, but the scale of each class is another, so that rules within a film mislead."""
    shift = 12.0 * np.arange(labels.shape[1])
    return {"ours": _scores(3.5)(rng, labels) + shift, "theirs": _scores(1.3)(rng, labels)}


def _by_making(rng: np.random.Generator, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Ours is worse as it was built, and better where training went to its end."""
    return {
        "ours": _scores(0.2)(rng, labels),
        "ours_converged": _scores(3.5)(rng, labels),
        "theirs": _scores(1.6)(rng, labels),
    }


def _alike(rng: np.random.Generator, labels: np.ndarray) -> dict[str, np.ndarray]:
    return {"ours": _scores(1.5)(rng, labels), "theirs": _scores(1.5)(rng, labels)}


@dataclass(frozen=True)
class Plant:
    """What was planted, and whether a result says so."""

    name: str
    scores: Scores
    is_found: Callable[[ClaimResult], bool]
    n_films: int = N_FILMS


PLANTS: Final = (
    Plant("true under every choice", _always, lambda one: one.n_holding == len(one.codes)),
    Plant("false under every choice", _never, lambda one: one.n_contradicting == len(one.codes)),
    Plant("decided by the cut rule", _by_rule, lambda one: decided_by(one) == "Cut rule"),
    Plant("decided by how it was made", _by_making, lambda one: decided_by(one) == "How the first setting was made"),
    Plant("beyond telling", _alike, lambda one: one.n_untold > len(one.codes) / 2, n_films=160),
)


def planted_study(plant: Plant, seed: int) -> TableStudy:
    """One draw: half of the films val, half test; each patient has one or two films."""
    rng = np.random.default_rng([seed, len(plant.name)])
    shares = np.linspace(0.15, 0.4, len(CLASSES))
    labels = (rng.random((plant.n_films, len(CLASSES))) < shares).astype(float)
    scores = plant.scores(rng, labels)
    splits = ["val"] * (plant.n_films // 2) + ["test"] * (plant.n_films - plant.n_films // 2)
    patients = [f"p{row // 2 if row % 3 else row}-{splits[row]}" for row in range(plant.n_films)]
    return TableStudy(CLASSES, labels, splits, scores, dict.fromkeys(scores, "logit"), patients=patients)


def result_of(plant: Plant, seed: int, n_resamples: int = 200) -> ClaimResult:
    """The claim asked of one draw."""
    return compute_ledger(planted_study(plant, seed), (CLAIM,), n_resamples=n_resamples).results[0]  # type: ignore[arg-type]
