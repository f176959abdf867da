"""Encoding: the same pixels and the same embeddings as open_clip itself gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import ModelError
from core.findings import CLASSES
from core.models import clip_model
from core.models.clip_model import ClipModel
from core.models.torchvision_guard import open_clip
from tests.models.tiny import MEAN, STD, random_films


def test_single_precision_is_single_on_a_gpu_too() -> None:
    """Maps of the study that ships were up to 4 % of a small value apart from the CPU's otherwise."""
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


@pytest.mark.parametrize("size", [(64, 64), (90, 76), (76, 131), (300, 65), (40, 33)])
def test_preprocessing_equals_open_clips_transform_on_rgb(tiny: ClipModel, size: tuple[int, int]) -> None:
    film = random_films(1, height_px=size[0], width_px=size[1])[0]
    transform = open_clip.image_transform(64, is_train=False, mean=tuple(MEAN), std=tuple(STD))
    expected = transform(Image.fromarray(film).convert("RGB"))
    assert torch.equal(tiny.preprocess(film), expected)
    assert torch.equal(tiny.preprocess(np.repeat(film[..., None], 3, axis=2)), expected)


def test_films_kept_as_cropped_bytes_give_the_same_input(tiny: ClipModel) -> None:
    films = random_films(3)
    crops = np.stack([tiny.transform.crop(film) for film in films])
    assert crops.dtype == np.uint8
    assert crops.shape == (3, 64, 64)
    assert torch.equal(tiny.transform.normalise(crops), torch.stack([tiny.preprocess(film) for film in films]))


@pytest.mark.parametrize(
    "film", [np.zeros((5, 5), np.uint16), np.zeros((5, 5, 4), np.uint8), np.zeros((0, 5), np.uint8)]
)
def test_films_of_another_kind_are_refused(tiny: ClipModel, film: np.ndarray) -> None:
    with pytest.raises(ModelError, match="The film has shape"):
        tiny.preprocess(film)


def test_embeddings_do_not_depend_on_batches_and_report_progress(tiny: ClipModel) -> None:
    films = random_films(7)
    seen: list[tuple[int, int]] = []
    embeddings = tiny.encode_images(films, batch_size=3, progress=lambda done, total, _: seen.append((done, total)))
    assert seen == [(3, 7), (6, 7), (7, 7)]
    np.testing.assert_allclose(embeddings, tiny.encode_images(iter(films), batch_size=7), atol=1e-6)
    assert tiny.encode_images([]).shape == (0, 24)
    assert tiny.encode_texts([]).shape == (0, 24)


def test_embeddings_are_open_clips_own(tiny: ClipModel) -> None:
    films = random_films(2)
    with torch.no_grad():
        images = tiny.model.encode_image(torch.stack([tiny.preprocess(film) for film in films]))  # type: ignore[operator]
        texts = tiny.model.encode_text(tiny.tokens.tokenizer(list(CLASSES)))  # type: ignore[operator]
    np.testing.assert_allclose(tiny.encode_images(films), images, atol=1e-6)
    np.testing.assert_allclose(tiny.encode_texts(CLASSES), texts, atol=1e-5)


def test_trimming_prompts_changes_nothing(tiny: ClipModel) -> None:
    prompts = [*CLASSES, "x", "chest x-ray with pleural effusion", "no " * 40]
    ids = tiny.tokens.trimmed(CLASSES)
    assert ids.shape[1] < tiny.context_length
    assert torch.equal(ids, tiny.tokens.full(CLASSES)[:, : ids.shape[1]])
    trimmed, full = tiny.encode_texts(prompts, batch_size=5), tiny.encode_texts(prompts, batch_size=5, trim=False)
    np.testing.assert_allclose(trimmed, full, atol=1e-5)
    one_by_one = np.concatenate([tiny.encode_texts([prompt]) for prompt in prompts])
    np.testing.assert_allclose(one_by_one, full, atol=1e-5)


def test_prompts_that_the_model_cannot_tell_apart_are_refused(tiny: ClipModel) -> None:
    assert len(tiny.encode_texts(["Edema", "edema ", "EDEMA"])) == 3
    with pytest.raises(ModelError, match="have the same tokens"):
        tiny.encode_texts(["€", "£"])


def test_half_precision_is_close(tiny: ClipModel) -> None:
    from dataclasses import replace

    films = random_films(2)
    half = replace(tiny, precision="bf16").encode_images(films)
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, tiny.encode_images(films), atol=0.1)


def test_prompts_go_in_batches_of_one_length_and_come_back_in_order(tiny: ClipModel) -> None:
    texts = ["edema", "no edema", "pneumonia", "edema of the lung", "fracture"]
    ids = tiny.tokens.trimmed(texts)
    lengths = tiny.tokens.lengths(ids).tolist()
    assert lengths == [int((row != 0).sum()) for row in ids]
    seen: list[tuple[int, ...]] = []

    class Watched(torch.nn.Module):
        def encode_text(self, given: torch.Tensor) -> torch.Tensor:
            seen.append(tuple(given.shape))
            assert bool((given != 0).all()), "padding was encoded"
            return tiny.model.encode_text(given)

    found = replace(tiny, model=Watched()).encode_texts(texts, batch_size=2)
    assert [length for _, length in seen] == sorted(length for _, length in seen)
    assert sum(n for n, _ in seen) == len(texts)
    np.testing.assert_allclose(found, np.concatenate([tiny.encode_texts([text]) for text in texts]), atol=1e-6)


def test_a_tower_that_does_not_mask_padding_gets_the_whole_context(tiny: ClipModel) -> None:
    tokens = replace(tiny.tokens, pad_id=None)
    assert tokens.lengths(tokens.full(["edema", "no edema"])).tolist() == [tokens.context_length] * 2


def test_the_later_of_two_prompts_with_the_same_tokens_is_not_told_apart(tiny: ClipModel) -> None:
    assert tiny.tokens.told_apart(["edema", "€", "Edema ", "£"]) == [True, True, True, False]


def test_a_batch_of_prompts_has_a_bounded_number_of_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_model, "_MOST_TOKENS", 10)
    lengths = torch.tensor([3, 4, 3, 3, 3, 24])
    batches = [(rows.tolist(), length) for rows, length in clip_model._of_one_length(lengths, 512)]
    assert batches == [([0, 2, 3], 3), ([4], 3), ([1], 4), ([5], 24)]
