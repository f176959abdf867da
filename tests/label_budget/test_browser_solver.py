"""What the browser computes while a hand moves is what Python computes."""

from __future__ import annotations

import numpy as np
import pytest

from core.label_budget.curves import figures_at, used_films
from core.label_budget.orders import random_order
from tests.label_budget.browser import solved
from tests.label_budget.made import made_films


@pytest.mark.parametrize("unlabelled", [False, True])
def test_every_budget_gives_pythons_figures(unlabelled: bool) -> None:
    """To and fro over the stored sums, over all films and by class, with films that one class lacks labels of."""
    films = made_films(n=200, unlabelled=unlabelled)
    orders = [random_order(films.patients, seed) for seed in range(2)]
    budgets = [0, 1, 63, 64, 65, 200, 130, 3]
    moves = [(order, budget, by_class) for order in range(2) for budget in budgets for by_class in (False, True)]
    for (order, budget, by_class), found in zip(moves, solved(films, orders, moves), strict=True):
        paid = used_films(films.labels["train"], orders[order], budget, by_class=by_class)
        own = films.films["train"][orders[order]][: len(paid)]
        expected = figures_at(films, own, paid)
        values = np.array(found["values"], dtype=float).reshape(3, 3)
        np.testing.assert_allclose(values, expected, atol=1e-6, err_msg=f"{order}, {budget}, {by_class}")
