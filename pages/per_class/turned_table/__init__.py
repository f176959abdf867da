"""The table of all classes where the truth dial can be turned: the browser holds it for every position."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.figures.class_tables import class_words
from core.files import digest
from core.metrics.class_figures import ClassMetrics
from core.study import Study
from core.thresholds import ThresholdSet
from pages.per_class import class_filter
from pages.shared import cache, operating, truth_dial
from pages.shared.components import parcel, register

PerClass = Mapping[str, ClassMetrics]

_HERE: Final = Path(__file__).resolve().parent
_TABLE: Final = register(
    "class_table", _HERE / "table.js", html='<div class="classes"></div>', css=(_HERE / "table.css",)
)
_TABLES: Final = parcel("class_tables")


def show(study: Study, split: str, chosen: ThresholdSet, per_class: PerClass, choice: str, **look: Any) -> None:
    """The table of the position that the study is read under.

    choice : which classes are shown, of `class_filter`.  look : `alt`, and `helps` by heading.
    """
    table = _table(per_class, choice)
    token = _token(study, split, chosen.setting, choice)
    _TABLE(data={**look, "here": truth_dial.here(study), "table": table, "token": token}, key="class-table")


def send(study: Study, split: str, chosen: ThresholdSet, per_class: PerClass, choice: str) -> None:
    """Hands the tables of all positions to the browser; a page ends with it, as it takes a while at first.

    They are the same from whichever position they are computed, so that a turn sends none of them again.
    """
    tables = {truth_dial.here(study): _table(per_class, choice)}
    for name, there in truth_dial.near(study).items():
        decided = operating.carried_to(study, there, chosen.setting).as_set()
        tables[name] = _table(cache.classes(there, split, decided).per_class, choice)
    content = {"token": _token(study, split, chosen.setting, choice), "tables": dict(sorted(tables.items()))}
    _TABLES(data=content, key="class-tables")


def _table(per_class: PerClass, choice: str) -> dict[str, Any]:
    kept = class_filter.members(choice, per_class)
    headings, rows = class_words({finding: per_class[finding] for finding in kept})
    return {"headings": headings, "rows": rows}


def _token(study: Study, split: str, setting: str, choice: str) -> str:
    """What the tables of all positions share: a turn takes thresholds along, and changes nothing of it."""
    kept = operating.current(study, setting)
    shared = [split, setting, choice, kept.epoch, kept.number, *operating.policy_of(kept.start)]
    return digest([study.manifest.fingerprint, *shared], 16)
