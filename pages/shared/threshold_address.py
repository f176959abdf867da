"""A setting's thresholds as the parts of an address: where they start, stand, were frozen, and come from.

"by-POLICY", "at-NUMBER" of the policy, "picked-SPLIT" where it was chosen while looking at other films than val. Then
the current thresholds, where they were moved or frozen, and the frozen ones ("start" where they are those of the
start); "on-SPLIT" where thresholds were chosen while looking at other films than val, "held-SPLIT" the same of the
frozen ones, and of a start that came from a file "file-SPLIT.VALUES" or, exploratory, "filed-SPLIT.VALUES".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.errors import CoreError
from core.study import Study
from core.thresholds import POLICIES, SplitCounts
from core.thresholds.links import decode_thresholds, encode_thresholds, linked_set
from pages.shared import cache
from pages.shared.selection import SPLIT_WORDS
from pages.shared.working_thresholds import WorkingThresholds, all_same, explored

_AT_START: Final = "start"
_EXPLORED, _HELD, _FILE, _FILE_EXPLORED = "on", "held", "file", "filed"
_POLICY, _PARAMETER, _PICKED = "by", "at", "picked"
_NAMES: Final = (_EXPLORED, _HELD, _FILE, _FILE_EXPLORED, _POLICY, _PARAMETER, _PICKED)


@dataclass(frozen=True)
class AskedPolicy:
    """What an address says of where thresholds start; None: what is usual.

    picked_on : films, other than val, that were looked at when the policy was chosen.
    """

    name: str | None = None
    parameter: float | None = None
    picked_on: str | None = None


def read_policy(parts: Sequence[str]) -> AskedPolicy:
    """Where thresholds start. Raises CoreError where the policy's number is none."""
    marks = _marks(parts)
    try:
        parameter = float(marks[_PARAMETER]) if _PARAMETER in marks else None
    except ValueError:
        raise CoreError(
            f"The link's number for a policy, {marks[_PARAMETER]!r}, is no number.", remedy="Copy the whole link again."
        ) from None
    picked_on = marks.get(_PICKED)
    return AskedPolicy(marks.get(_POLICY), parameter, picked_on if picked_on in SPLIT_WORDS else None)


def _policy_parts(operating: WorkingThresholds, usual: str) -> list[str]:
    """The parts that say by which policy thresholds start; none where it is the usual one."""
    start, parts = operating.start, []
    if start.policy in [policy.name for policy in POLICIES] and not operating.is_imported:
        parts += [f"{_POLICY}-{start.policy}"] if start.policy != usual else []
        parts += [f"{_PARAMETER}-{start.parameter}"] if start.parameter is not None else []
    return [*parts, *([f"{_PICKED}-{operating.started_on}"] if operating.started_on else [])]


def _marks(parts: Sequence[str]) -> dict[str, str]:
    """The parts that have a name, by it."""
    return {name: part.removeprefix(f"{name}-") for part in parts for name in _NAMES if part.startswith(f"{name}-")}


def _unnamed(parts: Sequence[str]) -> list[str]:
    """The current thresholds and the frozen ones, where they are there."""
    return [part for part in parts if not part.startswith(tuple(f"{name}-" for name in _NAMES))]


def written_parts(study: Study, setting: str, operating: WorkingThresholds, *, usual: str) -> list[str]:
    """The parts; none where thresholds stand where the usual policy put them."""
    policy = _policy_parts(operating, usual)
    if operating.frozen is None and not operating.n_moved and not operating.is_imported:
        return policy
    fingerprint = study.scores_fingerprint(setting)

    def code(values: Sequence[float]) -> str:
        return encode_thresholds(fingerprint, np.array(values))

    start = tuple(map(float, operating.start.array()))
    parts = [*policy, code(operating.values)]
    if operating.frozen is not None:
        parts.append(_AT_START if all_same(operating.frozen, start) else code(operating.frozen))
    if operating.as_set().is_exploratory:
        parts.append(f"{_EXPLORED}-{_explored_on(operating)}")
    if split := explored(operating.frozen_on):
        parts.append(f"{_HELD}-{split}")
    if operating.is_imported:
        name = _FILE_EXPLORED if operating.start.is_exploratory else _FILE
        parts.append(f"{name}-{operating.start.split or 'none'}.{code(start)}")
    return parts


def _explored_on(operating: WorkingThresholds) -> str:
    """A split other than val that exploratory thresholds were chosen on; test where only the fact is known."""
    known = (operating.explored_on, operating.started_on, operating.start.split)
    return next((split for split in known if split not in (None, "val")), None) or "test"


def read_values(study: Study, setting: str, opened: WorkingThresholds, parts: Sequence[str]) -> WorkingThresholds:
    """The thresholds that some parts hold, on top of what a policy gives. Raises CoreError where they are damaged."""
    fingerprint = study.scores_fingerprint(setting)

    def read(part: str) -> tuple[float, ...]:
        return tuple(map(float, decode_thresholds(part, fingerprint, len(opened.values))))

    marks, unnamed = _marks(parts), _unnamed(parts)
    if not unnamed:
        return opened
    first, *held = unnamed
    opened = _from_file(study, opened, marks, read)
    start, values = tuple(map(float, opened.start.array())), read(first)
    frozen = None if not held else start if held[0] == _AT_START else read(held[0])

    def chosen_on(thresholds: tuple[float, ...] | None, mark: str) -> SplitCounts | None:
        is_chosen = thresholds is not None and not all_same(thresholds, start)
        return cache.films_of(study, _split(marks.get(mark))) if is_chosen else None

    return replace(
        opened,
        values=values,
        frozen=frozen,
        moved_on=chosen_on(values, _EXPLORED),
        frozen_on=chosen_on(frozen, _HELD),
        epoch=f"{opened.epoch}-link",
    )


def _from_file(
    study: Study, opened: WorkingThresholds, marks: Mapping[str, str], read: Callable[[str], tuple[float, ...]]
) -> WorkingThresholds:
    """The same with the start that came from a file, where the address says so."""
    name = _FILE_EXPLORED if _FILE_EXPLORED in marks else _FILE
    split, _, code = marks.get(name, "").partition(".")
    if not code:
        return opened
    films = cache.films_of(study, split) if split in SPLIT_WORDS else None
    values = read(code)
    start = linked_set(opened.start, np.array(values), films, is_exploratory=name == _FILE_EXPLORED)
    return replace(opened, start=start, values=values, is_imported=True, started_on=None, unexplored=None)


def _split(name: str | None) -> str:
    """Where thresholds were moved: on val unless the address says otherwise."""
    return name if name in SPLIT_WORDS else "val"
