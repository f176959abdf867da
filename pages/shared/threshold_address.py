"""A setting's thresholds as the parts of an address: where they start, stand, were frozen, and come from.

"of-FINGERPRINT" where labels are read otherwise than the study was written: whose they are. "by-POLICY", "at-NUMBER"
and "sure-NUMBER" of the policy, "picked-SPLIT" where it was chosen while looking at films other than val. Then the
current thresholds, where they were moved or frozen, and the frozen ones ("start" where they are those of the start);
"on-SPLIT" where thresholds were chosen while looking at other films than val, "held-SPLIT" the same of the frozen ones,
and of a start that came from a file "file-SPLIT.VALUES" or, exploratory, "filed-SPLIT.VALUES". Where classes have two
cuts, "VALUES.VALUES" stands for VALUES: the rule-out cuts, then the rule-in cuts.
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
from pages.shared.working_thresholds import WorkingThresholds, explored, same_cuts, uppers_of

_AT_START: Final = "start"
_EXPLORED, _HELD, _FILE, _FILE_EXPLORED = "on", "held", "file", "filed"
_TURNED, _POLICY, _PARAMETER, _CONFIDENCE, _PICKED = "of", "by", "at", "sure", "picked"
_BETWEEN: Final = "."
Cuts = tuple[tuple[float, ...], tuple[float, ...] | None]
"""Thresholds by class, and the rule-in cuts above them where classes have two cuts."""
_NAMES: Final = (
    _EXPLORED, _HELD, _FILE, _FILE_EXPLORED, _TURNED, _POLICY, _PARAMETER, _CONFIDENCE, _PICKED,
)  # fmt: skip


@dataclass(frozen=True)
class AskedPolicy:
    """What an address says of where thresholds start; None: what is usual.

    picked_on : films, other than val, that were looked at when the policy was chosen.
    """

    name: str | None = None
    parameter: float | None = None
    confidence: float | None = None
    picked_on: str | None = None


def is_of_turned(parts: Sequence[str]) -> bool:
    """Whether parts are of labels that are read otherwise than the study was written."""
    return _TURNED in _marks(parts)


def require_labels(study: Study, setting: str, parts: Sequence[str]) -> None:
    """Raises CoreError where parts are of other labels than those that the study is read with now."""
    asked, here = _marks(parts).get(_TURNED), _turned(study, setting)
    if asked != here:
        raise CoreError(
            f"The thresholds in the link are of labels that are read in another way ({asked}) than here ({here}).",
            remedy="Copy the whole link again.",
        )


def _turned(study: Study, setting: str) -> str | None:
    """What names the labels of a study that is turned; None where they are read as it was written."""
    return None if study.position is None else study.scores_fingerprint(setting)[:8]


def read_policy(parts: Sequence[str]) -> AskedPolicy:
    """Where thresholds start. Raises CoreError where one of the policy's numbers is none."""
    marks = _marks(parts)
    parameter, confidence = (_number(marks.get(name)) for name in (_PARAMETER, _CONFIDENCE))
    picked_on = marks.get(_PICKED)
    return AskedPolicy(marks.get(_POLICY), parameter, confidence, picked_on if picked_on in SPLIT_WORDS else None)


def _number(text: str | None) -> float | None:
    """A number of a policy. Raises CoreError where it is none."""
    try:
        return None if text is None else float(text)
    except ValueError:
        raise CoreError(
            f"The link's number for a policy, {text!r}, is no number.", remedy="Copy the whole link again."
        ) from None


def _policy_parts(operating: WorkingThresholds, usual: str) -> list[str]:
    """The parts that say by which policy thresholds start; none where it is the usual one."""
    start, parts = operating.start, []
    if start.policy in [policy.name for policy in POLICIES] and not operating.is_imported:
        parts += [f"{_POLICY}-{start.policy}"] if start.policy != usual else []
        numbers = {_PARAMETER: start.parameter, _CONFIDENCE: start.confidence}
        parts += [f"{name}-{number}" for name, number in numbers.items() if number is not None]
    return [*parts, *([f"{_PICKED}-{operating.started_on}"] if operating.started_on else [])]


def _marks(parts: Sequence[str]) -> dict[str, str]:
    """The parts that have a name, by it."""
    return {name: part.removeprefix(f"{name}-") for part in parts for name in _NAMES if part.startswith(f"{name}-")}


def _unnamed(parts: Sequence[str]) -> list[str]:
    """The current thresholds and the frozen ones, where they are there."""
    return [part for part in parts if not part.startswith(tuple(f"{name}-" for name in _NAMES))]


def written_parts(study: Study, setting: str, operating: WorkingThresholds, *, usual: str) -> list[str]:
    """The parts; none where thresholds stand where the usual policy put them."""
    parts, turned = _parts(study, setting, operating, usual), _turned(study, setting)
    return [f"{_TURNED}-{turned}", *parts] if parts and turned is not None else parts


def _parts(study: Study, setting: str, operating: WorkingThresholds, usual: str) -> list[str]:
    policy = _policy_parts(operating, usual)
    if operating.frozen is None and not operating.n_moved and not operating.is_imported:
        return policy
    fingerprint = study.scores_fingerprint(setting)

    def code(values: Sequence[float], uppers: Sequence[float] | None) -> str:
        rows = [values] if uppers is None else [values, uppers]
        return _BETWEEN.join(encode_thresholds(fingerprint, np.array(row)) for row in rows)

    start, above = tuple(map(float, operating.start.array())), uppers_of(operating.start)
    parts = [*policy, code(operating.values, operating.uppers)]
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


def read_values(study: Study, setting: str, opened: WorkingThresholds, parts: Sequence[str]) -> WorkingThresholds:
    """The thresholds that some parts hold, on top of what a policy gives. Raises CoreError where they are damaged."""
    fingerprint = study.scores_fingerprint(setting)

    def read(part: str) -> Cuts:
        rows = part.split(_BETWEEN)[:2]
        values, *uppers = (tuple(map(float, decode_thresholds(row, fingerprint, len(opened.values)))) for row in rows)
        return values, uppers[0] if uppers else None

    marks, unnamed = _marks(parts), _unnamed(parts)
    if not unnamed:
        return opened
    first, *held = unnamed
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
