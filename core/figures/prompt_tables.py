"""Tables of a survey of prompts, as Markdown text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.metrics.overall_figures import MACRO_AUROC, MACRO_F1
from core.prompts.styles import STYLES
from core.prompts.survey import ClassSurvey, PromptSurvey, WordingFigures
from core.prompts.variants import Variants
from core.words import UNDEFINED, count_words, difference_words, number_words, range_words


def wording_table(found: PromptSurvey) -> pd.DataFrame:
    """Tabulate each class: AUROC of the study's own prompts, its spread over the wordings, and the wordings at either
    end of it.
    """
    rows = [_wording_row(one, one.splits[found.split]) for one in found.classes]
    return pd.DataFrame(rows, index=pd.Index([one.finding for one in found.classes], name="Class"))


def denial_table(found: PromptSurvey) -> pd.DataFrame:
    """Tabulate how far each class's prompts that affirm and that deny part: means over the wordings."""
    rows = []
    for one in found.classes:
        figures = one.splits[found.split]
        rows.append(
            {
                "AUROC, affirmed alone": number_words(float(figures.affirmed.mean())),
                "AUROC, denied alone": number_words(float(figures.denied.mean())),
                "AUROC, both": number_words(float(figures.auroc.mean())),
                "Cosine of the two prompts": number_words(float(one.cosine.mean()), 2),
            }
        )
    return pd.DataFrame(rows, index=pd.Index([one.finding for one in found.classes], name="Class"))


def style_table(found: PromptSurvey) -> pd.DataFrame:
    """Tabulate each style over all classes: from its weakest phrase to its strongest."""
    rows = {}
    for style in STYLES:
        variants = found.variants.of_style(style.name)
        if variants:
            rows[style.title] = {
                "Ways": count_words(len(variants)),
                **{
                    figure.heading: range_words(*Variants(variants).spread(figure))
                    for figure in (MACRO_F1, MACRO_AUROC)
                },
            }
    return pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="Style"))


def ensemble_table(found: PromptSurvey) -> pd.DataFrame:
    """Tabulate each class's best ensemble: AUROC where it was chosen and where it is read, and what that flatters."""
    rows = []
    for one in found.classes:
        best = one.ensemble
        rows.append(
            {
                "Wordings": UNDEFINED if best is None else count_words(len(best.members)),
                "AUROC, validation": number_words(None if best is None else best.fitted),
                "AUROC, read": number_words(None if best is None else best.read),
                "Validation less read": UNDEFINED
                if best is None
                else difference_words(best.optimism.value, best.optimism.interval),
                "Over the study's prompts": UNDEFINED
                if best is None
                else difference_words(best.gain.value, best.gain.interval),
            }
        )
    return pd.DataFrame(rows, index=pd.Index([one.finding for one in found.classes], name="Class"))


def _wording_row(one: ClassSurvey, figures: WordingFigures) -> dict[str, str]:
    own = number_words(figures.own_auroc)
    ways = {"Ways": count_words(len(one.wordings)), "The study's prompts": own}
    if not figures.is_defined:
        return {**ways, "All ways": UNDEFINED, "Weakest": UNDEFINED, "Strongest": UNDEFINED}
    ends = int(np.argmin(figures.auroc)), int(np.argmax(figures.auroc))
    weakest, strongest = (f"“{one.wordings[end].present}” / “{one.wordings[end].absent}”" for end in ends)
    return {**ways, "All ways": range_words(*figures.spread), "Weakest": weakest, "Strongest": strongest}
