"""`--engine ray`: whether Ray is there, and what is asked of it; loads neither Ray nor torch."""

from __future__ import annotations

import importlib.util
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import StudyError

if TYPE_CHECKING:
    from core.building.chunk_work import Crew

REQUIREMENTS: Final = "core/building/requirements-ray.txt"


@dataclass(frozen=True)
class RayEngine:
    """address : of a cluster's head, HOST:PORT or auto; None starts Ray on this computer, and ends it.
    n_workers : None is one for every GPU, or for every core.
    """

    address: str | None = None
    n_workers: int | None = None

    def __post_init__(self) -> None:
        if importlib.util.find_spec("ray") is None:
            message = "--engine ray needs Ray, which is not installed here."
            raise StudyError(message, remedy=f"Run `pip install -r {REQUIREMENTS}`.")
        if self.n_workers is not None and self.n_workers < 1:
            raise StudyError(f"--workers is {self.n_workers}.", remedy="Give the number of workers, 1 or more.")

    def crew(self) -> AbstractContextManager[Crew]:
        """Give workers that begin when they are first asked for something, and end with the context."""
        from core.building.ray_crew import ray_crew

        return ray_crew(self.address, self.n_workers)
