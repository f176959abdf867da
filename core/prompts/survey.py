"""What zero-shot is worth under every wording, class by class: how far its figures hang on the words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.many_scores import many_aurocs, many_average_precisions
from core.prompts.ensemble import ClassEnsemble, MacroEnsemble, best_ensembles, over_classes
from core.prompts.films import FITTED_ON, AskedFilms, films_asked, read_on
from core.prompts.plan import Wording
from core.prompts.stored import AskedPrompts
from core.prompts.variants import Variants, variants_of

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True, eq=False)
class WordingFigures:
    """One class on the films of one split, by wording; NaN where a kind of film is missing.

    auroc, average_precision : (n_wordings,) of the score, affirmed less denied.
    affirmed, denied : (n_wordings,) AUROC of the similarity to either prompt alone. One that understands the denial
        gives `denied` below .5; above, films with the finding also resemble the prompt that denies it more.
    own_auroc, own_average_precision : of the study's own prompts; NaN where it has none.
    """

    auroc: FloatArray
    average_precision: FloatArray
    affirmed: FloatArray
    denied: FloatArray
    own_auroc: float
    own_average_precision: float
    n_positive: int
    n_negative: int

    @property
    def is_defined(self) -> bool:
        """Tell whether there are films of both kinds."""
        return bool(self.n_positive and self.n_negative)

    @property
    def spread(self) -> tuple[float, float]:
        """Give the lowest and the highest AUROC among the wordings."""
        return float(self.auroc.min()), float(self.auroc.max())


@dataclass(frozen=True, eq=False)
class ClassSurvey:
    """One class under every wording.

    splits : its figures by split: val where there is one, and the films that are read.
    cosine : (n_wordings,) between the prompt that affirms and the one that denies, -1..1; near 1 the text tower hardly
        tells them apart.
    ensemble : the best set of wordings chosen on val; None where val lacks a kind of film.
    """

    finding: str
    wordings: tuple[Wording, ...]
    splits: Mapping[str, WordingFigures]
    cosine: FloatArray
    ensemble: ClassEnsemble | None


@dataclass(frozen=True, eq=False)
class PromptSurvey:
    """All classes of a study under every wording.

    split : the films that are read.
    variants : the study over all classes, all of them asked about in one way.
    ensemble : the ensembles of all classes that have one, in the mean; None where none has.
    """

    split: str
    n_texts: int
    classes: tuple[ClassSurvey, ...]
    variants: Variants
    ensemble: MacroEnsemble | None
    notes: tuple[str, ...]

    @property
    def n_wordings(self) -> int:
        """Count the wordings of all classes."""
        return sum(len(one.wordings) for one in self.classes)


def survey(study: Study, asked: AskedPrompts) -> PromptSurvey:
    """Measure every wording on val and on the films that are read. Loads no model.

    Raises StudyError where the study lacks embeddings.
    """
    read = films_asked(study, asked, read_on(study))
    fit = films_asked(study, asked, FITTED_ON) if len(study.rows(FITTED_ON)) else None
    columns = {name: [i for i, one in enumerate(asked.wordings) if one.finding == name] for name in study.classes}
    named = [name for name in study.classes if columns[name]]
    ensembles = best_ensembles(asked, {name: columns[name] for name in named}, study.classes, fit, read)
    cosine = (asked.units[asked.rows[0]] * asked.units[asked.rows[1]]).sum(axis=1)
    found = [
        ClassSurvey(
            name,
            tuple(asked.wordings[i] for i in columns[name]),
            {
                films.split: _figures(films, columns[name], study.classes.index(name))
                for films in (fit, read)
                if films is not None
            },
            cosine[columns[name]],
            ensembles.get(name),
        )
        for name in named
    ]
    return PromptSurvey(
        split=read.split,
        n_texts=len(asked.texts),
        classes=tuple(found),
        variants=variants_of(asked, study.classes, fit, read),
        ensemble=over_classes(list(ensembles.values())),
        notes=asked.notes,
    )


def _figures(films: AskedFilms, columns: list[int], index: int) -> WordingFigures:
    labels, own = films.labels[:, index], films.own[:, [index]]
    has_own = bool(len(own)) and not np.isnan(own).any()
    return WordingFigures(
        auroc=many_aurocs(labels, films.margins[:, columns]),
        average_precision=many_average_precisions(labels, films.margins[:, columns]),
        affirmed=many_aurocs(labels, films.affirmed[:, columns]),
        denied=many_aurocs(labels, films.denied[:, columns]),
        own_auroc=float(many_aurocs(labels, own)[0]) if has_own else math.nan,
        own_average_precision=float(many_average_precisions(labels, own)[0]) if has_own else math.nan,
        n_positive=int(np.count_nonzero(labels == 1)),
        n_negative=int(np.count_nonzero(labels == 0)),
    )
