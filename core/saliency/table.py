"""Maps against masks over all annotated films: computed once, kept outside the study, added to when more is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from core.errors import CoreError, SaliencyError
from core.files import digest
from core.locks import only_writer
from core.models.arrays import Progress, no_progress
from core.saliency.methods import METHODS
from core.saliency.table_metrics import METRICS, Metric
from core.saliency.table_pairs import Films, MapsOf
from core.saliency.table_ranking import RankedMaps, chosen_on_val, ranked_maps
from core.saliency.table_store import FilmDone, Kept, Unfinished, film_marks, folder_of, read_kept, write_kept
from core.saliency.table_summary import LocalizationSummary, PairedDifference, by_disagreement, compare, summarize
from core.study.read import Study

if TYPE_CHECKING:
    from core.saliency.setting_model import SettingModel

__all__ = [
    "METRICS",
    "Films",
    "LocalizationSummary",
    "MapsOf",
    "Metric",
    "PairedDifference",
    "RankedMaps",
    "SaliencyTable",
    "TablePlan",
    "by_disagreement",
    "chosen_on_val",
    "compare",
    "compute_saliency_table",
    "ranked_maps",
    "saliency_table",
    "summarize",
]


@dataclass(frozen=True)
class TablePlan:
    """What is computed.

    methods : names.  has_all_layers : whether every block is, or each method's own choice only.
    splits : whose films; where readers drew on none of them, the films of all splits.
    """

    methods: tuple[str, ...] = (
        "grad_cam",
        "grad_cam_plus_plus",
        "hires_cam",
        "layer_cam",
        "eigen_cam_signed",
        "chefer",
        "rollout",
        "random",
        "centre",
    )
    has_all_layers: bool = False
    splits: tuple[str, ...] = ("val", "test")


REMEDY = "Run `python -m core saliency STUDY` again: it goes on where it stopped."


@dataclass(frozen=True, eq=False)
class SaliencyTable:
    """Every map against every mask.

    rows : one row a film, finding, reader, setting, method and layer: image_id, patient_id, split, finding, reader,
        setting, method, layer, is_default (the layer that the method takes by itself), score, label, raw_maximum, the
        figures of `core.metrics.localization.Localization` (the sweep as iou_05 ... iou_95, dice_05 ... dice_95),
        chexlocalize_iou, and n_readers, readers_iou, readers_dice: how far the readers of the finding agree.
    fingerprint : of the study.  notes : what is missing, in sentences.
    films : by film, what was computed; a film whose marks have changed since is not in the table.
    """

    rows: pd.DataFrame
    fingerprint: str
    notes: tuple[str, ...] = ()
    films: Mapping[str, FilmDone] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """16 hex digits that change with what was computed of which marks."""
        told = {image_id: done.to_json() for image_id, done in sorted(self.films.items())}
        return digest([self.fingerprint, self.notes, told, len(self.rows)], 16)

    @property
    def settings(self) -> tuple[str, ...]:
        """In the order of the study."""
        return tuple(dict.fromkeys(self.rows["setting"]))

    @property
    def methods(self) -> tuple[str, ...]:
        """In the order of the registry."""
        here = set(self.rows["method"])
        return tuple(method.name for method in METHODS if method.name in here)

    @property
    def findings(self) -> tuple[str, ...]:
        """Those that a reader drew, most films first."""
        return tuple(self.rows.drop_duplicates(["image_id", "finding"])["finding"].value_counts().index)

    @property
    def readers(self) -> tuple[str, ...]:
        """In alphabetical order."""
        return tuple(sorted(set(self.rows["reader"])))

    @property
    def splits(self) -> tuple[str, ...]:
        """Those with a film in it, test first."""
        return tuple(name for name in ("test", "val", "train") if (self.rows["split"] == name).any())

    def layers(self, method: str) -> tuple[str, ...]:
        """The layers that were computed for a method, in their order; one or none where only its own was."""
        layers = self.rows.loc[self.rows["method"] == method, "layer"]
        return tuple(layer for layer in dict.fromkeys(layers) if layer)

    def lacks(self, study: Study, plan: TablePlan) -> tuple[str, ...]:
        """The films of a plan of which something is still to be computed."""
        wanted = [(image_id, self.films.get(image_id)) for image_id in annotated_films(study, plan.splits)]
        return tuple(
            image_id
            for image_id, done in wanted
            if done is None or done.missing(plan.methods, has_all_layers=plan.has_all_layers)
        )

    def only(self, study: Study, plan: TablePlan) -> SaliencyTable:
        """The part that a plan asks for."""
        keep = self.rows["method"].isin(plan.methods)
        keep &= self.rows["image_id"].isin(annotated_films(study, plan.splits))
        if not plan.has_all_layers:
            keep &= self.rows["is_default"].astype(bool)
        return replace(self, rows=self.rows[keep].reset_index(drop=True))


def saliency_table(study: Study) -> SaliencyTable | None:
    """What was computed of the study's marks as they are now; None where nothing was, or by another version."""
    kept = read_kept(folder_of(study)).of(film_marks(study))
    return _table(study, kept) if len(kept.rows) else None


