"""Crops that several write: each in its place, and the file as numpy writes it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from core.building.crop_file import CropFile

SIDE_PX = 9


def test_what_many_write_at_once_is_what_one_would_have_written(tmp_path: Path) -> None:
    """Parts of five films share pages of the disk."""
    crops = np.random.default_rng(0).integers(0, 256, (23, SIDE_PX, SIDE_PX), dtype=np.uint8)
    file = CropFile(tmp_path / "crops.npy", len(crops), SIDE_PX)
    file.make()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda start: file.write(start, crops[start : start + 5]), range(0, len(crops), 5)))
    np.save(tmp_path / "expected.npy", crops)
    assert file.path.read_bytes() == (tmp_path / "expected.npy").read_bytes()
    assert np.array_equal(file.read(), crops)


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    file = CropFile(tmp_path / "crops.npy", 2, SIDE_PX)
    file.make()
    file.write(1, np.full((1, SIDE_PX, SIDE_PX), 7, np.uint8))
    file.make()
    assert file.read()[:, 0, 0].tolist() == [0, 7]
