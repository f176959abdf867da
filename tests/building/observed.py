"""Films that write down who reads them, and may be slow, or deadly to whoever reads one of them first."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from core.building.films import CHUNK
from core.datasets.folder import FolderDataset
from core.models.arrays import UInt8Array


class Observed(FolderDataset):
    """log : a line "process row seconds" for every film that is read, before it is read.

    slow_s : how much longer a film takes to read.
    deadly : the row on which the process that reads it is killed, once; None for none.
    """

    def __init__(self, root: Path, log: Path, *, slow_s: float = 0.0, deadly: int | None = None) -> None:
        super().__init__(root)
        self._log, self._slow_s, self._deadly = log, slow_s, deadly

    def film(self, row: int) -> UInt8Array:
        with self._log.open("a") as log:
            log.write(f"{os.getpid()} {row} {time.time()}\n")
        killed = self._log.with_suffix(".killed")
        if row == self._deadly and not killed.exists():
            killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self._slow_s)
        return super().film(row)


def reads(log: Path) -> Iterator[tuple[int, int, float]]:
    """Process, row and time of every film that was read."""
    for line in log.read_text().splitlines():
        process, row, seconds = line.split()
        yield int(process), int(row), float(seconds)


def chunks_again(log: Path) -> Counter[int]:
    """By chunk, how many times more than once a process set about reading it."""
    begun = Counter(chunk for _, chunk in {(process, row // CHUNK) for process, row, _ in reads(log)})
    return Counter({chunk: times - 1 for chunk, times in begun.items() if times > 1})


def marked(name: str, value: str) -> list[int]:
    """Processes that have a variable in the environment that they began with."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and f"{name}={value}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it has ended, or is another user's
            continue
    return found
