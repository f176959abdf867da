"""`python -m tests.building.observed_build FILMS MODEL OUT LOG ENGINE SLOW_S`: a build that tells when its films are
encoded. ENGINE: process, or ray for two workers. Films are `tests.building.observed.Observed`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from core.building.build import build_study
from core.building.plan import BuildOptions
from core.building.ray_engine import RayEngine
from tests.building.interrupted import first_dimensions
from tests.building.observed import Observed
from tests.building.side_by_side import plan

OPTIONS = BuildOptions("observed", ("zero_shot",), precision="fp32")


def tell(done: int, total: int, what: str) -> None:
    """A line "SECONDS DONE TOTAL" for every batch."""
    if what == "films read and encoded":
        print(time.time(), done, total, flush=True)


def main() -> None:
    """The build."""
    films, model, out, log = (Path(argument) for argument in sys.argv[1:5])
    engine = RayEngine(n_workers=2) if sys.argv[5] == "ray" else None
    dataset = Observed(films, log, slow_s=float(sys.argv[6]))
    build_study(plan(dataset, [model], out, OPTIONS), project=first_dimensions, engine=engine, progress=tell)


if __name__ == "__main__":
    main()
