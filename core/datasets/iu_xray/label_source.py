"""The sources that labels come from: derived from the coding, or a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from core.datasets.base import FloatArray
from core.datasets.iu_xray.collection import Collection
from core.datasets.iu_xray.label_tables import read_label_table
from core.datasets.iu_xray.labels import derived_labels, unknown_heads
from core.datasets.iu_xray.rules import RULES_VERSION
from core.errors import DatasetError
from core.study.table_checks import counted

DERIVED = "derived"
NOT_THE_PAPERS = (
    f"Labels are derived from OpenI's expert coding (rules version {RULES_VERSION}); they are not the labels of "
    f"arXiv 2506.14136, whose figures rest on others."
)


class LabelSource(Protocol):
    """Labels for films, and what a study records of where they come from."""

    @property
    def origin(self) -> dict[str, object]: ...

    def rows_of(self, film_ids: Sequence[str], uids: Sequence[str]) -> FloatArray:
        """Give the labels (n_films, 14) of {0, 1, NaN}; NaN = nobody read the film."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Write sentences for the reader on these labels."""
        ...


@dataclass(frozen=True, eq=False)
class DerivedLabels:
    """Labels from the reports' coding, by uid.

    reports : REPORT_COLUMNS.
    where : for messages.
    """

    reports: pd.DataFrame
    where: str

    @property
    def origin(self) -> dict[str, object]:
        """Give the source, and the version of the rules."""
        return {"source": "derived from OpenI's expert coding", "rules_version": RULES_VERSION}

    def codings(self) -> pd.Series:
        """Give the MeSH terms by uid, and Problems where there are none. DatasetError where no report is coded."""
        coded = self.reports.set_index("uid")
        texts = coded["mesh"].where(coded["mesh"] != "", coded["problems"])
        if not (texts != "").any():
            raise DatasetError(
                f"{self.where}: no report is coded, so no labels can be derived.",
                remedy="Place indiana_reports.csv or NLMCXR_reports.tgz there, or give a table with --labels FILE.",
            )
        return texts

    def rows_of(self, film_ids: Sequence[str], uids: Sequence[str]) -> FloatArray:
        """Give labels by uid: the coding is of the study, so all its films share it."""
        return derived_labels(self.codings().reindex(list(uids)).fillna("").tolist())

    def notes(self) -> tuple[str, ...]:
        """Say whose labels these are not, and terms that no rule knows, where there are any."""
        unknown = list(unknown_heads(self.reports["mesh"]))
        strange = (f"{counted(unknown, 'coded term', 'coded terms')} in no rule.",) if unknown else ()
        return (NOT_THE_PAPERS, *strange)


def label_source(collection: Collection, labels: str) -> LabelSource:
    """Find the source: "derived", or the path of a table."""
    if labels == DERIVED:
        return DerivedLabels(collection.reports, str(collection.layout.root))
    return read_label_table(Path(labels))
