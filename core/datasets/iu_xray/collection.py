"""All that a folder says of IU-Xray, joined: films with their views, reports, and R2Gen's studies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from core.datasets.iu_xray.ecgen import SECTIONS, read_ecgen
from core.datasets.iu_xray.layout import Layout
from core.datasets.iu_xray.reports import (
    FILM_COLUMNS,
    REPORT_COLUMNS,
    films_of_ecgen,
    read_projections,
    read_reports,
    reports_of_ecgen,
)
from core.datasets.iu_xray.splits import R2GenStudy, read_annotation

NO_VIEWS = (
    "Which films are frontal is unknown: OpenI's reports do not say it, and neither do the names or the order of the "
    "films. Place indiana_projections.csv beside them."
)
R2GEN_VIEWS = "R2Gen's films carry no view: 0.png of a study is taken as frontal, which is its convention."


@dataclass(frozen=True, eq=False)
class Collection:
    """What there is, and from where; every part is read once, when it is asked for."""

    layout: Layout

    @cached_property
    def studies(self) -> list[R2GenStudy]:
        """Give R2Gen's studies; [] without its annotation."""
        path = self.layout.annotation_json
        return read_annotation(path) if path else []

    @cached_property
    def projections(self) -> pd.DataFrame | None:
        """Give FILM_COLUMNS of the projections table; None without it."""
        path = self.layout.projections_csv
        return read_projections(path) if path else None

    @cached_property
    def ecgen(self) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        """Give reports and films of the XML; None without it."""
        if self.layout.reports_xml is None:
            return None
        reports = read_ecgen(self.layout.reports_xml)
        return reports_of_ecgen(reports), films_of_ecgen(reports)

    @cached_property
    def reports(self) -> pd.DataFrame:
        """Give REPORT_COLUMNS: of the table, else of the XML, else of R2Gen,
        which has neither coding nor impression.
        """
        if self.layout.reports_csv is not None:
            return read_reports(self.layout.reports_csv)
        if self.ecgen is not None:
            return self.ecgen[0]
        blank = dict.fromkeys(REPORT_COLUMNS, "")
        rows = [blank | {"uid": study.uid, SECTIONS[2]: study.report} for study in self.studies]
        return pd.DataFrame(rows, columns=pd.Index(REPORT_COLUMNS), dtype=object)

    @cached_property
    def is_r2gen(self) -> bool:
        """Tell whether the films are R2Gen's: they are all that is listed, or all that have files."""
        if not self.studies or self._has_file([film for study in self.studies for film in study.film_ids]) is False:
            return bool(self.studies) and self.projections is None and self.ecgen is None
        return not self._has_file(self._listed["film_id"].tolist())

    @property
    def form(self) -> str:
        """Tell whose list of films it is, in words."""
        if self.is_r2gen:
            return "R2Gen's annotation"
        return "OpenI's reports" if self.projections is None else "indiana tables"

    @cached_property
    def films(self) -> pd.DataFrame:
        """Give FILM_COLUMNS, every film that is listed, with or without a file."""
        return self._r2gen_films if self.is_r2gen else self._listed

    @property
    def knows_views(self) -> bool:
        """Tell whether every film is told to be frontal or lateral."""
        return bool(len(self.films)) and not self.films["view"].isna().any()

    @cached_property
    def frontal_uids(self) -> set[str]:
        """List the patients with a frontal film in the published collection: what the paper's split was drawn from."""
        return (
            set() if self.projections is None else set(self.projections["uid"][self.projections["view"] == "Frontal"])
        )

    def notes(self) -> tuple[str, ...]:
        """Write sentences on what is not known."""
        if self.is_r2gen:
            return (R2GEN_VIEWS,)
        if not len(self.films):
            return ("Which films there are is unknown: place indiana_projections.csv beside the reports.",)
        return () if self.knows_views else (NO_VIEWS,)

    @property
    def _listed(self) -> pd.DataFrame:
        if self.projections is not None:
            return self.projections
        return pd.DataFrame(columns=pd.Index(FILM_COLUMNS), dtype=object) if self.ecgen is None else self.ecgen[1]

    @property
    def _r2gen_films(self) -> pd.DataFrame:
        """The first film of a study as frontal, unless the projections table says that the study has none."""
        frontal = self.frontal_uids
        rows = [
            (film, study.uid, "Frontal" if position == 0 and (not frontal or study.uid in frontal) else "Lateral")
            for study in self.studies
            for position, film in enumerate(study.film_ids)
        ]
        return pd.DataFrame(rows, columns=pd.Index(FILM_COLUMNS), dtype=object)

    def _has_file(self, film_ids: Sequence[str]) -> bool:
        return not self.layout.films.keys().isdisjoint(film_ids)
