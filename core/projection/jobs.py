"""Making a map in a process of its own, so that the app goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.jobs import ENDING, Job, JobProgress
from core.projection.cache import cache_root, finished_map, folder_of
from core.projection.methods import method_named
from core.projection.request import MapError, MapRequest
from core.study import layout

if TYPE_CHECKING:
    from core.study import Study


def map_job(study: Study, request: MapRequest) -> Job:
    """Describe the work of making one map."""
    folder = folder_of(study, request)
    path = folder.with_name(folder.name + ENDING)
    return Job("core.projection.worker", (str(study.root), request.to_json()), path, cache_root(), "maps")


def begin_map(study: Study, request: MapRequest, *, again: bool = False) -> None:
    """Start making a map, unless it is finished or under way, from whatever session.

    again : also where it failed before.
    Raises MapError where the request cannot be met, JobError where two maps are being made already, or where the folder
    of maps cannot be written to.
    """
    method_named(request.method).require_room(len(study.image_ids))
    if not study.has(layout.image_embeddings_part(request.encoder)):
        message = f"The study {study.name} holds no embeddings of the encoder {request.encoder!r}."
        raise MapError(message, remedy="Choose another encoder, or add embeddings to the study.")
    if map_progress(study, request).state != "finished":
        map_job(study, request).begin(again=again)


def cancel_map(study: Study, request: MapRequest) -> None:
    """End the map's process, if this one started it, and forget what it told and had begun to write."""
    map_job(study, request).cancel()


def map_progress(study: Study, request: MapRequest) -> JobProgress:
    """Tell how far a map is; loads nothing slow."""
    if finished_map(study, request) is not None:
        return JobProgress("finished")
    return map_job(study, request).progress()
