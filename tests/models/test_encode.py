"""Encoding that goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.models.arrays import UInt8Array
from core.models.clip_model import ClipModel
from core.models.encode import encode_to_chunks
from tests.models.tiny import random_films


class CountedFilms:
    """Films that remember which rows were asked for, and break at one of them."""

    def __init__(self, n: int, broken_row: int | None = None) -> None:
        self._films = random_films(n)
        self._broken_row = broken_row
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self._films)

    def __getitem__(self, row: int, /) -> UInt8Array:
        if row == self._broken_row:
            raise KeyboardInterrupt
        self.asked.append(row)
        return self._films[row]


def test_an_interrupted_run_goes_on_with_what_is_missing(tiny: ClipModel, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        encode_to_chunks(tiny, CountedFilms(10, broken_row=7), tmp_path, key="k", chunk=3)
    assert sorted(path.name for path in tmp_path.glob("*.npy")) == ["00000000.npy", "00000003.npy"]
    films = CountedFilms(10)
    embeddings = encode_to_chunks(tiny, films, tmp_path, key="k", chunk=3)
    assert films.asked == [6, 7, 8, 9]
    np.testing.assert_allclose(embeddings, tiny.encode_images(random_films(10)), atol=1e-6)
    again = CountedFilms(10)
    np.testing.assert_array_equal(encode_to_chunks(tiny, again, tmp_path, key="k", chunk=3), embeddings)
    assert again.asked == []


def test_chunks_of_other_films_or_models_are_not_used(tiny: ClipModel, tmp_path: Path) -> None:
    encode_to_chunks(tiny, CountedFilms(4), tmp_path, key="first", chunk=2)
    for key, model in (("second", tiny), ("second", replace(tiny, precision="bf16"))):
        films = CountedFilms(4)
        encode_to_chunks(model, films, tmp_path, key=key, chunk=2)
        assert films.asked == [0, 1, 2, 3]


def test_progress_reaches_the_end(tiny: ClipModel, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    encode_to_chunks(
        tiny, CountedFilms(5), tmp_path, chunk=2, progress=lambda done, total, _: seen.append((done, total))
    )
    assert seen[-1] == (5, 5)
    assert all(total == 5 for _, total in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
