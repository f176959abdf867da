"""What a build would refuse in the end, looked for before anything is encoded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.building.films import stored_name
from core.building.plan import BuildOptions
from core.datasets.base import Dataset
from core.errors import StudyError
from core.settings.training import labels_for_training
from core.study.table_checks import id_problems, split_problems

_TABLE = "Correct the table of labels."


def check_buildable(dataset: Dataset, rows: Sequence[int], options: BuildOptions) -> None:
    """Raise StudyError where films `rows` of a dataset cannot become the study that is asked for.

    Looked at are ids, splits, patients, whether labels are what was said of the films, what training needs, and the
    names of stored films. A film that turns out to be damaged is left out.
    """
    images = dataset.images.iloc[list(rows)].reset_index(drop=True)
    name = dataset.card.name
    for problem in (*id_problems(name, images["image_id"], _TABLE), *split_problems(name, images, _TABLE)):
        raise problem
    _require_labels_as_said(dataset)
    if any(setting.learns for setting in options.chosen):
        labels = np.asarray(dataset.labels, np.float64)[list(rows)]
        labels_for_training(labels, np.flatnonzero(images["split"] == "train"), len(images))
    twice = [name for name, count in Counter(map(stored_name, images["image_id"])).items() if count > 1]
    if twice and options.films != "none":
        raise StudyError(f"Two films would be stored as {twice[0]!r}.", remedy="Rename one of them, or --films none.")


def _require_labels_as_said(dataset: Dataset) -> None:
    """StudyError where a dataset's labels are not its readings under its convention."""
    card = dataset.card
    if card.readings is None or card.convention is None:
        return
    made = card.readings.resolve(len(dataset.images), card.convention)
    if not np.array_equal(made, np.asarray(dataset.labels, np.float32), equal_nan=True):
        message = f"{card.name}: its labels are not what was said of its films under its convention."
        raise StudyError(message, remedy="Correct the dataset's code, which makes both.")
