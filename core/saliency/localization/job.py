"""Computing the table of all annotated films in a process of its own: `python -m core.saliency.localization.job`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from core.jobs import ENDING, Job, Progress, run_job
from core.saliency.localization.store import folder_of
from core.saliency.localization.table import LocalizationPlan
from core.study.open import open_study
from core.study.read import Study


def table_job(study: Study, plan: LocalizationPlan) -> Job:
    """Describe the work of computing what a plan asks for and is not there yet; at most one at a time of a study."""
    folder = folder_of(study)
    path = folder.with_name(folder.name + ENDING)
    return Job(__spec__.name, (str(study.root), json.dumps(asdict(plan))), path, folder.parent, "tables of maps")


def main(arguments: list[str]) -> int:
    """Compute it; 0 when it is kept, 1 when the progress file says why it is not.

    arguments : the study's folder, the plan as JSON, the progress file.
    """
    root, asked, path = arguments[0], json.loads(arguments[1]), Path(arguments[2])
    plan = LocalizationPlan(
        tuple(asked["methods"]), asked["has_all_layers"], tuple(asked["splits"]), tuple(asked["settings"])
    )

    def work(progress: Progress) -> None:
        from core.saliency.localization.compute import compute_saliency_table

        compute_saliency_table(open_study(root), plan=plan, progress=progress)

    return run_job(path, work, remedy="`python -m core saliency STUDY` does the same and prints what happens.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
