"""Storms: kills, disks that fail, many at once. Run in full by hand, a short slice of each in the tests."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything loads: a process that has such threads cannot be forked
