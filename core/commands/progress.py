"""Progress on a terminal: one line that is rewritten, or a line now and then where the output is a file."""

from __future__ import annotations

import sys
import time

from core.models.arrays import Progress
from core.quantities import duration, size

EVERY_S = {True: 0.2, False: 20.0}
"""Seconds between two lines, on a terminal and in a file."""


def console_progress() -> Progress:
    """Make a progress callback that prints the share done and the time left, to stderr."""
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
        text = f"{done:,} of {total:,} {what}" + (f", about {duration(left)} left" if done < total else "")
        print(("\r\033[K" if terminal else "") + text, end="" if terminal and done < total else "\n", file=sys.stderr)
        sys.stderr.flush()

    return show


def console_bytes() -> Progress:
    """Make a progress callback for downloads: bytes, rate and time left, to stderr; files unpacked are counted."""
    started: dict[str, tuple[float, int]] = {}
    last = [0.0]

    def show(done: int, total: int, what: str) -> None:
        now, terminal = time.monotonic(), sys.stderr.isatty()
        begun, before = started.setdefault(what, (now, done))
        if done < total and now - last[0] < EVERY_S[terminal]:
            return
        if what == "files unpacked" and done % 500:
            return
        last[0] = now
        rate = (done - before) / max(now - begun, 1e-3)
        text = f"{done:,} {what}" if what == "files unpacked" else _bytes_text(done, total, what, rate)
        print(("\r\033[K" if terminal else "") + text, end="" if terminal and done < total else "\n", file=sys.stderr)
        sys.stderr.flush()

    return show


def _bytes_text(done: int, total: int, what: str, rate: float) -> str:
    text = f"{what}: {size(done)} of {size(total)}"
    if rate <= 0:
        return text
    return f"{text}, {size(rate)}/s" + (f", about {duration((total - done) / rate)} left" if done < total else "")
