"""A survey of prompts in words and as JSON values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.metrics.difference import Difference
from core.metrics.overall_figures import MACRO_AUROC, MACRO_F1
from core.prompts.styles import style_named
from core.prompts.survey import ClassSurvey, PromptSurvey, WordingFigures
from core.words import difference_words, number_words, range_words


def style_title(name: str) -> str:
    """Give a style's title; its name where this version does not know it."""
    style = style_named(name)
    return name if style is None else style.title


def spread_words(found: PromptSurvey) -> str:
    """Say how far the zero-shot row hangs on the wording, in a sentence."""
    rows = found.variants.rows
    if not rows:
        return "No wording asks about every class, so there is no row over all classes to compare."
    f1, auroc = (range_words(*found.variants.spread(figure)) for figure in (MACRO_F1, MACRO_AUROC))
    reached = f"macro F1 of {f1} and macro AUROC of {auroc}"
    return f"Asked in {len(rows)} other ways, the same model reaches {reached} on these films."


def ensemble_words(found: PromptSurvey) -> str:
    """Say what the best ensembles come to, with what choosing them flatters."""
    best = found.ensemble
    if best is None:
        return "No ensemble was chosen: that takes validation films with and without a finding."
    gain = difference_words(best.gain.value, best.gain.interval)
    return (
        f"The best ensemble of every class, chosen on validation films: mean AUROC {number_words(best.fitted)} there, "
        f"{number_words(best.read)} on the films read, over {best.n_classes} classes; validation less these "
        f"{difference_words(best.optimism.value, best.optimism.interval)}. Over the study's own prompts: {gain}."
    )


def to_json(found: PromptSurvey) -> dict[str, Any]:
    """Give the survey as JSON values; None where a figure is undefined or an interval not estimable."""
    best = found.ensemble
    return {
        "split": found.split,
        "n_wordings": found.n_wordings,
        "n_texts": found.n_texts,
        "notes": list(found.notes),
        "spread": {name: list(map(_number, ends)) for name, ends in found.variants.spreads().items()},
        "variants": [
            {
                "style": one.style,
                "phrase": one.rank,
                "macro_f1": _number(one.overall.macro_f1),
                "macro_auroc": _number(one.overall.macro_auroc),
            }
            for one in found.variants.rows
        ],
        "ensemble": None
        if best is None
        else {
            "n_classes": best.n_classes,
            "val": _number(best.fitted),
            "read": _number(best.read),
            "optimism": _difference(best.optimism),
            "gain": _difference(best.gain),
        },
        "classes": {one.finding: _class_json(one) for one in found.classes},
    }


def _class_json(one: ClassSurvey) -> dict[str, Any]:
    best = one.ensemble
    return {
        "wordings": [
            {
                "style": wording.style,
                "phrase": wording.phrase,
                "present": wording.present,
                "absent": wording.absent,
                "cosine": _number(float(one.cosine[number])),
                **{split: _figures_json(figures, number) for split, figures in one.splits.items()},
            }
            for number, wording in enumerate(one.wordings)
        ],
        "own": {
            split: {"auroc": _number(own.own_auroc), "average_precision": _number(own.own_average_precision)}
            for split, own in one.splits.items()
        },
        "n_positive": {split: figures.n_positive for split, figures in one.splits.items()},
        "ensemble": None
        if best is None
        else {
            "members": [{"present": member.present, "absent": member.absent} for member in best.members],
            "val": _number(best.fitted),
            "read": _number(best.read),
            "optimism": _difference(best.optimism),
            "gain": _difference(best.gain),
        },
    }


def _figures_json(figures: WordingFigures, number: int) -> dict[str, float | None]:
    columns: dict[str, np.ndarray[Any, Any]] = {
        "auroc": figures.auroc,
        "average_precision": figures.average_precision,
        "affirmed_auroc": figures.affirmed,
        "denied_auroc": figures.denied,
    }
    return {name: _number(float(values[number])) for name, values in columns.items()}


def _difference(one: Difference) -> dict[str, Any]:
    ends = {"low": one.interval.low, "high": one.interval.high} if one.interval.is_estimable else None
    return {"value": _number(one.value), "interval": ends, "n": one.interval.n}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
