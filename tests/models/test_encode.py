"""Embeddings on disk, chunk by chunk: what is there is not made again, what is not whole or not this plan's is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.models.arrays import Float32Array, UInt8Array
from core.models.encode import EmbeddingChunks

CROPS = np.arange(10, dtype=np.uint8)[:, None, None] * np.ones((1, 4, 4), np.uint8)


class Counted:
    """An encoder that remembers which films it was given: the embedding of a film is its pixel, twice."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, crops: UInt8Array) -> Float32Array:
        self.asked += crops[:, 0, 0].tolist()
        return np.repeat(crops[:, 0, :1], 2, axis=1).astype(np.float32)


def encoded(folder: Path, encode: Counted, *, key: str = "k", until: int = 10) -> list[float]:
    """First dimension of the embeddings of films 0 to `until`, in chunks of 3."""
    chunks = EmbeddingChunks(folder, {"key": key}, 2)
    cut = [(start, CROPS[start : min(start + 3, until)]) for start in range(0, until, 3)]
    parts = [part for some in (cut[:2], cut[2:]) for part in chunks.embeddings(some, encode)] if cut else []
    return [float(value) for part in parts for value in part[:, 0]]


def test_what_is_there_is_not_encoded_again(tmp_path: Path) -> None:
    first, again, third = Counted(), Counted(), Counted()
    assert encoded(tmp_path, first, until=6) == list(range(6))
    assert encoded(tmp_path, again) == list(range(10))
    assert (first.asked, again.asked) == ([0, 1, 2, 3, 4, 5], [6, 7, 8, 9])
    assert encoded(tmp_path, third) == list(range(10))
    assert third.asked == []


def test_another_plan_s_chunks_are_thrown_away(tmp_path: Path) -> None:
    encoded(tmp_path, Counted())
    other = Counted()
    encoded(tmp_path, other, key="other", until=3)
    assert other.asked == [0, 1, 2]
    assert len(list(tmp_path.glob("*.npy"))) == 1


def test_chunks_without_a_plan_are_nobody_s(tmp_path: Path) -> None:
    """A kill may come after the old plan is gone and before its chunks are."""
    encoded(tmp_path, Counted())
    (tmp_path / "plan.json").unlink()
    again = Counted()
    encoded(tmp_path, again)
    assert again.asked == list(range(10))


def test_a_chunk_of_another_size_is_made_again(tmp_path: Path) -> None:
    encoded(tmp_path, Counted(), until=2)
    again = Counted()
    assert encoded(tmp_path, again) == list(range(10))
    assert again.asked == list(range(10))


def test_a_chunk_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    """A disk that was full, or a copy that was stopped: the file is there, and is not whole."""
    encoded(tmp_path, Counted())
    path = tmp_path / "00000003.npy"
    for content in (b"", path.read_bytes()[:-3]):
        path.write_bytes(content)
        again = Counted()
        assert encoded(tmp_path, again) == list(range(10))
        assert again.asked == [3, 4, 5]


def test_several_chunks_are_encoded_as_one_batch_and_kept_apart(tmp_path: Path) -> None:
    calls: list[int] = []

    def encode(crops: UInt8Array) -> Float32Array:
        calls.append(len(crops))
        return np.repeat(crops[:, 0, :1], 2, axis=1).astype(np.float32)

    chunks = EmbeddingChunks(tmp_path, {"key": "k"}, 2)
    cut = [(start, CROPS[start : start + 3]) for start in range(0, 9, 3)]
    chunks.embeddings(cut[1:2], encode)
    parts = chunks.embeddings(cut, encode)
    assert calls == [3, 6]
    assert [part[:, 0].tolist() for part in parts] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert sorted(path.name for path in tmp_path.glob("*.npy")) == ["00000000.npy", "00000003.npy", "00000006.npy"]
