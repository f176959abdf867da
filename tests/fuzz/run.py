"""Running cases one by one, each within bounds, and saying what came of it."""

from __future__ import annotations

import random
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import CoreError
from tests.fuzz.kinds import KINDS

SECONDS: Final = 10
BYTES: Final = 1_000_000_000
GOOD: Final = ("refused", "right")


@dataclass(frozen=True)
class Outcome:
    """came_to : refused, right, wrong, traceback, hung or memory.  said : the sentence or the end of the traceback."""

    kind: str
    number: int
    came_to: str
    said: str
    seconds: float


class _Hung(BaseException):
    """A case took too long; no guard may take it for a reader's error."""


def run_case(kind: str, seed: int, number: int) -> Outcome:
    """One case, the same for the same seed and number."""
    rng = random.Random(f"{seed} {kind} {number}")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        came_to, said = _bounded(kind, Path(folder), rng)
    return Outcome(kind, number, came_to, said, time.monotonic() - started)


def _bounded(kind: str, folder: Path, rng: random.Random) -> tuple[str, str]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with _time_limit():
            came_to, said = KINDS[kind](folder, rng), ""
    except CoreError as error:
        came_to, said = ("refused", str(error)) if _is_a_sentence(error) else ("traceback", repr(str(error)))
    except _Hung:
        came_to, said = "hung", "".join(traceback.format_exc(limit=-6))
    except AssertionError:
        came_to, said = "wrong", "".join(traceback.format_exc(limit=-4))
    except Exception:
        came_to, said = "traceback", "".join(traceback.format_exc(limit=-6))
    if (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 > BYTES:
        return "memory", said
    return came_to, said


def _is_a_sentence(error: CoreError) -> bool:
    """Whether it can be printed as one line that ends as a sentence does."""
    text = f"{error.message} {error.remedy}"
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\n" not in text and error.message.endswith(".") and len(text) < 3000


@contextmanager
def _time_limit() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _Hung

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
