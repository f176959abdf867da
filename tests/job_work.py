"""Work for jobs in tests: `python -m tests.job_work WHAT FOLDER PROGRESS`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from core.errors import SaliencyError
from core.files import written
from core.jobs import Progress, run_job


def main(arguments: list[str]) -> int:
    """WHAT: "end" leaves a file, "wait" works until a file `go` is there, others go wrong in their own way."""
    what, folder, path = arguments[0], Path(arguments[1]), Path(arguments[2])

    def work(progress: Progress) -> None:
        progress(1, 12, "films")
        if what == "refuse":
            raise SaliencyError("No model.", remedy="Get one.")
        if what == "break":
            raise ZeroDivisionError("of what")
        if what == "die":
            os._exit(9)
        with written(folder / "made") as scratch:
            scratch.write_text("whole")
            progress(3, 12, "films")
            while what == "wait" and not (folder / "go").is_file():
                time.sleep(0.05)

    return run_job(path, work, remedy="Try again.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
