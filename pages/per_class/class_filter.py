"""Which classes a table shows: all, those with enough positives, or those of a domain."""

from __future__ import annotations

from collections.abc import Mapping

from core.findings import DOMAINS
from core.metrics.arrays import MIN_POSITIVES
from core.metrics.class_figures import ClassMetrics
from core.study import Study
from pages.shared import selection

_ALL, _ENOUGH = "all", "enough"


def pick(study: Study, per_class: Mapping[str, ClassMetrics]) -> list[str]:
    """The classes to show, in the study's order; a choice that would show none is not offered."""
    groups = {
        _ALL: list(study.classes),
        _ENOUGH: [name for name in study.classes if per_class[name].n_positive >= MIN_POSITIVES],
        **{domain: [name for name in study.classes if name in members] for domain, members in DOMAINS.items()},
    }
    held = {name: members for name, members in groups.items() if members}
    words = {name: f"{name} ({len(members)})" for name, members in held.items()}
    words |= {_ALL: f"All ({len(study.classes)})"}
    if _ENOUGH in held:
        words[_ENOUGH] = f"{MIN_POSITIVES} or more positives ({len(held[_ENOUGH])})"
    return held[selection.pick_one("Classes", list(held), default=_ALL, words=words, key="classes")]
