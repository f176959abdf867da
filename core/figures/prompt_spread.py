"""How far each class's AUROC goes over the wordings, with the study's own prompts marked."""

from __future__ import annotations

import math

from core.figures.forest import ForestRow
from core.figures.theme import BLUE
from core.prompts.survey import PromptSurvey
from core.words import UNDEFINED, number_words, range_words


def spread_rows(found: PromptSurvey) -> list[ForestRow]:
    """Make a row for every class: the whisker from the weakest wording to the strongest, the mark the study's own."""
    rows = []
    for one in found.classes:
        figures = one.splits[found.split]
        low, high = figures.spread if figures.is_defined else (math.nan, math.nan)
        own = number_words(figures.own_auroc)
        text = f"{own} ({range_words(low, high)})" if figures.is_defined else UNDEFINED
        rows.append(ForestRow(one.finding, figures.own_auroc, low, high, text, BLUE))
    return rows


def denial_rows(found: PromptSurvey) -> list[ForestRow]:
    """Make a row for every class: the AUROC of the prompts that deny alone, from the lowest to the highest, their mean
    marked; a ring where denying raises it, as affirming does.
    """
    rows = []
    for one in found.classes:
        figures = one.splits[found.split]
        if figures.is_defined:
            mean, ends = float(figures.denied.mean()), (float(figures.denied.min()), float(figures.denied.max()))
            text = f"{number_words(mean)} ({range_words(*ends)})"
            rows.append(ForestRow(one.finding, mean, *ends, text, BLUE, hollow=mean > 0.5))
        else:
            rows.append(ForestRow(one.finding, math.nan, math.nan, math.nan, UNDEFINED))
    return rows
