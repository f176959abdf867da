"""The films of a build as one model sees them: a file that several processes write at once, each its own chunks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.files import written
from core.models.arrays import UInt8Array


@dataclass(frozen=True)
class CropFile:
    """n_films squares of side_px pixels, (n, S, S) uint8, as `.npy`."""

    path: Path
    n_films: int
    side_px: int

    def make(self) -> None:
        """Make the file in its full size, unless it is there.

        Its room on the disk is taken here: a disk that is full later would end the process, by SIGBUS.
        """
        if not self.path.is_file():
            with written(self.path) as scratch:
                shape = (self.n_films, self.side_px, self.side_px)
                np.lib.format.open_memmap(scratch, "w+", np.uint8, shape).flush()
                take_room(scratch)

    def read(self) -> UInt8Array:
        """Give all films, memory-mapped; zeros where nothing was written."""
        crops: UInt8Array = np.load(self.path, mmap_mode="r", allow_pickle=False)
        return crops

    def write(self, start: int, crops: UInt8Array) -> None:
        """Put films (n, S, S) into their place from `start` on; they are on the disk when this returns.

        They are written, not mapped: two chunks share a page, and of a page that is mapped on two machines of a network
        the one that comes back last undoes the other. O_DSYNC keeps a network's file system from sending whole pages.
        """
        header = self.path.stat().st_size - self.n_films * self.side_px**2
        with open(self.path, "r+b", buffering=0, opener=_waiting) as file:
            file.seek(header + start * self.side_px**2)
            content = np.ascontiguousarray(crops).reshape(-1).data
            while content:
                content = content[file.write(content) :]


def take_room(path: Path) -> None:
    """Let a file of holes take all its room on the disk, where the system can; OSError where there is none."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _waiting(path: str, flags: int) -> int:
    """Open a file whose writes return when they are on the disk; where there is no such thing, as usual."""
    return os.open(path, flags | getattr(os, "O_DSYNC", 0))
