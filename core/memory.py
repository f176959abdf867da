"""Memory that is no longer used goes back to the system: what many threads once held would else add up."""

from __future__ import annotations

import ctypes
from typing import Final

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_SETTINGS: Final = ((_ARENA_MAX, 2), (_MMAP_THRESHOLD, 8 << 20), (_TRIM_THRESHOLD, 16 << 20))
"""At most two pools for all threads; blocks of 8 MB and more are given back at once, others from 16 MB on. Smaller ones
would be given back and asked for again at every step of a computation, which takes twice as long."""


def give_back_memory() -> bool:
    """Tell the C library to keep little of what is freed; False where it is not GNU's, which is then left as it is.

    A server runs every page in a thread of its own, and GNU's library keeps a pool of freed memory for each of the
    first 8 threads a processor. Source: mallopt(3).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    taken = [mallopt(name, value) for name, value in _SETTINGS]
    return all(taken)
