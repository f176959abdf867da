"""A setting's thresholds as the parts of one address parameter: where they stand, were frozen, and come from.

The first part is the current thresholds. Further parts: the frozen ones ("start" where they are those of the start),
"on-SPLIT" where thresholds were chosen while looking at other films than val, "held-SPLIT" the same of the frozen
ones, and of a start that came from a file "file-SPLIT.VALUES" or, exploratory, "filed-SPLIT.VALUES". Where classes
have two cuts, "VALUES.VALUES" stands for VALUES: the rule-out cuts, then the rule-in cuts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from core.study import Study
from core.thresholds import SplitCounts
from core.thresholds.links import decode_thresholds, encode_thresholds, linked_set
from pages.shared import cache
from pages.shared.selection import SPLIT_WORDS
from pages.shared.working_thresholds import WorkingThresholds, explored, same_cuts, uppers_of

_AT_START: Final = "start"
_EXPLORED, _HELD, _FILE, _FILE_EXPLORED = "on", "held", "file", "filed"
_BETWEEN: Final = "."
Cuts = tuple[tuple[float, ...], tuple[float, ...] | None]
"""Thresholds by class, and the rule-in cuts above them where classes have two cuts."""
_NAMES: Final = (_EXPLORED, _HELD, _FILE, _FILE_EXPLORED)


def written_marks(study: Study, setting: str, operating: WorkingThresholds) -> list[str]:
    """The parts; none where thresholds stand where a policy put them."""
    if operating.frozen is None and not operating.n_moved and not operating.is_imported:
        return []
    fingerprint = study.scores_fingerprint(setting)

    def code(values: Sequence[float], uppers: Sequence[float] | None) -> str:
        rows = [values] if uppers is None else [values, uppers]
        return _BETWEEN.join(encode_thresholds(fingerprint, np.array(row)) for row in rows)

    start, above = tuple(map(float, operating.start.array())), uppers_of(operating.start)
    parts = [code(operating.values, operating.uppers)]
    if operating.frozen is not None:
        is_at_start = same_cuts(operating.frozen, operating.frozen_uppers, start, above)
        parts.append(_AT_START if is_at_start else code(operating.frozen, operating.frozen_uppers))
    if operating.as_set().is_exploratory:
        parts.append(f"{_EXPLORED}-{_explored_on(operating)}")
    if split := explored(operating.frozen_on):
        parts.append(f"{_HELD}-{split}")
    if operating.is_imported:
        name = _FILE_EXPLORED if operating.start.is_exploratory else _FILE
        parts.append(f"{name}-{operating.start.split or 'none'}.{code(start, above)}")
    return parts


def _explored_on(operating: WorkingThresholds) -> str:
    """A split other than val that exploratory thresholds were chosen on; test where only the fact is known."""
    known = (operating.explored_on, operating.started_on, operating.start.split)
    return next((split for split in known if split not in (None, "val")), None) or "test"


def read_marks(study: Study, setting: str, opened: WorkingThresholds, parts: Sequence[str]) -> WorkingThresholds:
    """The thresholds that some parts hold, on top of what a policy gives. Raises CoreError where they are damaged."""
    fingerprint = study.scores_fingerprint(setting)

    def read(part: str) -> Cuts:
        rows = part.split(_BETWEEN)[:2]
        values, *uppers = (tuple(map(float, decode_thresholds(row, fingerprint, len(opened.values)))) for row in rows)
        return values, uppers[0] if uppers else None

    first, *rest = parts
    marks = {name: part.removeprefix(f"{name}-") for part in rest for name in _NAMES if part.startswith(f"{name}-")}
    held = [part for part in rest if not part.startswith(tuple(f"{name}-" for name in _NAMES))]
    opened = _from_file(study, opened, marks, read)
    start = tuple(map(float, opened.start.array())), uppers_of(opened.start)
    now = read(first)
    frozen = None if not held else start if held[0] == _AT_START else read(held[0])

    def chosen_on(cuts: Cuts | None, mark: str) -> SplitCounts | None:
        is_chosen = cuts is not None and not same_cuts(*cuts, *start)
        return cache.films_of(study, _split(marks.get(mark))) if is_chosen else None

    return replace(
        opened,
        values=now[0],
        uppers=now[1],
        frozen=None if frozen is None else frozen[0],
        frozen_uppers=None if frozen is None else frozen[1],
        moved_on=chosen_on(now, _EXPLORED),
        frozen_on=chosen_on(frozen, _HELD),
        epoch=f"{opened.epoch}-link",
    )


def _from_file(
    study: Study, opened: WorkingThresholds, marks: Mapping[str, str], read: Callable[[str], Cuts]
) -> WorkingThresholds:
    """The same with the start that came from a file, where the address says so."""
    name = _FILE_EXPLORED if _FILE_EXPLORED in marks else _FILE
    split, _, code = marks.get(name, "").partition(".")
    if not code:
        return opened
    films = cache.films_of(study, split) if split in SPLIT_WORDS else None
    values, uppers = read(code)
    above = None if uppers is None else np.array(uppers)
    start = linked_set(opened.start, np.array(values), films, is_exploratory=name == _FILE_EXPLORED, uppers=above)
    return replace(
        opened, start=start, values=values, uppers=uppers, is_imported=True, started_on=None, unexplored=None
    )


def _split(name: str | None) -> str:
    """Where thresholds were moved: on val unless the address says otherwise."""
    return name if name in SPLIT_WORDS else "val"
