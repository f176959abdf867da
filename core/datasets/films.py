"""The pixels of a study's film: the stored file, or the film rendered again where its dataset is a simulation."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.errors import DatasetError
from core.intake.film_files import read_grey
from core.study.read import Study

if TYPE_CHECKING:
    from core.datasets.phantom.dataset import PhantomDataset


def film_pixels(study: Study, image_id: str) -> npt.NDArray[np.uint8]:
    """Read one film, (H, W), uint8, as it is shown and as the model sees it before resizing.

    Raises DatasetError where the film is neither stored nor can be rendered again, or its file is damaged.
    """
    path = study.film_path(image_id)
    if path is not None:
        return read_grey(path)
    if can_render(study):
        return _rendered(int(study.manifest.dataset["seed"]), image_id)
    raise DatasetError(
        f"The film {image_id} is not stored with the study {study.name!r}.",
        remedy="Import the study again with --images DIR, or build it with --films all.",
    )


def films_at_hand(study: Study) -> set[str]:
    """List the ids of the films that can be looked at: those stored, and all where they can be rendered again."""
    stored = study.images["file"].notna().to_numpy()
    if not stored.all() and can_render(study):
        return set(study.image_ids)
    return {image_id for image_id, is_stored in zip(study.image_ids, stored, strict=True) if is_stored}


def can_render(study: Study) -> bool:
    """Tell whether films that are not stored can be made again: the same simulation, the same version."""
    dataset = study.manifest.dataset
    if dataset.get("name") != "phantom" or "seed" not in dataset:
        return False
    from core.datasets.phantom.dataset import VERSION

    return dataset.get("version") == VERSION


@lru_cache(maxsize=256)
def _rendered(seed: int, image_id: str) -> npt.NDArray[np.uint8]:
    dataset = _phantom(seed)
    return dataset.film(dataset.row_of(image_id))


@lru_cache(maxsize=2)
def _phantom(seed: int) -> PhantomDataset:
    from core.datasets.phantom.dataset import PhantomDataset

    return PhantomDataset(seed)
