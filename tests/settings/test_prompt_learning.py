"""Prompt learning: vectors that begin as words, in two kinds of text tower; what they learn, and how runs go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load

from core.errors import ModelError, StudyError
from core.models.arrays import Float32Array
from core.models.arrays import no_progress as quiet
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.settings.learnt_prompts import LearntPrompts, token_table
from core.settings.prompt_learning_options import PromptLearningOptions
from core.settings.prompt_learning_training import LearntContext, learn_prompts, start_prompt_run
from core.settings.training import MeanLoss, as_tensor
from core.settings.zero_shot import prompt_ensembles, prompts_for, unit_rows
from tests.settings.adapted import StoppedError, make_native, stop_at

CLASSES = ("Edema", "Pleural Effusion", "Fracture")
WORDS = "chest film with"
N = 60
TRAIN, VAL = np.arange(40), np.arange(40, N)
OPTIONS = PromptLearningOptions(max_epochs=10, batch_size=16, learning_rate=1e-2, present="lung", absent="support")


@pytest.fixture(scope="module", params=["hugging face", "open_clip"])
def model(request: pytest.FixtureRequest, tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    """A text tower of BiomedCLIP's kind, and one of open_clip's own."""
    if request.param == "open_clip":
        return make_native(tmp_path_factory.mktemp("m") / "native")
    model = load_clip(tiny_folder)
    with torch.no_grad():  # freshly initialised, all its prompts have nearly the same embedding
        for weight in model.model.text.transformer.parameters():  # type: ignore[union-attr]
            weight.mul_(5 if weight.ndim == 2 else 1)
    return model


@pytest.fixture(scope="module")
def texts(model: ClipModel) -> Float32Array:
    return model.encode_texts([prompt.text for prompt in prompts_for(CLASSES)])


def planted(model: ClipModel) -> tuple[Float32Array, np.ndarray]:
    """Random films, each with the findings that prompts of other words say it has; a fifth of one is unread."""
    said = [unit_rows(model.encode_texts([f"{word} {name}" for name in CLASSES]), "text") for word in ("other", "no")]
    films = np.random.default_rng(2).normal(size=(N, model.n_dimensions)).astype(np.float32)
    labels = (films @ (said[0] - said[1]).T > 0).astype(float)
    labels[::5, 1] = np.nan
    return films, labels


def learnt(model: ClipModel, texts: Float32Array, checkpoint: Path | None = None, stop: int = 10**6) -> LearntContext:
    films, labels = planted(model)
    return learn_prompts(
        model, films, texts, prompts_for(CLASSES), CLASSES, labels, TRAIN, VAL, OPTIONS, checkpoint=checkpoint, key="k",
        progress=stop_at(stop),
    )  # fmt: skip


def test_with_the_words_own_vectors_prompts_are_as_written(model: ClipModel) -> None:
    prompts = LearntPrompts.of(model, WORDS, CLASSES)
    vectors = prompts.words_vectors()
    assert len(vectors) == prompts.stop - prompts.start >= 3
    found = prompts.encode(vectors).detach().numpy()
    np.testing.assert_allclose(found, model.encode_texts([f"{WORDS} {name}" for name in CLASSES]), atol=1e-5)
    assert not token_table(model)._forward_hooks


def test_other_words_vectors_give_other_words_prompts(model: ClipModel) -> None:
    """The vector of "support", put in the place of "lung", makes the prompt with "support"."""
    prompts, others = (LearntPrompts.of(model, word, CLASSES) for word in ("lung", "support"))
    found = prompts.encode(others.words_vectors()).detach().numpy()
    expected = model.encode_texts([f"support {name}" for name in CLASSES])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_vectors_go_through_the_tower_as_its_own_inputs(tiny: ClipModel) -> None:
    """Against Hugging Face's own way in, `inputs_embeds`, pooled and projected by hand."""
    prompts, text = LearntPrompts.of(tiny, WORDS, CLASSES), tiny.model.text
    vectors = torch.randn(prompts.words_vectors().shape, generator=torch.Generator().manual_seed(0)) * 0.1
    inputs = token_table(tiny)(prompts.ids)
    inputs[:, prompts.start : prompts.stop] = vectors
    mask = (prompts.ids != 0).long()
    hidden = text.transformer(inputs_embeds=inputs, attention_mask=mask).last_hidden_state  # type: ignore[union-attr,operator]
    torch.testing.assert_close(prompts.encode(vectors), text.proj(hidden[:, 0]))  # type: ignore[union-attr,operator]


def test_gradients_are_those_of_differences(model: ClipModel) -> None:
    prompts = LearntPrompts.of(model, WORDS, CLASSES)
    vectors = prompts.words_vectors().requires_grad_(True)
    weights = torch.randn(3, 24, generator=torch.Generator().manual_seed(1))
    (prompts.encode(vectors) * weights).sum().backward()
    assert vectors.grad is not None
    along = torch.nn.functional.normalize(vectors.grad, dim=None)  # type: ignore[arg-type]
    with torch.no_grad():
        ends = [(prompts.encode(vectors + sign * 1e-3 * along) * weights).sum() for sign in (1, -1)]
    assert float((ends[0] - ends[1]) / 2e-3) == pytest.approx(float((vectors.grad * along).sum()), rel=0.02)


