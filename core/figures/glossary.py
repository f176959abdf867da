"""The words of the pages and what they mean: those of the registries of figures, and those below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from core.metrics.class_figures import CLASS_FIGURES
from core.metrics.overall_figures import OVERALL_FIGURES
from core.report.settings import Protocol

EVALUATIONS: Final[Mapping[Protocol, tuple[str, str]]] = {
    "paper": (
        "The paper's evaluation",
        "Each film's scores scaled to 0..1 on their own and cut at 0.5; undefined counts as 0.",
    ),
    "sound": ("Our evaluation", "One threshold per class, fitted on validation films."),
}
"""Word and meaning of the two evaluations; captions of figures say the same."""
TERMS: Final = (
    ("Model, setting", "How the model was adapted to the task: zero-shot, linear probe, fine-tuning, or an import."),
    ("Zero-shot", "Films are compared with prompts that affirm and deny a finding; nothing is trained."),
    ("Linear probe", "One line per class, trained on what the frozen image encoder gives."),
    ("Fine-tuning", "The image encoder itself is trained further."),
    ("Score", "What a model says of a film and a class; its kind stands beside it. Only a probability is one."),
    ("Threshold", "A film is called positive where its score is at least this."),
    ("Found, TP", "Positive films that are called positive."),
    ("Missed, FN", "Positive films that are not called positive."),
    ("False alarm, FP", "Negative films that are called positive."),
    ("Rightly silent, TN", "Negative films that are not called positive."),
    ("Locked", "Of thresholds: fixed before the test films are looked at."),
    ("Frozen", "Of an encoder: not trained."),
    ("Exploratory", "Of thresholds: chosen while looking at the films that they are judged on, which flatters."),
    *EVALUATIONS.values(),
    ("95 % interval", "The middle 95 % of 1,000 resamples of the patients, unless said otherwise."),
    ("Not estimable", "Fewer than 5 positives: there is a figure, but no interval that holds what it says."),
    ("Undefined, –", "There is nothing to compute it of; never shown as 0."),
    ("Prevalence", "The share of the films that are positive."),
    ("Map", "Where the score of a class comes from on a film, raw, on the model's own grid."),
    ("Region, mask", "What a reader drew on a film."),
    ("UMAP", "Films laid out so that alike ones are near; sizes and distances of clusters mean nothing."),
    ("Twin film", "The same patient and rays with a finding added, taken away, made larger or moved."),
)
"""Word and meaning, from the model over its decisions to the films."""


def glossary() -> pd.DataFrame:
    """Tabulate every word with its meaning, as text; of a figure that two registries name, the first counts."""
    figures = [(one.title, f"{one.help}.") for one in CLASS_FIGURES]
    figures += [(one.title, f"{one.help}.") for one in OVERALL_FIGURES]
    meanings: dict[str, str] = {}
    for word, meaning in (*TERMS, *figures):
        meanings.setdefault(word, meaning)
    return pd.DataFrame({"What it means": list(meanings.values())}, index=pd.Index(meanings, name="Word"))
