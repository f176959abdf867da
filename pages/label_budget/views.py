"""What stands around the slider: tables of means, of orders, and where labels begin to beat the prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from core.label_budget.curves import HEAD_ABOVE, MEASURES, TAIL_BELOW, Curves, begins_to_beat
from core.label_budget.orders import STRATEGIES
from core.metrics.arrays import FloatArray
from core.settings.titles import setting_title
from core.words import UNDEFINED, count_words, number_words, range_words
from pages.label_budget.cache import N_DRAWS

_GROUPS: Final = {
    "all": "All classes",
    "head": f"Head, over {HEAD_ABOVE} train positives",
    "medium": f"Medium, {TAIL_BELOW} to {HEAD_ABOVE}",
    "tail": f"Tail, under {TAIL_BELOW}",
}


def curve_data(curves: Curves, judged: Sequence[int], measure: str) -> list[dict[str, Any]]:
    """The mean over classes of every strategy by budget; of random draws the middle, with nine tenths of them."""
    values = curves.macro(judged, measure)
    ends = [_listed(np.quantile(values[:N_DRAWS], share, axis=0)) for share in (0.05, 0.95)]
    middle = _listed(np.median(values[:N_DRAWS], axis=0))
    unsure, unlike = (_listed(row) for row in values[N_DRAWS:])
    drawn = {"name": STRATEGIES["random"], "middle": middle, "low": ends[0], "high": ends[1]}
    alone = {"low": None, "high": None}
    return [
        drawn,
        {"name": STRATEGIES["unsure"], "middle": unsure, **alone},
        {"name": STRATEGIES["unlike"], "middle": unlike, **alone},
    ]


def beats(curves: Curves, column: int, measure: str, judged: Sequence[int]) -> str:
    """From how many films on a class is better than by prompts alone, in words."""
    if column not in judged:
        return "too few test positives"
    budget = begins_to_beat(curves, column, measure, N_DRAWS)
    return "not surely" if budget is None else f"from {count_words(budget)}"


def group_table(curves: Curves, groups: dict[str, list[int]], measure: str) -> pd.DataFrame:
    """Means of head, medium and tail by budget: the middle of the random draws, and nine tenths of them."""
    columns = {}
    for place, budget in enumerate(curves.budgets):
        columns[count_words(int(budget))] = [
            _spread(curves.macro(groups[name], measure)[:N_DRAWS, place]) for name in _GROUPS
        ]
    index = [f"{words} ({len(groups[name])})" for name, words in _GROUPS.items()]
    return pd.DataFrame(columns, index=pd.Index(index, name=f"Mean {MEASURES[measure]}"))


def order_table(curves: Curves, judged: Sequence[int], measure: str) -> pd.DataFrame:
    """What each order of labelling would have given, by budget."""
    values = curves.macro(judged, measure)
    rows = [
        [_spread(column) for column in values[:N_DRAWS].T],
        *([number_words(float(value)) for value in row] for row in values[N_DRAWS:]),
    ]
    columns = [count_words(int(budget)) for budget in curves.budgets]
    index = pd.Index(list(STRATEGIES.values()), name=f"Mean {MEASURES[measure]}")
    return pd.DataFrame(rows, index=index, columns=columns)


def setting_table(figures: Mapping[str, FloatArray], groups: dict[str, list[int]], measure: str) -> pd.DataFrame:
    """Means of head, medium and tail that the study's settings reach with all labels; undefined where a class is."""
    place = list(MEASURES).index(measure)
    rows = {
        setting_title(name): [_mean(values[groups[group], place]) for group in _GROUPS]
        for name, values in figures.items()
    }
    columns = [f"{words} ({len(groups[name])})" for name, words in _GROUPS.items()]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis(f"Mean {MEASURES[measure]}")


def _mean(values: FloatArray) -> str:
    return number_words(float(values.mean())) if len(values) and np.isfinite(values).all() else UNDEFINED


def _spread(values: FloatArray) -> str:
    """The middle of some draws, and where nine tenths of them lie."""
    if not np.isfinite(values).all():
        return UNDEFINED
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    words = number_words(float(middle))
    return words if high - low < 1e-9 else f"{words} ({range_words(float(low), float(high))})"


def _listed(values: FloatArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
