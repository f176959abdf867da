"""Computing the ledger of a study in a process of its own: `python -m core.claims.job`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.claims.claim import Claim
from core.claims.compute import compute_ledger
from core.claims.ledger import Ledger
from core.claims.store import claims_of, folder_of_ledgers, keep_ledger, ledger_path, maps_of
from core.jobs import ENDING, Job, Progress, run_job
from core.study.open import open_study

if TYPE_CHECKING:
    from core.study.read import Study


def ledger_job(study: Study, claims: Sequence[Claim]) -> Job:
    """Describe the work of asking all claims of a study; what is known is written after every group of films."""
    path = ledger_path(study, claims, maps_of(study))
    progress = path.with_name(path.stem + ENDING)
    return Job(__spec__.name, (str(study.root), str(path)), progress, folder_of_ledgers(), "ledgers of claims")


def main(arguments: list[str]) -> int:
    """Compute it; 0 when it is kept, 1 when the progress file says why it is not.

    arguments : the study's folder, the ledger's file, the progress file.
    """
    root, out, path = arguments[0], Path(arguments[1]), Path(arguments[2])

    def work(progress: Progress) -> None:
        study = open_study(root)

        def tell(done: int, total: int, ledger: Ledger) -> None:
            keep_ledger(out, ledger)
            progress(done, total, "variants")

        keep_ledger(out, compute_ledger(study, claims_of(study), maps_of(study), tell=tell))

    return run_job(path, work, remedy="`python -m core claims STUDY` does the same and prints what happens.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
