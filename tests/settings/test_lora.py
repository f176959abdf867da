"""LoRA: steps against the formula by hand, towers that are merged and kept, and towers that have no attention."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.errors import StudyError
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.models.torchvision_guard import timm
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_tower import TowerLearner
from core.settings.fine_tune_training import FineTuned, fine_tune, start_run
from core.settings.lora_options import LoraOptions
from core.settings.lora_tower import attention_inputs, merged, with_lora
from core.settings.memory import checkpoint_activations
from core.settings.tower import embed_with
from core.settings.training import MeanLoss, as_tensor, masked_bce
from tests.settings.adapted import TRAIN, VAL, films_of, labels, make_native

OPTIONS = LoraOptions(rank=3, alpha=12.0, learning_rate=1e-2, max_epochs=2, batch_size=7)
SCALE = 4.0
BATCH = np.arange(6)


@pytest.fixture(scope="module", params=["timm", "open_clip"])
def model(request: pytest.FixtureRequest, tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    """A tower of timm's, whose attention has a linear layer, and one of open_clip's own, whose attention has none."""
    return load_clip(tiny_folder) if request.param == "timm" else make_native(tmp_path_factory.mktemp("m") / "native")


def inputs_of(visual: torch.nn.Module) -> list[str]:
    """The names of the weights from input to queries, keys and values."""
    return [name for name, _ in visual.named_parameters() if name.endswith(("qkv.weight", "in_proj_weight"))]


def low_rank(learner: TowerLearner, kind: str) -> list[torch.Tensor]:
    """All A, or all B, block by block."""
    return [weight for name, weight in learner.visual.named_parameters() if f"lora_{kind}" in name]


def gradients_of(model: ClipModel, learner: TowerLearner, names: list[str]) -> list[torch.Tensor]:
    """dL/dW of a plain tower whose W are W + (alpha / rank) B A, for the batch."""
    plain = copy.deepcopy(model.visual)
    weights = [plain.get_parameter(name).requires_grad_(True) for name in names]
    with torch.no_grad():
        for weight, a, b in zip(weights, low_rank(learner, "A"), low_rank(learner, "B"), strict=True):
            weight += SCALE * b @ a
    logits = learner.head(plain(model.transform.normalise(films_of(model)[BATCH])))
    masked_bce(logits, as_tensor(labels()[BATCH]).float())[0].backward()
    return [weight.grad for weight in weights if weight.grad is not None]


def test_two_steps_are_those_of_the_formula(model: ClipModel) -> None:
    """dL/dA = (alpha / rank) B^T dL/dW and dL/dB = (alpha / rank) dL/dW A^T, then AdamW's update by its definition."""
    films, targets = films_of(model), as_tensor(labels()).float()
    learner = TowerLearner.of(model, films, 3, OPTIONS, "cpu")
    run = start_run(learner, targets, TRAIN, OPTIONS, lambda *_: None)
    learner.train()
    names = inputs_of(model.visual)
    assert names
    moments: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    for step in (1, 2):
        before = {kind: [weight.detach().clone() for weight in low_rank(learner, kind)] for kind in "AB"}
        gradients = gradients_of(model, learner, names)
        run.step(BATCH, MeanLoss())
        for index, gradient in enumerate(gradients):
            a, b = (before[kind][index] for kind in "AB")
            expected = {"A": SCALE * b.T @ gradient, "B": SCALE * gradient @ a.T}
            for kind, by_hand in expected.items():
                weight = low_rank(learner, kind)[index]
                assert weight.grad is not None
                torch.testing.assert_close(weight.grad, by_hand, rtol=1e-3, atol=1e-6)
                first, second = moments.get(f"{kind}{index}", (torch.zeros_like(weight), torch.zeros_like(weight)))
                first, second = 0.9 * first + 0.1 * weight.grad, 0.999 * second + 0.001 * weight.grad**2
                moments[f"{kind}{index}"] = first, second
                change = (first / (1 - 0.9**step)) / ((second / (1 - 0.999**step)).sqrt() + 1e-8)
                updated = before[kind][index] * (1 - 1e-2 * 1e-2) - 1e-2 * change
                torch.testing.assert_close(weight.detach(), updated, rtol=1e-4, atol=1e-7)
    assert all(weight.abs().max() > 0 for weight in low_rank(learner, "B"))


def drawn(tower: torch.nn.Module) -> torch.Tensor:
    """All A of a tower, in one row."""
    return torch.cat([weight.flatten() for name, weight in tower.named_parameters() if "lora_A" in name])


