"""The array types that go in and out of models, and the callback that reports their progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
IntArray = NDArray[np.integer[Any]]

Progress = Callable[[int, int, str], None]
"""progress(done, total, what): called after every batch; done reaches total."""


def no_progress(done: int, total: int, what: str) -> None:
    """Report nothing."""