def test_training_begins_at_the_words_and_finds_what_was_planted(model: ClipModel, texts: Float32Array) -> None:
    films, labels = planted(model)
    targets = as_tensor(labels).float()
    run = start_prompt_run(model, films, texts, prompts_for(CLASSES), CLASSES, targets, TRAIN, OPTIONS, quiet)
    run.learner.eval()
    with torch.no_grad():
        found = run.learner.logits(np.arange(N)).numpy()
    sides = [unit_rows(model.encode_texts([f"{w} {name}" for name in CLASSES]), "t") for w in ("lung", "support")]
    present, absent = ((labels[TRAIN] == value).sum(axis=0) for value in (1, 0))
    expected = model.logit_scale * unit_rows(films, "film") @ (sides[0] - sides[1]).T + np.log(present / absent)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    at_first, done = run.loss_of(VAL), learnt(model, texts)
    assert at_first is not None
    last = done.record.val_loss[-1]
    assert last is not None
    assert last < 0.8 * at_first
    margins = unit_rows(films, "film") @ done.directions.T
    areas = [_area(margins[VAL, column], labels[VAL, column]) for column in range(3)]
    assert np.mean(areas) > 0.8, areas


def _area(margins: Float32Array, labels: np.ndarray) -> float:
    """The share of pairs of a film with and a film without in which the former has the larger margin."""
    return float(np.mean(margins[labels == 1][:, None] > margins[labels == 0][None]))


def test_the_loss_pulls_prompts_to_the_studys_own(model: ClipModel, texts: Float32Array) -> None:
    films, labels = planted(model)
    options = replace(OPTIONS, consistency=1e4)
    targets = as_tensor(labels).float()
    run = start_prompt_run(model, films, texts, prompts_for(CLASSES), CLASSES, targets, TRAIN, options, quiet)
    run.learner.train()
    penalties = []
    for _ in range(20):
        run.step(TRAIN, MeanLoss())
        penalty = run.learner.penalty()
        assert penalty is not None
        penalties.append(penalty.item() / 1e4)
    own = [prompt_ensembles(texts, prompts_for(CLASSES), CLASSES, role) for role in ("present", "absent")]
    sides = [unit_rows(model.encode_texts([f"{w} {name}" for name in CLASSES]), "t") for w in ("lung", "support")]
    assert penalties[0] == pytest.approx(np.mean((np.stack(sides) - np.stack(own)) ** 2), rel=1e-3)
    assert penalties[-1] < 0.9 * penalties[0]


def test_a_run_that_is_stopped_twice_ends_with_the_same_bits(
    model: ClipModel, texts: Float32Array, tmp_path: Path
) -> None:
    expected = learnt(model, texts)
    for stop in (16, 3 * 40 + 20):
        with pytest.raises(StoppedError):
            learnt(model, texts, tmp_path, stop)
    found = learnt(model, texts, tmp_path)
    np.testing.assert_array_equal(found.directions, expected.directions)
    assert found.record == expected.record


def test_what_is_kept_and_said_of_it(model: ClipModel, texts: Float32Array) -> None:
    done = learnt(model, texts)
    stored = load(done.to_bytes())
    assert stored.keys() == {"present", "absent", "offsets", "directions"}
    prompts = {
        role: LearntPrompts.of(model, words, CLASSES) for role, words in (("present", "lung"), ("absent", "support"))
    }
    sides = [prompts[role].encode(torch.tensor(stored[role])).detach().numpy() for role in ("present", "absent")]
    expected = unit_rows(sides[0], "text") - unit_rows(sides[1], "text")
    np.testing.assert_allclose(stored["directions"], expected, atol=1e-5)
    assert done.record.n_parameters == stored["present"].size + stored["absent"].size + 3
    assert (done.record.n_films, done.record.seed, done.record.ended) == (40, 42, "schedule")
    assert not any(weight.requires_grad for weight in model.model.parameters())


def test_words_that_the_tower_cannot_read_are_refused(tiny: ClipModel) -> None:
    with pytest.raises(ModelError, match="does not read 'film film"):  # 21 tokens, 2 around them, and of 24 one left
        LearntPrompts.of(tiny, "film " * 4 + "with ,", CLASSES)
    with pytest.raises(ModelError, match="same tokens"):
        LearntPrompts.of(tiny, "film " * 30, CLASSES)
    with pytest.raises(ModelError, match="does not read ''"):
        LearntPrompts.of(tiny, "", CLASSES)


def test_a_tower_without_a_table_of_tokens_is_refused(tiny: ClipModel) -> None:
    class Other(torch.nn.Module):
        text = torch.nn.Linear(2, 2)

    with pytest.raises(ModelError, match=r"\(Linear\) keeps no table of tokens") as error:
        token_table(replace(tiny, model=Other()))
    assert "Leave the setting prompt_learning out" in error.value.remedy


def test_a_study_without_prompts_is_refused(tiny: ClipModel) -> None:
    films, labels = np.ones((4, 24), np.float32), np.ones((4, 3))
    rows = np.arange(2)
    with pytest.raises(StudyError, match="no prompt of the role 'present' for Edema"):
        learn_prompts(tiny, films, films[:0], (), CLASSES, labels, rows, rows)
