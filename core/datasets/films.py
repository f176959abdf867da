"""The pixels of a study's film: the stored file, or the film rendered again where its dataset is a simulation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.datasets.registry import has_renderer, renderer_of
from core.datasets.twins import Renderer
from core.errors import DatasetError
from core.intake.film_files import read_grey
from core.study.read import Study


def film_pixels(study: Study, image_id: str) -> npt.NDArray[np.uint8]:
    """Read one film, (H, W), uint8, as it is shown and as the model sees it before resizing.

    Raises DatasetError where the film is neither stored nor can be rendered again, or its file is damaged.
    """
    path = study.film_path(image_id)
    if path is not None:
        return read_grey(path)
    if (renderer := renderer_of(study.manifest.dataset)) is not None:
        return _rendered(renderer, image_id)
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
    return has_renderer(study.manifest.dataset)


@lru_cache(maxsize=256)
def _rendered(renderer: Renderer, image_id: str) -> npt.NDArray[np.uint8]:
    return renderer.film(image_id)
