"""The array types that go in and out of models, and the callback that reports their progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
IntArray = NDArray[np.integer[Any]]

Progress = Callable[[int, int, str], None]
"""progress(done, total, what): called after every batch; done reaches total."""


class FilmReader(Protocol):
    """Films by row, decoded only when asked for: a list of arrays, a memory-mapped array, or a dataset's reader."""

    def __len__(self) -> int: ...

    def __getitem__(self, row: int, /) -> UInt8Array:
        """(H, W) grey or (H, W, 3) colour, uint8."""
        ...


def no_progress(done: int, total: int, what: str) -> None:
    """Report nothing."""
