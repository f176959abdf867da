"""In which order train films would be labelled: at random by patient, the unsure first, or the unlike first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.label_budget.films import BudgetFilms
from core.label_budget.ridge import fit_ridge, scores_of
from core.metrics.arrays import FloatArray, IntArray

STRATEGIES: Final = {"random": "At random", "unsure": "Unsure first", "unlike": "Unlike first"}
FIRST: Final = 16
"""Films that are labelled at random before there is a model to be unsure."""
_MOST_CENTRES: Final = 4096


def random_order(patients: Sequence[str], seed: int) -> IntArray:
    """Draw an order of films (n,) in which patients follow each other at random, each with all films."""
    names, of_film = np.unique(np.asarray(patients), return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(names))
    return np.argsort(place[of_film], kind="stable")


def unsure_order(films: BudgetFilms, seed: int) -> IntArray:
    """Sort films by how unsure the model of all films before is, in rounds that double.

    Unsure is the sum over classes of p (1 - p), p the score cut to 0..1. Begins with FIRST films at random.
    Source: uncertainty sampling, Lewis and Gale, SIGIR 1994.
    """
    train, labels = films.films["train"], films.labels["train"]
    order = random_order(films.patients, seed)[:FIRST]
    while len(order) < len(train):
        rest = np.setdiff1d(np.arange(len(train)), order)
        weights = fit_ridge(train[order], labels[order], films.texts)
        chances = np.clip(scores_of(weights, train[rest]), 0, 1)
        unsure = (chances * (1 - chances)).sum(axis=1)
        order = np.append(order, rest[np.argsort(-unsure, kind="stable")][: len(order)])
    return order


def unlike_order(films: FloatArray) -> IntArray:
    """Sort films (n, d) so that each is the farthest from all before it; the first is the farthest from the mean.

    After 4,096 films the others follow as they come. Source: k-centre, Gonzalez 1985; Sener and Savarese, ICLR 2018.
    """
    rows = np.asarray(films, np.float64)
    nearest = ((rows - rows.mean(axis=0)) ** 2).sum(axis=1)
    order: list[int] = []
    lengths = (rows**2).sum(axis=1)
    for number in range(min(len(rows), _MOST_CENTRES)):
        film = int(np.argmax(nearest))
        order.append(film)
        to_it = np.maximum(lengths + lengths[film] - 2 * rows @ rows[film], 0)
        nearest = to_it if number == 0 else np.minimum(nearest, to_it)
        nearest[order] = -1
    return np.append(np.array(order, int), np.setdiff1d(np.arange(len(rows)), order)).astype(int)