def test_at_first_it_changes_nothing_and_few_weights_are_trained(model: ClipModel) -> None:
    pixels = model.transform.normalise(films_of(model)[BATCH])
    tower = with_lora(copy.deepcopy(model.visual), OPTIONS)
    torch.testing.assert_close(tower(pixels), model.visual(pixels), rtol=1e-5, atol=1e-6)
    n_trained = sum(weight.numel() for weight in tower.parameters() if weight.requires_grad)
    assert n_trained == sum(3 * sum(model.visual.get_parameter(name).shape) for name in inputs_of(model.visual))
    again = with_lora(copy.deepcopy(model.visual), OPTIONS)
    other = with_lora(copy.deepcopy(model.visual), LoraOptions(rank=3, seed=1))
    drawn = [
        torch.cat([w.flatten() for n, w in one.named_parameters() if "lora_A" in n]) for one in (tower, again, other)
    ]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_torchs_own_random_numbers_are_left_alone(tiny: ClipModel) -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    with_lora(copy.deepcopy(tiny.visual), OPTIONS)
    assert torch.equal(torch.rand(3), expected)


def test_a_merged_tower_is_built_as_the_model_s_and_gives_the_same(model: ClipModel) -> None:
    pixels = model.transform.normalise(films_of(model)[BATCH])
    tower = with_lora(copy.deepcopy(model.visual), OPTIONS)
    generator = torch.Generator().manual_seed(0)
    for weight in tower.parameters():
        if weight.requires_grad:
            torch.nn.init.normal_(weight, std=0.1, generator=generator)
    expected = tower(pixels).detach()
    assert not torch.allclose(expected, model.visual(pixels), atol=1e-3)
    visual = merged(tower)
    assert visual.state_dict().keys() == model.visual.state_dict().keys()
    torch.testing.assert_close(visual(pixels), expected, rtol=1e-4, atol=1e-5)


def test_checkpointing_activations_changes_no_gradient(model: ClipModel) -> None:
    """The first block's input takes no gradient, so a checkpoint could lose those of the weights in it."""
    pixels = model.transform.normalise(films_of(model)[BATCH])
    towers = [with_lora(copy.deepcopy(model.visual), OPTIONS).train() for _ in range(2)]
    assert checkpoint_activations(towers[1])
    for tower in towers:
        tower(pixels).square().sum().backward()
    for one, other in zip(towers[0].parameters(), towers[1].parameters(), strict=True):
        if one.requires_grad:
            assert one.grad is not None
            assert other.grad is not None
            torch.testing.assert_close(other.grad, one.grad)


@pytest.fixture(scope="module")
def tuned(model: ClipModel) -> FineTuned:
    return fine_tune(model, films_of(model), labels(), TRAIN, VAL, OPTIONS, device="cpu")


def test_only_attention_is_changed_and_by_no_more_than_the_rank(model: ClipModel, tuned: FineTuned) -> None:
    before, names = model.visual.state_dict(), inputs_of(model.visual)
    changed = [name for name, value in tuned.visual_state.items() if not torch.equal(value, before[name])]
    assert sorted(changed) == sorted(names)
    for name in names:
        sizes = torch.linalg.svdvals(tuned.visual_state[name] - before[name])
        assert sizes[2] > 1e-5
        assert sizes[3] < 1e-5 * sizes[0]
    assert tuned.record is not None
    n_low_rank = sum(3 * sum(before[name].shape) for name in names)
    assert tuned.record.n_parameters == n_low_rank + 3 * model.n_dimensions + 3


def test_its_file_is_read_by_peft(model: ClipModel, tuned: FineTuned, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model, set_peft_model_state_dict

    state = load_file(tuned.save(tmp_path) / "lora.safetensors")
    layers, weights = attention_inputs(model.visual)
    config = LoraConfig(r=3, lora_alpha=12, target_modules=layers, target_parameters=weights or None)
    wrapped = get_peft_model(copy.deepcopy(model.visual), config)
    assert not set_peft_model_state_dict(wrapped, state)[1], "keys that peft does not know"
    visual = wrapped.merge_and_unload().eval()
    films = films_of(model)
    expected = embed_with(tuned.visual(model), films)
    np.testing.assert_allclose(visual(model.transform.normalise(films)).detach(), expected, rtol=1e-3, atol=1e-4)


def test_a_tower_without_attention_is_refused_in_words(tiny: ClipModel) -> None:
    convolutional = timm.create_model("test_resnet", num_classes=8)
    with pytest.raises(StudyError, match=r"\(ResNet\) has no attention") as error:
        with_lora(convolutional, OPTIONS)
    assert "Leave the setting lora out" in error.value.remedy


def test_full_fine_tuning_adds_no_file(tiny: ClipModel, tmp_path: Path) -> None:
    tuned = fine_tune(tiny, films_of(tiny), labels(), TRAIN, VAL, FineTuneOptions(max_epochs=1), device="cpu")
    folder = tuned.save(tmp_path)
    assert (
        tuple(sorted(path.name for path in folder.iterdir()))
        == tuned.files
        == ("head.safetensors", "visual.safetensors")
    )
