"""Reads DICOM films for another process: `python -m core.intake.dicom_process`, until its standard input ends.

A question is a line, the film's path as JSON. The answer is a line of JSON, {"size": [H, W], "notes": [...]}, and then
H x W bytes of grey; or {"error": ..., "remedy": ...} alone.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO, Any


def answer(path: Path, answers: IO[bytes]) -> None:
    """Read one film and write what came of it."""
    from core.errors import DatasetError
    from core.intake.dicom import read_dicom

    try:
        pixels, notes = read_dicom(path.read_bytes())
    except DatasetError as error:
        _line(answers, {"error": error.message, "remedy": error.remedy})
    except OSError as error:
        _line(answers, {"error": f"It cannot be read ({error.strerror}).", "remedy": "Check the path."})
    else:
        _line(answers, {"size": pixels.shape, "notes": notes})
        answers.write(pixels.data)
    answers.flush()


def _line(answers: IO[bytes], content: dict[str, Any]) -> None:
    answers.write(json.dumps(content).encode() + b"\n")


def main() -> None:
    """Read films until no more are asked for; what a library prints is no answer, and may quote a header."""
    import cv2

    cv2.setNumThreads(1)  # there is a process for every core
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    for line in sys.stdin.buffer:
        answer(Path(json.loads(line)), answers)


if __name__ == "__main__":
    main()
