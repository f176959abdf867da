"""Zero-shot scores against hand-worked vectors and open_clip's own cosine."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import StudyError
from core.findings import CLASSES, NO_FINDING
from core.models.clip_model import ClipModel
from core.settings.zero_shot import name_logits, prompts_for, zero_shot_margins
from core.study.manifest import Prompt
from tests.models.tiny import random_films

PAIR = (Prompt("Edema", "name", "Edema"), Prompt("Edema", "present", "edema"), Prompt("Edema", "absent", "no edema"))


def test_every_class_has_a_name_and_both_sides() -> None:
    prompts = prompts_for([*CLASSES, "Hernia"])
    assert [prompt.text for prompt in prompts[:15]] == [*CLASSES, "Hernia"]
    for name in CLASSES:
        roles = [prompt.role for prompt in prompts if prompt.finding == name]
        assert roles.count("name") == 1
        assert roles.count("present") == roles.count("absent") >= 3
    texts = [prompt.text.lower() for prompt in prompts if prompt.role != "name"]
    assert len(set(texts)) == len(texts)
    assert "no hernia" in texts
    assert "normal chest x-ray" in texts
    assert not any(NO_FINDING.lower() in t for t in texts)


def test_a_margin_by_hand() -> None:
    """The film lies along the present prompt: cosine 1; the absent prompt is at 60 degrees: cosine one half."""
    texts = np.array([[9, 9], [2, 0], [0.5, np.sqrt(3) / 2]], np.float32)
    margins = zero_shot_margins(np.array([[7, 0], [0, 3]], np.float32), texts, PAIR, ["Edema"])
    np.testing.assert_allclose(margins, [[0.5], [-np.sqrt(3) / 2]], atol=1e-6)


def test_an_ensemble_is_the_mean_direction_of_its_prompts() -> None:
    """Prompts of different length count alike: the mean of (1, 0) and (0, 1) points at 45 degrees."""
    prompts = (*PAIR, Prompt("Edema", "present", "edema again"))
    texts = np.array([[9, 9], [100, 0], [-1, 0], [0, 0.01]], np.float32)
    margins = zero_shot_margins(np.array([[1, 1]], np.float32), texts, prompts, ["Edema"])
    np.testing.assert_allclose(margins, [[1 + np.sqrt(0.5)]], atol=1e-6)


def test_margins_do_not_depend_on_lengths_but_name_logits_do(tiny: ClipModel) -> None:
    prompts = prompts_for(CLASSES)
    texts = tiny.encode_texts([prompt.text for prompt in prompts])
    images = tiny.encode_images(random_films(3))
    margins = zero_shot_margins(images, texts, prompts, CLASSES)
    assert margins.shape == (3, 14)
    assert margins.dtype == np.float32
    assert np.abs(margins).max() <= 2
    np.testing.assert_allclose(zero_shot_margins(3 * images, texts, prompts, CLASSES), margins, atol=1e-6)
    logits = name_logits(images, texts, prompts, CLASSES)
    np.testing.assert_allclose(logits, images @ tiny.encode_texts(CLASSES).T, atol=1e-5)
    np.testing.assert_allclose(name_logits(3 * images, texts, prompts, CLASSES), 3 * logits, rtol=1e-5)


def test_missing_prompts_and_empty_embeddings_are_refused() -> None:
    texts = np.eye(3, 2, dtype=np.float32) + 1
    with pytest.raises(StudyError, match="no prompt of the role 'absent' for Edema"):
        zero_shot_margins(texts, texts[:2], PAIR[:2], ["Edema"])
    with pytest.raises(StudyError, match=r"Row 1 of 2 image embeddings has length 0\.0"):
        zero_shot_margins(np.array([[1, 0], [0, 0]], np.float32), texts, PAIR, ["Edema"])