def compute_saliency_table(
    study: Study,
    *,
    plan: TablePlan | None = None,
    again: bool = False,
    progress: Progress = no_progress,
    cancelled: Callable[[], bool] = lambda: False,
) -> SaliencyTable:
    """Computes what a plan asks for and is not there yet, and keeps it beside what is; gives the whole table.

    plan : by default every quick method at its own layer, on the annotated films of val and test.
    again : whether what is there counts as absent.  cancelled : asked before every film.
    Films that were done before an interruption are not done again, nor films whose marks are the same as before.
    Raises SaliencyError where it is cancelled or no film of the study has a mask of a class, CoreError where no setting
    has its model here.
    """
    plan = plan or TablePlan()
    ids = annotated_films(study, plan.splits)
    models, notes = _models(study)
    marks, folder = film_marks(study), folder_of(study)
    with Unfinished(folder / "films.jsonl") as unfinished:
        works = unfinished.works(marks, tuple(models))
        there = _kept(folder, marks, models).joined(works).films if not again else {}
        for n_done, image_id in enumerate(ids):
            progress(n_done, len(ids), "films")
            if cancelled():
                raise SaliencyError(f"Cancelled after {n_done:,} of {len(ids):,} films.", remedy=REMEDY)
            unfinished.add(_film(study, image_id, marks[image_id], models, plan, there.get(image_id)))
        progress(len(ids), len(ids), "films")
        with only_writer(folder):
            kept = _kept(folder, marks, models).joined(unfinished.added, notes=tuple(notes)).in_order(study)
            if not len(kept.rows):
                raise SaliencyError("None of these methods suits the image tower.", remedy="Choose Grad-CAM, say.")
            write_kept(folder, kept)
            unfinished.is_finished = True
    return _table(study, kept)


def _kept(folder: Path, marks: Mapping[str, str], models: Mapping[str, SettingModel]) -> Kept:
    """What is there of the marks as they are now, and of all these settings."""
    return read_kept(folder).of(marks).with_settings(tuple(models))


def annotated_films(study: Study, splits: tuple[str, ...]) -> list[str]:
    """The films of these splits, else of all, on which a reader drew a class; SaliencyError where there are none."""
    drawn = film_marks(study)
    ids = [image_id for image_id in study.annotated_ids() if image_id in drawn]
    split_of = dict(zip(study.image_ids, study.images["split"], strict=True))
    chosen = [image_id for image_id in ids if split_of[image_id] in splits] or ids
    if not chosen:
        raise SaliencyError(
            f"Nobody drew a class of the study {study.name} on any film.",
            remedy="Add marks with `python -m core annotate STUDY FILE`, or draw them in the app.",
        )
    return chosen


def _film(
    study: Study,
    image_id: str,
    marks: str,
    models: Mapping[str, SettingModel],
    plan: TablePlan,
    done: FilmDone | None,
) -> tuple[str, FilmDone, list[dict[str, object]]] | None:
    """What a plan still asks of a film; None where it has all."""
    from core.saliency.table_rows import film_rows

    has_all = plan.has_all_layers
    missing = done.missing(plan.methods, has_all_layers=has_all) if done is not None else plan.methods
    if not missing:
        return None
    rows = film_rows(study, image_id, models, replace(plan, methods=missing))
    return image_id, FilmDone(marks, tuple(models), dict.fromkeys(missing, has_all)), rows


def _table(study: Study, kept: Kept) -> SaliencyTable:
    return SaliencyTable(kept.rows, study.fingerprint, kept.notes, kept.films)


def _models(study: Study) -> tuple[dict[str, SettingModel], list[str]]:
    """The settings whose model is here, and a note on every other; raises the first's error where none is."""
    from core.saliency.setting_model import load_setting_model

    models: dict[str, SettingModel] = {}
    problems: list[CoreError] = []
    for setting in study.settings:
        try:
            models[setting] = load_setting_model(study, setting)
        except CoreError as error:
            problems.append(error)
    if problems and not models:
        raise problems[0]
    return models, [problem.message for problem in problems]
