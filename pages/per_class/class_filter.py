"""Which classes a table shows: all, those with enough positives, or those of a domain."""

from __future__ import annotations

from collections.abc import Mapping

from core.findings import DOMAINS
from core.metrics.arrays import MIN_POSITIVES
from core.metrics.class_figures import ClassMetrics
from core.study import Study
from pages.shared import selection

_ALL, _ENOUGH = "all", "enough"


def pick(study: Study, per_class: Mapping[str, ClassMetrics]) -> str:
    """Which classes to show, for `members`; a choice that would show none is not offered."""
    held = _groups(per_class)
    words = {name: f"{name} ({len(members)})" for name, members in held.items()}
    words |= {_ALL: f"All ({len(study.classes)})"}
    if _ENOUGH in held:
        words[_ENOUGH] = f"{MIN_POSITIVES} or more positives ({len(held[_ENOUGH])})"
    return selection.pick_one("Classes", list(held), default=_ALL, words=words, key="classes", has_label=False)


def members(choice: str, per_class: Mapping[str, ClassMetrics]) -> list[str]:
    """List the classes of a choice, in the study's order; all where it has none."""
    return _groups(per_class).get(choice) or list(per_class)


def _groups(per_class: Mapping[str, ClassMetrics]) -> dict[str, list[str]]:
    """Every choice that shows a class."""
    groups = {
        _ALL: list(per_class),
        _ENOUGH: [name for name, metrics in per_class.items() if metrics.n_positive >= MIN_POSITIVES],
        **{domain: [name for name in per_class if name in members] for domain, members in DOMAINS.items()},
    }
    return {name: members for name, members in groups.items() if members}
