"""The best ensemble of wordings, chosen on val, with what choosing it there flatters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray, mean_of_defined
from core.metrics.bootstrap import resampled_aurocs
from core.metrics.difference import Difference, paired_difference
from core.metrics.many_scores import many_aurocs
from core.metrics.resampling import Resamples, draw_resamples
from core.prompts.films import AskedFilms
from core.prompts.plan import Wording
from core.prompts.stored import AskedPrompts
from core.settings.zero_shot import unit_rows

MOST: Final = 10
"""Wordings in an ensemble."""
_SEEDS: Final = (42, 43)
"""Patients of val and of the films read are drawn apart: they are different people."""


@dataclass(frozen=True, eq=False)
class ClassEnsemble:
    """One class's ensemble: the prompts of either side at length 1, averaged, as zero-shot averages its own.

    members : in the order in which they were taken, each the one that raised AUROC on val most.
    fitted, read : AUROC on val and on the films read; `read` is NaN where those lack a kind of film.
    optimism : fitted less read, with its interval over resamples of both groups of patients.
    gain : on the films read, over the study's own prompts, in pairs; NaN where the study has none.
    drawn : (n_resamples, 3) AUROC on val, on the films read, and there of the study's own prompts.
    """

    finding: str
    members: tuple[Wording, ...]
    fitted: float
    read: float
    optimism: Difference
    gain: Difference
    drawn: FloatArray
    n_positive: int


@dataclass(frozen=True)
class MacroEnsemble:
    """The ensembles of several classes in the mean; NaN and no interval where undefined.

    classes : the n that are defined on both groups of films.
    """

    n_classes: int
    fitted: float
    read: float
    optimism: Difference
    gain: Difference


def best_ensembles(
    asked: AskedPrompts,
    columns: Mapping[str, Sequence[int]],
    classes: Sequence[str],
    fit: AskedFilms | None,
    read: AskedFilms,
) -> dict[str, ClassEnsemble]:
    """Choose an ensemble of every class whose val films are of both kinds, and read it on other films.

    columns : by class, the numbers of its wordings. They are taken one by one, each the one that raises AUROC on val
    most, until none raises it.
    Source: forward selection of ensembles, Caruana et al., ICML 2004, without replacement.
    """
    if fit is None:
        return {}
    drawn = [
        draw_resamples(films.patients, rng=np.random.default_rng(seed))
        for films, seed in zip((fit, read), _SEEDS, strict=True)
    ]
    found = {}
    for name, numbers in columns.items():
        index = classes.index(name)
        members, fitted = _chosen(asked, numbers, fit.films, fit.labels[:, index])
        if members:
            found[name] = _read(asked, name, members, fitted, (fit, read), index, drawn)
    return found


def over_classes(ensembles: Sequence[ClassEnsemble]) -> MacroEnsemble | None:
    """Average ensembles over the classes that are defined on both groups of films; None where none is."""
    known = [one for one in ensembles if not np.isnan(one.read)]
    if not known:
        return None
    drawn = mean_of_defined(np.stack([one.drawn for one in known]), axis=0)
    fitted, read = float(np.mean([one.fitted for one in known])), float(np.mean([one.read for one in known]))
    n_positive = sum(one.n_positive for one in known)
    gains = [one.gain.value for one in known]
    return MacroEnsemble(
        len(known),
        fitted,
        read,
        paired_difference(fitted - read, drawn[:, 0] - drawn[:, 1], n_positive),
        paired_difference(float(np.mean(gains)), drawn[:, 1] - drawn[:, 2], n_positive),
    )


def direction_of(asked: AskedPrompts, members: Sequence[int]) -> FloatArray:
    """Compute (d,): a unit film's dot product with it is the score of the ensemble of some wordings."""
    sides = [unit_rows(asked.units[rows[list(members)]].mean(axis=0)[None], "ensemble")[0] for rows in asked.rows]
    return np.asarray(sides[0] - sides[1])


def _chosen(
    asked: AskedPrompts, numbers: Sequence[int], films: FloatArray, labels: FloatArray
) -> tuple[list[int], float]:
    """The members and their AUROC; none where a kind of film is missing."""
    left, members, best = list(numbers), list[int](), -np.inf
    while left and len(members) < MOST:
        directions = np.stack([direction_of(asked, [*members, one]) for one in left], axis=1)
        areas = many_aurocs(labels, films @ directions)
        top = int(np.argmax(areas))
        if np.isnan(areas[top]) or areas[top] <= best:
            break
        best = float(areas[top])
        members.append(left.pop(top))
    return members, best


def _read(
    asked: AskedPrompts,
    name: str,
    members: list[int],
    fitted: float,
    films: tuple[AskedFilms, AskedFilms],
    index: int,
    drawn: Sequence[Resamples],
) -> ClassEnsemble:
    fit, read = films
    direction = direction_of(asked, members)
    labels, scores, own = read.labels[:, index], read.films @ direction, read.own[:, index]
    resampled = np.stack(
        [
            resampled_aurocs(fit.labels[:, index], fit.films @ direction, drawn[0].film_weights()),
            resampled_aurocs(labels, scores, drawn[1].film_weights()),
            resampled_aurocs(labels, own, drawn[1].film_weights()),
        ],
        axis=1,
    )
    area, own_area = many_aurocs(labels, np.column_stack([scores, np.nan_to_num(own)]))
    own_area = np.nan if np.isnan(own).any() else own_area
    counts = [int(np.count_nonzero(one.labels[:, index] == 1)) for one in films]
    return ClassEnsemble(
        finding=name,
        members=tuple(asked.wordings[number] for number in members),
        fitted=fitted,
        read=float(area),
        optimism=paired_difference(fitted - area, resampled[:, 0] - resampled[:, 1], min(counts)),
        gain=paired_difference(area - own_area, resampled[:, 1] - resampled[:, 2], counts[1]),
        drawn=resampled,
        n_positive=min(counts),
    )
