"""The agreement of derived labels with a table of others, as text and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.datasets.iu_xray.agreement import Differences, Half, differences, shared_studies, speaking
from core.datasets.iu_xray.collection import Collection
from core.datasets.iu_xray.label_tables import read_label_table
from core.datasets.iu_xray.layout import find_layout
from core.errors import DatasetError
from core.findings import CLASSES, NO_FINDING
from core.metrics.agreement import ClassAgreement, class_agreement, cohen_kappa, mean_kappa
from core.words import number_words

LEAST_POSITIVES = 20
_HALVES = {
    "held": "held back from writing the rules",
    "rules": "looked at when writing the rules",
    "all": "all, those looked at when writing the rules too",
}


@dataclass(frozen=True)
class LabelAgreement:
    """rows : every class, derived first, table second. speaking_kappas : the same without the studies that only the
    coding has positive and whose impression does not name the finding. mean : of the findings with enough positives.
    """

    file: str
    half: Half
    n_studies: int
    rows: tuple[ClassAgreement, ...]
    speaking_kappas: dict[str, float]
    mean: float
    differences: tuple[Differences, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values, null where a kappa is undefined."""
        per_class = {
            row.finding: {
                "n_derived": row.n_first,
                "n_table": row.n_second,
                "n_both": row.n_both,
                "kappa": _defined(row.kappa),
                "kappa_where_the_impression_speaks": _defined(self.speaking_kappas[row.finding]),
            }
            for row in self.rows
        }
        return {
            "file": self.file,
            "half": self.half,
            "n_studies": self.n_studies,
            "mean_kappa": _defined(self.mean),
            "mean_kappa_of_findings_with_at_least": LEAST_POSITIVES,
            "per_class": per_class,
            "differences": [asdict(line) for line in self.differences],
        }

    def to_text(self) -> str:
        """Two tables: every class, and where they differ by rule."""
        heading = f"Derived labels beside {self.file}: {self.n_studies:,} studies ({_HALVES[self.half]})."
        classes = [["class", "derived", "table", "both", "kappa", "kappa*"]] + [
            [
                row.finding,
                *map(str, (row.n_first, row.n_second, row.n_both)),
                number_words(row.kappa),
                self._speaking(row),
            ]
            for row in self.rows
        ]
        rules = [["where they differ", "fits", "only derived", "silent", "only table", "hedged"]] + [
            [f"  {line.rule}" if line.rule else line.finding, *map(str, _counts(line))] for line in self.differences
        ]
        mean = number_words(self.mean)
        notes = (
            f"Mean kappa of the findings with at least {LEAST_POSITIVES} positives in the table: {mean}.\n"
            "kappa*: without silent studies. silent: only derived, and the impression does not name the finding.\n"
            "hedged: only in the table, and the impression only considers something. fits: studies with such a term."
        )
        return "\n\n".join([heading, _aligned(classes), notes, _aligned(rules)])

    def _speaking(self, row: ClassAgreement) -> str:
        return number_words(self.speaking_kappas[row.finding])


def label_agreement(dataset: str, root: Path | None, table: Path, half: Half = "held") -> LabelAgreement:
    """The derived labels of iu-xray beside a table. DatasetError for another dataset, or nothing shared."""
    if dataset != "iu-xray" or root is None:
        raise DatasetError(
            "--agreement compares labels derived from OpenI's coding.", remedy="Give it with iu-xray --root."
        )
    shared = shared_studies(Collection(find_layout(root)), read_label_table(table), half)
    rows = class_agreement(CLASSES, shared.derived, shared.table)
    speaks = {name: speaking(shared, name) for name in CLASSES}
    kappas = {
        name: cohen_kappa(shared.derived[speaks[name], column], shared.table[speaks[name], column])
        for column, name in enumerate(CLASSES)
    }
    findings = [row for row in rows if row.finding != NO_FINDING]
    mean = mean_kappa(findings, at_least=LEAST_POSITIVES)
    return LabelAgreement(table.name, half, len(shared.uids), rows, kappas, mean, differences(shared))


def _counts(line: Differences) -> tuple[int | str, ...]:
    table_only = ("", "") if line.rule else (line.n_table_only, line.n_hedged)
    return line.n_fired, line.n_derived_only, line.n_silent, *table_only


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
