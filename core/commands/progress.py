"""Progress on a terminal: one line that is rewritten, or a line now and then where the output is a file."""

from __future__ import annotations

import sys
import time

from core.models.arrays import Progress

EVERY_S = {True: 0.2, False: 20.0}
"""Seconds between two lines, on a terminal and in a file."""


def console_progress() -> Progress:
    """A progress callback that prints the share done and the time left, to stderr."""
    started: dict[str, tuple[float, int]] = {}
    last = [0.0]

    def show(done: int, total: int, what: str) -> None:
        now, terminal = time.monotonic(), sys.stderr.isatty()
        key = what.split(",")[0]
        if key not in started or done <= started[key][1]:
            started[key] = (now, done)
        if done < total and now - last[0] < EVERY_S[terminal]:
            return
        last[0] = now
        begun, before = started[key]
        left = (now - begun) / max(done - before, 1) * (total - done)
        text = f"{done:,} of {total:,} {what}" + (f", about {_duration(left)} left" if done < total else "")
        print(("\r\033[K" if terminal else "") + text, end="" if terminal and done < total else "\n", file=sys.stderr)
        sys.stderr.flush()

    return show


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
