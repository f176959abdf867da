"""Encoding in the precision and the batches that suit the machine, without changing what comes out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from core.models import fastest
from core.models.clip_model import ClipModel
from core.models.fastest import fastest_precision, in_precision, least_cosine, measured_choice
from core.models.image_tower import ImageTower
from tests.models.tiny import random_films


@pytest.fixture(scope="module")
def crops(tiny: ClipModel) -> np.ndarray:
    return np.stack([tiny.transform.crop(film) for film in random_films(9)])


def test_batches_that_do_not_fit_are_halved_and_nothing_is_lost(
    tiny: ClipModel, crops: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    forward = type(tiny.visual).forward

    def short_of_memory(visual: torch.nn.Module, pixels: torch.Tensor) -> torch.Tensor:
        sizes.append(len(pixels))
        if len(pixels) > 2:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return forward(visual, pixels)

    whole = ImageTower.of(tiny.visual, tiny.transform).encode(crops)
    tower = ImageTower.of(tiny.visual, tiny.transform, batch_size=8)
    monkeypatch.setattr(type(tiny.visual), "forward", short_of_memory)
    np.testing.assert_allclose(tower.encode(crops), whole, atol=1e-6)
    assert sizes == [8, 4, 2, 2, 2, 2, 1]


def test_one_film_that_does_not_fit_is_an_error(
    tiny: ClipModel, crops: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(type(tiny.visual), "forward", never)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        ImageTower.of(tiny.visual, tiny.transform).encode(crops)


def test_half_precision_is_a_copy_and_close(tiny: ClipModel, crops: np.ndarray) -> None:
    half = in_precision(tiny, "bf16")
    single, rounded = tiny.encode_crops(crops), half.encode_crops(crops)
    assert 0.999 < least_cosine(single, rounded) < 1
    assert next(tiny.visual.parameters()).dtype == torch.float32
    assert next(half.tower.visual.parameters()).dtype == torch.bfloat16


def test_a_small_tower_or_a_processor_without_bf16_is_not_measured(
    tiny: ClipModel, crops: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fastest, "measured_choice", lambda *_: pytest.fail("it was measured"))
    assert "is small" in fastest_precision(tiny, crops).reason
    monkeypatch.setattr(fastest, "SMALL_TOWER", 0)
    monkeypatch.setattr(fastest, "computes_bf16", lambda _: False)
    choice = fastest_precision(tiny, crops)
    assert choice.precision == "fp32"
    assert "no instructions for bf16" in choice.reason


@pytest.mark.parametrize(
    ("seconds", "cosine", "precision"),
    [((2.0, 1.0), 0.9995, "bf16"), ((1.0, 1.0), 0.9995, "fp32"), ((2.0, 1.0), 0.998, "fp32")],
    ids=["faster and the same", "no faster", "not the same"],
)
def test_bf16_is_taken_where_it_is_faster_and_changes_nothing(
    seconds: tuple[float, float], cosine: float, precision: str, tiny: ClipModel, crops: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    steps = itertools.accumulate(itertools.cycle((0.0, seconds[0], 0.0, seconds[1])))
    monkeypatch.setattr(fastest.time, "perf_counter", lambda: next(steps))
    monkeypatch.setattr(fastest, "least_cosine", lambda *_: cosine)
    choice = measured_choice(tiny, crops)
    assert choice.precision == precision
    assert choice.gain == pytest.approx(seconds[0] / seconds[1])
    assert f"{cosine:.5f}" in choice.reason


def test_the_least_cosine_is_the_smallest() -> None:
    ours, theirs = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32), np.array([[2.0, 0.0], [1.0, 1.0]], np.float32)
    assert least_cosine(ours, theirs) == pytest.approx(np.sqrt(0.5))
