"""The labels derived from the coding beside a table of others (CheXbert's): the same studies, and where they differ.

The rules were improved on one half of the studies and are judged on the other. CheXbert's table of IU-Xray follows the
impression alone (52 studies of the first half name atelectasis in the findings section only; it has none of them as
positive), while OpenI's coders read the whole report: what the impression does not name is no finding there ("silent").
And it counts what a report only considers ("hedged"), which the coders mostly leave out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from core.datasets.base import FloatArray
from core.datasets.iu_xray.collection import Collection
from core.datasets.iu_xray.label_source import DerivedLabels
from core.datasets.iu_xray.label_tables import LabelTable
from core.datasets.iu_xray.labels import derived_labels, rules_of
from core.datasets.iu_xray.rules import RULES
from core.errors import DatasetError
from core.findings import CLASSES

Half = Literal["rules", "held", "all"]
HALF_SEED: Final = 20250614

MENTIONS: Final = {
    "Enlarged Cardiomediastinum": r"mediast|contour|hil|adenopath|aneurysm|silhouette",
    "Cardiomegaly": r"cardiomegaly|heart|cardiac",
    "Lung Opacity": r"opaci|airspace|air space|infiltrat|scar|interstiti|densit|markings",
    "Lung Lesion": r"nodul|mass|lesion|neoplasm|tumor|carcinoma|cavit",
    "Edema": r"edema|failure|chf|congesti|overload|vascula",
    "Consolidation": r"consolidat",
    "Pneumonia": r"pneumonia|infect",
    "Atelectasis": r"atelect|collapse",
    "Pneumothorax": r"pneumothora",
    "Pleural Effusion": r"effusion|pleural fluid|hemothorax",
    "Pleural Other": r"pleura|fibros",
    "Fracture": r"fractur",
    "Support Devices": r"line|tube|picc|cathet|pacemaker|port|device|icd|valve|lead|stent|drain|wire|hardware",
}
"""Stems by which an impression would name a finding, generous on purpose: "silent" is one with none of them."""

HEDGES: Final = (
    r"may |might|could|possib|probab|suggest|question|versus|\bvs\b|exclude|consider|suspect|concern|and/or|\bor\b"
)


def half_of(uid: str) -> Literal["rules", "held"]:
    """The half of a study: "rules" were looked at when the rules were written, "held" were not."""
    return "rules" if hashlib.sha256(f"{HALF_SEED}:{uid}".encode()).digest()[0] % 2 == 0 else "held"


@dataclass(frozen=True, eq=False)
class SharedStudies:
    """The studies that both have, by ascending uid. derived, table : (n, 14) of {0, 1, NaN}."""

    half: Half
    uids: tuple[str, ...]
    codings: tuple[str, ...]
    impressions: tuple[str, ...]
    derived: FloatArray
    table: FloatArray


@dataclass(frozen=True)
class Differences:
    """Studies that only one has positive, for a class or for one of its rules.

    n_silent : of those only derived, how many have an impression that does not name the finding. n_hedged : of those
    only in the table, how many have an impression that hedges. n_fired : studies that the rule (or any) fits.
    """

    finding: str
    rule: str | None
    n_fired: int
    n_derived_only: int
    n_silent: int
    n_table_only: int
    n_hedged: int


def shared_studies(collection: Collection, table: LabelTable, half: Half = "held") -> SharedStudies:
    """Coded reports that the table labels too. DatasetError where the table is not by study, or shares none."""
    if table.by != "uid":
        raise DatasetError(f"{table.path}: is keyed by film.", remedy="Key it by uid: the coding is of studies.")
    codings = DerivedLabels(collection.reports, str(collection.layout.root)).codings()
    chosen = [uid for uid in sorted(set(codings.index) & set(table.keys), key=int) if half in ("all", half_of(uid))]
    if not chosen:
        raise DatasetError(f"{table.path}: shares no study with the reports.", remedy="Give a table of these studies.")
    texts = codings[chosen].tolist()
    impressions = collection.reports.set_index("uid")["impression"][chosen].tolist()
    labels = table.rows_of(chosen, chosen)
    return SharedStudies(half, tuple(chosen), tuple(texts), tuple(impressions), derived_labels(texts), labels)


def differences(shared: SharedStudies) -> tuple[Differences, ...]:
    """For every finding a line for the class, then one for each of its rules."""
    fired = [frozenset(rule.name for rule in rules_of(coding)) for coding in shared.codings]
    lines = []
    for finding, stems in MENTIONS.items():
        column = CLASSES.index(finding)
        silent = _without(stems, shared.impressions)
        hedged = ~_without(HEDGES, shared.impressions)
        only_table = (shared.derived[:, column] == 0) & (shared.table[:, column] == 1)
        absent = shared.table[:, column] == 0
        names = [rule.name for rule in RULES if rule.finding == finding]
        for name in (None, *names):
            fits = np.array([bool(names_of & ({name} if name else set(names))) for names_of in fired])
            only = fits & absent
            tables = only_table if name is None else np.zeros_like(only_table)
            counts = (fits, only, only & silent, tables, tables & hedged)
            lines.append(Differences(finding, name, *(int(count.sum()) for count in counts)))
    return tuple(lines)


def _without(pattern: str, texts: Sequence[str]) -> np.ndarray:
    """(n,) bool: texts in which nothing fits the pattern."""
    found = re.compile(pattern, re.IGNORECASE)
    return np.array([found.search(text) is None for text in texts])


def speaking(shared: SharedStudies, finding: str) -> np.ndarray:
    """(n,) bool: all studies but those that only the coding has positive and whose impression does not name it."""
    column = CLASSES.index(finding)
    silent = _without(MENTIONS.get(finding, ""), shared.impressions)
    return np.asarray(~((shared.derived[:, column] == 1) & (shared.table[:, column] == 0) & silent))
