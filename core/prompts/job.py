"""Asking in a process of its own, so that the app goes on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.jobs import ENDING, Job, Progress, run_job
from core.paths import cache_folder

if TYPE_CHECKING:
    from core.study import Study

_REMEDY: Final = "Run `python -m core prompts STUDY` in a terminal, which shows more."


def prompts_job(study: Study) -> Job:
    """Describe the work of asking about one study; what it makes is kept with the study."""
    root = cache_folder() / "prompts"
    return Job("core.prompts.job", (str(study.root),), root / f"{study.fingerprint}{ENDING}", root, "prompts")


def main(arguments: list[str]) -> int:
    """Ask about the study in a folder; told in the progress file that is named last."""
    from core.prompts.ask import ask_and_keep

    root, path = Path(arguments[0]), Path(arguments[1])

    def work(progress: Progress) -> object:
        return ask_and_keep(root, progress)

    return run_job(path, work, remedy=_REMEDY)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
