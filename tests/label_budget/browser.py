"""The browser's solver, run by node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from core.label_budget.films import BudgetFilms
from core.metrics.arrays import IntArray
from core.paths import PROJECT
from pages.label_budget.budget.component import films_content


def solved(films: BudgetFilms, orders: Sequence[IntArray], moves: Sequence[tuple[int, int, bool]]) -> list[Any]:
    """What the browser gives for moves of (order, budget, by class): "values" flat, "paid" films, "ms" of processor."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is absent")
    content = films_content(films, orders, "token")
    arrays = {name: np.asarray(values).ravel().tolist() for name, values in content["arrays"].items()}
    asked = json.dumps({"films": {**content, "arrays": arrays}, "moves": [list(move) for move in moves]})
    command = [node, "tests/label_budget/solve.mjs"]
    done = subprocess.run(command, cwd=PROJECT, input=asked, capture_output=True, text=True, check=True)
    found: list[Any] = json.loads(done.stdout)
    return found
