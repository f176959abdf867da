"""The table of maps against masks: what is asked for, and every map against every mask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from core.errors import SaliencyError
from core.files import digest
from core.saliency.localization.store import FilmResult, annotated_films
from core.saliency.methods import EVERY, IMPORTED, METHODS
from core.study.read import Study


@dataclass(frozen=True)
class LocalizationPlan:
    """What is computed.

    methods : names, by default of the quick ones that are meant for it.
    has_all_layers : whether every block is, or each method's own choice only.
    splits : whose films; where readers drew on none of them, the films of all splits.
    settings : whose maps; () of all.
    """

    methods: tuple[str, ...] = tuple(entry.name for entry in METHODS if entry.in_default_table and not entry.is_slow)
    has_all_layers: bool = False
    splits: tuple[str, ...] = ("val", "test")
    settings: tuple[str, ...] = ()

    def settings_of(self, study: Study) -> tuple[str, ...]:
        """List the settings, in the study's order. SaliencyError for one that it does not have."""
        strange = [name for name in self.settings if name not in study.settings]
        if strange:
            raise SaliencyError(
                f"The study {study.name} has no setting {strange[0]!r}.",
                remedy=f"Choose among {', '.join(study.settings)}.",
            )
        return tuple(name for name in study.settings if not self.settings or name in self.settings)


@dataclass(frozen=True, eq=False)
class LocalizationResults:
    """Every map against every mask.

    rows : one row per film, finding, reader, setting, method and layer: image_id, patient_id, split, finding, reader,
        setting, method, layer, is_default (the layer that the method takes by itself), score, label, raw_maximum, the
        figures of `core.metrics.localization.Localization` (the sweep as iou_05 ... iou_95, dice_05 ... dice_95),
        chexlocalize_iou, and n_readers, readers_iou, readers_dice: how far the readers of the finding agree.
    fingerprint : of the study.
    notes : what is missing, in sentences.
    films : by film, what was computed; a film whose marks have changed since is not in the table.
    """

    rows: pd.DataFrame
    fingerprint: str
    notes: tuple[str, ...] = ()
    films: Mapping[str, FilmResult] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Give 16 hex digits that change with what was computed of which marks."""
        told = {image_id: done.to_json() for image_id, done in sorted(self.films.items())}
        return digest([self.fingerprint, self.notes, told, len(self.rows)], 16)

    @property
    def settings(self) -> tuple[str, ...]:
        """List the settings in the order of the study."""
        return tuple(self.rows["setting"].unique())

    @property
    def methods(self) -> tuple[str, ...]:
        """List the methods in the order of the registry."""
        here = set(self.rows["method"].unique())
        return tuple(method.name for method in EVERY if method.name in here)

    @property
    def findings(self) -> tuple[str, ...]:
        """List the findings that a reader drew, most films first."""
        return tuple(self.rows.drop_duplicates(["image_id", "finding"])["finding"].value_counts().index)

    @property
    def readers(self) -> tuple[str, ...]:
        """List the readers in alphabetical order."""
        return tuple(sorted(self.rows["reader"].unique()))

    @property
    def splits(self) -> tuple[str, ...]:
        """List the splits with a film in it, test first."""
        return tuple(name for name in ("test", "val", "train") if (self.rows["split"] == name).any())

    @cached_property
    def _parts(self) -> dict[object, pd.DataFrame]:
        return dict(iter(self.rows.groupby(["setting", "method"], sort=False)))

    def rows_of(self, setting: str, method: str) -> pd.DataFrame:
        """Give the rows of a setting and method, in their order; split up once, for a table may have 100,000s."""
        return self._parts.get((setting, method), self.rows.iloc[:0])

    def layers(self, method: str) -> tuple[str, ...]:
        """List the layers that were computed for a method, in their order; one or none where only its own was."""
        layers = self.rows.loc[self.rows["method"] == method, "layer"]
        return tuple(layer for layer in layers.unique() if layer)

    def lacks(self, study: Study, plan: LocalizationPlan) -> tuple[str, ...]:
        """List the films of a plan of which something is still to be computed."""
        wanted = [(image_id, self.films.get(image_id)) for image_id in annotated_films(study, plan.splits)]
        return tuple(
            image_id
            for image_id, done in wanted
            if done is None
            or done.missing(plan.methods, has_all_layers=plan.has_all_layers)
            or not set(plan.settings) <= set(done.settings)
        )

    def only(self, study: Study, plan: LocalizationPlan) -> LocalizationResults:
        """Keep the part that a plan asks for, and the imported maps."""
        keep = self.rows["method"].isin((*plan.methods, IMPORTED.name))
        keep &= self.rows["image_id"].isin(annotated_films(study, plan.splits))
        keep &= self.rows["setting"].isin(plan.settings_of(study))
        if not plan.has_all_layers:
            keep &= self.rows["is_default"].astype(bool)
        return replace(self, rows=self.rows[keep].reset_index(drop=True))
