"""Every claim under every variant: films by films, so that what variants share is computed once and then let go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from core.claims.axes import AS_WRITTEN, STORED, Asked, Choices, positions
from core.claims.claim import CHANCE, Claim
from core.claims.deciding import Codes
from core.claims.effects import Effects, effects_of
from core.claims.figures import CHANCE_AREA, ClaimFigure, figure_named
from core.claims.films import films_of_option
from core.claims.ledger import ClaimResult, Ledger
from core.claims.maps import map_effects
from core.claims.scores import Side, StudyScores
from core.claims.shared import Mask, Shared
from core.claims.variants import Variants, variants_of
from core.metrics.arrays import FloatArray
from core.settings.zero_shot import SETTING as ZERO_SHOT

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults
    from core.study import Study

Group = tuple[str, str]
"""How labels are read, and which films."""
Told = Callable[[int, int, Ledger], None]
"""(variants done, variants in all, the ledger so far)."""
_CHUNK = 512


@dataclass(eq=False)
class _Work:
    """One claim while it is computed."""

    asked: Asked
    variants: Variants
    done: list[int] = field(default_factory=list)
    parts: list[Effects] = field(default_factory=list)

    def add(self, places: Sequence[int], effects: Effects) -> None:
        self.done += places
        self.parts.append(effects)

    def result(self) -> ClaimResult:
        """What is known so far, variants in the order of their choices."""
        order = np.argsort(self.done, kind="stable")
        joined = _joined(self.parts)
        return ClaimResult(
            claim=self.asked.claim,
            axes=self.variants.axes,
            codes=_codes(self.variants, [self.done[place] for place in order]),
            first=joined.first[order],
            second=joined.second[order],
            low=joined.low[order],
            high=joined.high[order],
            error=joined.error[order],
            n=joined.n[order],
            peak=joined.peak,
            n_variants=len(self.variants.choices),
            excluded=self.variants.excluded,
            missing=self.variants.missing,
        )


def compute_ledger(
    study: Study,
    claims: Sequence[Claim],
    maps: LocalizationResults | None = None,
    *,
    n_resamples: int | None = None,
    tell: Told | None = None,
) -> Ledger:
    """Ask every claim of a study under every variant.

    study : as it was written; labels are read in every other way too.
    maps : its table of maps against masks, where there is one.
    n_resamples : of patients, the same for all variants on the same films; None = as many as anywhere else.
    tell : is told after every group of films.

    >>> from core.claims.registry import CLAIMS
    >>> from core.study import open_study
    >>> ledger = compute_ledger(open_study("tests/golden/study_v1"), CLAIMS[:1], n_resamples=20)
    >>> ledger.results[0].n_variants > 100
    True
    """
    started = time.perf_counter()
    asked = [Asked(study, claim, maps) for claim in claims]
    works = [_Work(one, variants_of(one)) for one in asked]
    total = sum(len(work.variants.choices) for work in works)

    def ledger(is_complete: bool) -> Ledger:
        results = tuple(work.result() for work in works)
        return Ledger(study.name, study.fingerprint, results, is_complete, time.perf_counter() - started)

    scores, read = StudyScores(study), positions(study)
    for labels, split in _groups(works):
        if split is None:
            _of_maps(works)
        else:
            turned = read[labels]
            seen = study if turned is None else study.under(turned)
            shared = Shared(seen, films_of_option(seen, split, n_resamples), scores)
            for work in works:
                _of_films(work, shared, (labels, split))
        if tell is not None:
            tell(sum(len(work.done) for work in works), total, ledger(is_complete=False))
    return ledger(is_complete=True)


def _groups(works: Sequence[_Work]) -> list[tuple[str, str | None]]:
    """Every reading of the labels with every split that a variant has, in order; maps last, as one."""
    found: dict[tuple[str, str | None], None] = {}
    for work in works:
        is_of_maps = work.asked.has("maps")
        for choices in work.variants.choices:
            found[("", None) if is_of_maps else (choices.get("labels", AS_WRITTEN), choices["split"])] = None
    return sorted(found, key=lambda one: one[1] is None)


def _of_maps(works: Sequence[_Work]) -> None:
    for work in works:
        if work.asked.has("maps") and work.variants.choices:
            places = range(len(work.variants.choices))
            work.add(list(places), map_effects(work.asked, work.variants.choices))


def _of_films(work: _Work, shared: Shared, group: Group) -> None:
    """Computes the variants of a claim on some films."""
    if work.asked.has("maps"):
        return
    here = [
        (place, choices)
        for place, choices in enumerate(work.variants.choices)
        if (choices.get("labels", AS_WRITTEN), choices["split"]) == group
    ]
    for one in _alike(here):
        for start in range(0, len(one), _CHUNK):
            chunk = one[start : start + _CHUNK]
            work.add([place for place, _ in chunk], _effects(work.asked, shared, [choices for _, choices in chunk]))


def _alike(here: Sequence[tuple[int, Choices]]) -> Iterator[list[tuple[int, Choices]]]:
    """Variants whose figures have the same number of resamples."""
    for is_distance in (False, True):
        found = [one for one in here if (figure_named(one[1]["metric"]).kind == "distances") == is_distance]
        if found:
            yield found


def _effects(asked: Asked, shared: Shared, variants: Sequence[Choices]) -> Effects:
    first, second, n, turned, counted = [], [], [], [], []
    for choices in variants:
        figure, mask = figure_named(choices["metric"]), mask_of(asked, choices)
        first.append(shared.values(side_of(asked.claim, 0, choices), figure, choices, mask))
        second.append(_second(asked.claim, shared, figure, choices, mask, len(first[-1])))
        n.append(shared.basis(figure, choices, mask))
        is_distance = figure.kind == "distances"
        turned.append(is_distance and shared.distances(side_of(asked.claim, 0, choices), choices, mask).is_driven_apart)
        counted.append(figure.counts_films and not isinstance(asked.claim.second, str))
    return effects_of(first, second, np.array(n, dtype=np.int64), is_turned=turned, counts_films=counted)


def side_of(claim: Claim, place: int, choices: Choices) -> Side:
    """Find the setting that stands for the first (0) or the second (1) of a claim under some choices."""
    role = claim.settings[place]
    setting = choices.get(("first", "second")[place], role)
    return Side(setting, choices.get("prompts", STORED) if role == ZERO_SHOT.name else STORED)


def mask_of(asked: Asked, choices: Choices) -> Mask:
    """Find which labels count: a class that any side learnt nothing of counts for none."""
    study, claim = asked.study, asked.claim
    if asked.has("distances"):
        return Mask(several=claim.films != "all")
    sides = [side_of(claim, place, choices).setting for place in range(len(claim.settings))]
    lost = {study.classes.index(name) for setting in sides for name in study.untrained(setting)}
    return Mask(tuple(sorted(lost)), claim.films != "all")


def _second(claim: Claim, shared: Shared, figure: ClaimFigure, choices: Choices, mask: Mask, n_rows: int) -> FloatArray:
    """(n_rows,) what the first figure is set against."""
    if not isinstance(claim.second, str):
        return np.full(n_rows, claim.second)
    if claim.second == CHANCE:
        return np.full(n_rows, CHANCE_AREA) if figure.kind == "areas" else shared.by_chance(figure, choices, mask)
    return shared.values(side_of(claim, 1, choices), figure, choices, mask)


def _codes(variants: Variants, places: Sequence[int]) -> Codes:
    """(V, A) the place of every variant's option."""
    index = [{one.name: code for code, one in enumerate(axis.options)} for axis in variants.axes]
    rows = [
        [index[number][variants.choices[place][axis.name]] for number, axis in enumerate(variants.axes)]
        for place in places
    ]
    return np.array(rows, dtype=np.int16).reshape(len(rows), len(variants.axes))


def _joined(parts: Sequence[Effects]) -> Effects:
    """Parts one after the other; the largest distance of any of them in each resample."""
    if not parts:
        none = np.zeros(0)
        return Effects(none, none, none, none, none, np.zeros(0, dtype=np.int64), none)
    peaks = [one.peak for one in parts if one.peak.size]
    least = min((one.size for one in peaks), default=0)
    peak = np.max([one[:least] for one in peaks], axis=0) if peaks else np.zeros(0)
    return replace(
        parts[0],
        first=np.concatenate([one.first for one in parts]),
        second=np.concatenate([one.second for one in parts]),
        low=np.concatenate([one.low for one in parts]),
        high=np.concatenate([one.high for one in parts]),
        error=np.concatenate([one.error for one in parts]),
        n=np.concatenate([one.n for one in parts]),
        peak=peak,
    )
