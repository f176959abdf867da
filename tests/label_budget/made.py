"""Films whose labels follow a direction, some of them unlabelled."""

from __future__ import annotations

import numpy as np

from core.label_budget.films import BudgetFilms


def made_films(n: int = 120, width: int = 7, n_classes: int = 3, *, unlabelled: bool = False) -> BudgetFilms:
    """Train, val and test films of one draw; in the last class every fifth is unlabelled where asked for."""
    rng = np.random.default_rng(5)
    truth = rng.normal(size=(n_classes, width))
    films, labels = {}, {}
    for split, number in (("train", n), ("val", n // 2), ("test", n // 2)):
        rows = rng.normal(size=(number, width))
        films[split] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        chance = 1 / (1 + np.exp(-(rows @ truth.T * 1.5 - np.arange(n_classes))))
        labels[split] = (rng.random(chance.shape) < chance).astype(float)
        if unlabelled:
            labels[split][::5, -1] = np.nan
    texts = (truth * 0.1 + rng.normal(size=truth.shape) * 0.1).astype(np.float32)
    patients = [f"p{row // 2}" for row in range(n)]
    names = [f"class {number}" for number in range(n_classes)]
    return BudgetFilms(names, films, labels, texts, patients, [f"f{row}" for row in range(n)], 1.0)
