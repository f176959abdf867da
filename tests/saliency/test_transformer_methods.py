"""LeGrad, Grad-ECLIP, GEM, AttnLRP, M2IB and RISE against formulas written out here a second time, on every tower."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import SaliencyError
from core.models.arrays import no_progress
from core.saliency.film_maps import film_maps, unsuited
from core.saliency.methods import method_of
from core.saliency.methods.rise import rise
from core.saliency.tower.layers import find_layer, tower_layers
from core.saliency.tower.occluded import masked_scores
from core.saliency.tower.setting_model import SettingModel
from core.saliency.tower.tape import taped
from tests.models.tiny import random_films
from tests.saliency.towers import setting_model

FILM = random_films(1)[0]
POOLED = {"token": "timm ViT", "average": "timm ViT, averaged", "attention": "SigLIP's", "OpenAI's": "open_clip's ViT"}
BLOCK_METHODS = ("legrad", "grad_eclip", "gem", "attn_lrp")


def _maps(model: SettingModel, name: str) -> np.ndarray:
    """(blocks, C, rows, columns), beginning at every block."""
    return np.stack(film_maps(model, FILM, method=name, layers=tower_layers(model.visual).names).values)


def _blocks(model: SettingModel) -> list[Any]:
    return list(find_layer(model.visual, tower_layers(model.visual).blocks))  # type: ignore[call-overload]


def _attention(block: Any, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Weights (heads, T, T), values, queries and keys (heads, T, d) of a block's own attention to tokens (T, d)."""
    module = block.attn
    normed = (block.norm1 if hasattr(block, "norm1") else block.ln_1)(tokens)
    weight, bias = (
        (module.qkv.weight, module.qkv.bias) if hasattr(module, "qkv") else (module.in_proj_weight, module.in_proj_bias)
    )
    parts = (normed @ weight.T + bias).reshape(len(tokens), 3, module.num_heads, -1).permute(1, 2, 0, 3)
    query, key, value = parts
    return (query @ key.mT / query.shape[-1] ** 0.5).softmax(-1), value, query, key


def _tokens(model: SettingModel) -> list[torch.Tensor]:
    """(T, d) before every block and after the last, by plain hooks."""
    seen: list[torch.Tensor] = []
    blocks = _blocks(model)
    hooks = [blocks[0].register_forward_pre_hook(lambda _, given: seen.append(given[0][0]))]
    hooks += [block.register_forward_hook(lambda _, __, output: seen.append(output[0])) for block in blocks]
    pixels = model.tower.transform(FILM)[None]
    with torch.no_grad():
        model.visual(pixels)
    for hook in hooks:
        hook.remove()
    return seen


def _head(model: SettingModel, tokens: torch.Tensor) -> torch.Tensor:
    """(n, T, d), as after the last block -> (n, C), by what each kind of tower does."""
    visual: Any = model.visual
    if hasattr(visual, "trunk"):
        pooled = visual.head(visual.trunk.forward_head(visual.trunk.norm(tokens)))
    else:
        pooled = visual.ln_post(tokens)[:, 0] @ visual.proj
    return model.target(pooled)


@pytest.mark.parametrize("pooling", POOLED)
def test_the_tape_runs_what_the_tower_runs(pooling: str) -> None:
    """Tokens, scores, and what comes after the last block, are the tower's own; afterwards the tower is as it was."""
    model = setting_model(POOLED[pooling])
    expected, scores = _tokens(model), model.scores(FILM)
    with taped(model, FILM, tower_layers(model.visual)) as tape:
        for found, tokens in zip((tape.begins, *tape.ends), expected, strict=True):
            torch.testing.assert_close(found, tokens, atol=1e-4, rtol=1e-4)
        for block, heads in zip(tape.blocks, tape.heads, strict=True):
            tokens = tape.begins if block is tape.blocks[0] else tape.ends[tape.blocks.index(block) - 1]
            torch.testing.assert_close(heads.weights, _attention(block, tokens)[0], atol=1e-5, rtol=1e-4)
        np.testing.assert_allclose(tape.scores.detach(), scores, atol=1e-4)
        torch.testing.assert_close(tape.score(tape.ends[-1][None])[0], tape.scores, atol=1e-4, rtol=1e-4)
    assert not any("forward" in module.__dict__ for module in model.visual.modules())
    with taped(model, FILM, tower_layers(model.visual), by_relevance=True) as tape:
        np.testing.assert_allclose(tape.scores.detach(), scores, atol=1e-4)
    assert not any("forward" in module.__dict__ for module in model.visual.modules())


@pytest.mark.parametrize("pooling", ["token", "average", "OpenAI's"])
def test_legrad_is_the_gradient_of_each_blocks_own_score(pooling: str) -> None:
    """One block and class after the other: its tokens pooled and scored, and the attention they came from."""
    model = setting_model(POOLED[pooling])
    found = _maps(model, "legrad")
    layers, blocks, tokens = tower_layers(model.visual), _blocks(model), _tokens(model)
    each = []
    for block, given in zip(blocks, tokens, strict=False):
        weights, value, _, _ = _attention(block, given)
        weights = weights.detach().requires_grad_()
        mixed = (weights @ value).transpose(0, 1).flatten(1)
        project = block.attn.proj if hasattr(block.attn, "proj") else block.attn.out_proj
        after = given + project(mixed)
        mlp, norm = block.mlp, block.norm2 if hasattr(block, "norm2") else block.ln_2
        after = after + mlp(norm(after))
        pooled = after.mean(dim=0)[None, None] if layers.is_pooled_by_token else after[None]
        scores = _head(model, pooled)[0]
        maps = [
            torch.autograd.grad(score, weights, retain_graph=True)[0].clamp(min=0).mean(dim=(0, 1)) for score in scores
        ]
        each.append(torch.stack(maps)[:, layers.n_prefix :].numpy())
    for first in range(len(blocks)):
        expected = np.sum(each[first:], axis=0).reshape(found[first].shape)
        np.testing.assert_allclose(found[first], expected, atol=1e-4 * expected.max())


def test_legrad_reads_the_attention_of_an_attention_pool() -> None:
    model = setting_model(POOLED["attention"])
    found, tokens = _maps(model, "legrad")[-1], _tokens(model)[-1]
    pool: Any = model.visual.trunk.attn_pool  # type: ignore[union-attr]
    query = (pool.latent[0] @ pool.q.weight.T + pool.q.bias).reshape(1, pool.num_heads, -1).transpose(0, 1)
    normed = model.visual.trunk.norm(tokens)  # type: ignore[union-attr, operator]
    key, value = (
        (normed @ pool.kv.weight.T + pool.kv.bias).reshape(len(tokens), 2, pool.num_heads, -1).permute(1, 2, 0, 3)
    )
    weights = (query @ key.mT / query.shape[-1] ** 0.5).softmax(-1).detach().requires_grad_()
    mixed = pool.proj((weights @ value).transpose(0, 1).flatten(1))
    mixed = mixed + pool.mlp(pool.norm(mixed))
    scores = model.target(model.visual.head(mixed))[0]  # type: ignore[operator]
    for score, map_ in zip(scores, found, strict=True):
        (gradient,) = torch.autograd.grad(score, weights, retain_graph=True)
        expected = gradient.clamp(min=0).mean(dim=0)[0].numpy().reshape(map_.shape)
        np.testing.assert_allclose(map_, expected, atol=1e-4 * expected.max())


@pytest.mark.parametrize("pooling", ["token", "OpenAI's"])
def test_grad_eclip_weighs_values_by_gradient_and_likeness(pooling: str) -> None:
    """The last block by hand: gradient at the class token's mixed values, class by class, patch by patch."""
    model = setting_model(POOLED[pooling])
    found = _maps(model, "grad_eclip")[-1]
    block, given = _blocks(model)[-1], _tokens(model)[-2]
    weights, value, query, key = _attention(block, given)
    mixed = (weights @ value).transpose(0, 1).flatten(1).detach().requires_grad_()
    project = block.attn.proj if hasattr(block.attn, "proj") else block.attn.out_proj
    after = given + project(mixed)
    after = after + block.mlp((block.norm2 if hasattr(block, "norm2") else block.ln_2)(after))
    flat = [part.transpose(0, 1).flatten(1) for part in (query, key, value)]
    cosines = torch.stack([torch.cosine_similarity(flat[0][0], one, dim=0) for one in flat[1][1:]])
    alike = (cosines - cosines.min()) / (cosines.max() - cosines.min())
    for index, score in enumerate(_head(model, after[None])[0]):
        (gradient,) = torch.autograd.grad(score, mixed, retain_graph=True)
        expected = torch.stack([(gradient[0] * one).sum() for one in flat[2][1:]]) * alike
        expected = expected.clamp(min=0).detach().numpy().reshape(found[index].shape)
        np.testing.assert_allclose(found[index], expected, atol=1e-4 * expected.max())


@pytest.mark.parametrize("pooling", POOLED)
def test_gem_scores_every_patch_after_self_self_attention(pooling: str) -> None:
    """From the last two blocks on, token by token."""
    model = setting_model(POOLED[pooling])
    found = _maps(model, "gem")[-2]
    layers, tokens = tower_layers(model.visual), _tokens(model)
    stream = tokens[-3].clone()
    for block, given in zip(_blocks(model)[-2:], tokens[-3:-1], strict=True):
        _, value, query, key = _attention(block, given)
        normed = (block.norm1 if hasattr(block, "norm1") else block.ln_1)(given)
        sharp = normed.norm(dim=-1).mean() / value.shape[-1] ** 0.5
        mixed = []
        for part in (value, key, query):
            for _ in range(2):
                unit = part / part.norm(dim=-1, keepdim=True)
                weights = (sharp * unit @ unit.mT).softmax(-1)
                part = weights @ unit
            mixed.append(weights @ value)
        project = block.attn.proj if hasattr(block.attn, "proj") else block.attn.out_proj
        stream = stream + project(torch.stack(mixed).mean(dim=0).transpose(0, 1).flatten(1))
    with torch.no_grad():
        alone = stream[layers.n_prefix :, None].expand(-1, layers.n_prefix + 1, -1)
        expected = _head(model, alone).T.numpy()
    expected = expected - expected.min(axis=1, keepdims=True)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, atol=1e-4 * expected.max())


class _Relevance(torch.autograd.Function):
    """A value whose gradient is multiplied by a ratio: the identity rule, and the rule of products."""

    @staticmethod
    def forward(context: Any, values: torch.Tensor, output: torch.Tensor, ratio: torch.Tensor) -> torch.Tensor:
        context.save_for_backward(ratio)
        return output.clone()

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (ratio,) = context.saved_tensors
        return gradients[0] * ratio, None, None


def _norm_rule(module: torch.nn.LayerNorm, values: torch.Tensor) -> torch.Tensor:
    """Written as a linear map with a constant spread."""
    spread = (values.var(dim=-1, unbiased=False, keepdim=True) + module.eps).sqrt().detach()
    return (values - values.mean(dim=-1, keepdim=True)) / spread * module.weight + module.bias


@pytest.mark.parametrize("pooling", ["token", "average", "OpenAI's"])
def test_attn_lrp_is_the_relevance_of_the_rules(pooling: str) -> None:
    """The last block and the head, each rule as a function with a gradient of its own."""
    model = setting_model(POOLED[pooling])
    found = _maps(model, "attn_lrp")[-1]
    layers, block = tower_layers(model.visual), _blocks(model)[-1]
    given = _tokens(model)[-2].clone().requires_grad_()
    norm1, norm2 = (block.norm1, block.norm2) if hasattr(block, "norm1") else (block.ln_1, block.ln_2)
    module, mlp = block.attn, block.mlp
    qkv = (
        (module.qkv.weight, module.qkv.bias) if hasattr(module, "qkv") else (module.in_proj_weight, module.in_proj_bias)
    )
    parts = torch.nn.functional.linear(_norm_rule(norm1, given), *qkv)
    query, key, value = parts.reshape(len(given), 3, module.num_heads, -1).permute(1, 2, 0, 3)
    quarter, half = torch.tensor(0.25), torch.tensor(0.5)
    query, key, value = (_Relevance.apply(one, one, r) for one, r in ((query, quarter), (key, quarter), (value, half)))
    mixed = ((query @ key.mT / query.shape[-1] ** 0.5).softmax(-1) @ value).transpose(0, 1).flatten(1)
    after = given + (module.proj if hasattr(module, "proj") else module.out_proj)(mixed)
    first, act, second = (mlp.fc1, mlp.act, mlp.fc2) if hasattr(mlp, "fc1") else (mlp.c_fc, mlp.gelu, mlp.c_proj)
    inner = first(_norm_rule(norm2, after))
    output = act(inner).detach()
    after = after + second(_Relevance.apply(inner, output, output / inner.detach()))
    visual: Any = model.visual
    if hasattr(visual, "trunk"):
        trunk = visual.trunk
        normed = after[None] if isinstance(trunk.norm, torch.nn.Identity) else _norm_rule(trunk.norm, after)[None]
        pooled = normed[:, 0] if layers.is_pooled_by_token else normed[:, layers.n_prefix :].mean(dim=1)
        pooled = pooled if isinstance(trunk.fc_norm, torch.nn.Identity) else _norm_rule(trunk.fc_norm, pooled)
        scores = model.target(visual.head(pooled))[0]
    else:
        scores = model.target(_norm_rule(visual.ln_post, after)[:1] @ visual.proj)[0]
    for score, map_ in zip(scores, found, strict=True):
        (gradient,) = torch.autograd.grad(score, given, retain_graph=True)
        expected = (gradient * given).sum(dim=-1).detach()[layers.n_prefix :].clamp(min=0).numpy()
        np.testing.assert_allclose(map_.ravel(), expected, atol=1e-3 * expected.max())


@pytest.mark.parametrize(("pooling", "from_last"), [("token", 1), ("token", 2), ("average", 1)])
def test_m2ib_is_the_published_descent_on_the_gates(pooling: str, from_last: int) -> None:
    """One class after the other, by torch's own normal distributions, through the tower itself.

    The published code, on this tower with cosines and the same cost, gives these maps to a hundredth of their maximum:
    Adam's first steps go by the sign of gradients, some of which are 0 but for rounding.
    """
    model = setting_model(POOLED[pooling])
    blocks, given = _blocks(model), _tokens(model)[-1 - from_last]
    found = film_maps(model, FILM, method="m2ib", layers=[tower_layers(model.visual).names[-from_last]]).values[0]
    normal = torch.distributions.Normal

    def scores(tokens: torch.Tensor) -> torch.Tensor:
        for block in blocks[-from_last:]:
            tokens = block(tokens)
        return _head(model, tokens)

    with torch.random.fork_rng():
        torch.manual_seed(1)
        with torch.no_grad():
            units = (scores(given[None])[0] - scores(torch.randn(10, *given.shape)).mean(dim=0)).abs()
        for index, map_ in enumerate(found):
            torch.manual_seed(0)
            gates = torch.nn.Parameter(torch.full_like(given, 5.0))
            descent = torch.optim.Adam([gates], lr=1.0)
            for _ in range(10):
                passed = normal(gates.sigmoid() * given, (-gates).sigmoid())
                bits = torch.distributions.kl_divergence(passed, normal(0.0, 1.0))
                drawn = passed.loc + passed.scale * torch.randn(10, *given.shape)
                loss = 0.1 * bits.mean() - scores(drawn)[:, index].mean() / units[index]
                descent.zero_grad()
                loss.backward()
                descent.step()
            expected = bits.sum(dim=-1).detach().numpy()[tower_layers(model.visual).n_prefix :] / np.log(2)
            np.testing.assert_allclose(map_.ravel(), expected, atol=0.01 * expected.max())


def test_m2ib_does_not_mind_the_unit_of_the_score_nor_how_many_classes_go_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = (
        film_maps(setting_model("timm ViT", unit=unit), FILM, method="m2ib").values[0] for unit in (1.0, 50.0)
    )
    np.testing.assert_allclose(one, other, rtol=0.02)
    monkeypatch.setattr("core.saliency.methods.m2ib._MOST_NUMBERS", 1)
    alone = film_maps(setting_model("timm ViT"), FILM, method="m2ib").values[0]
    np.testing.assert_allclose(one, alone, rtol=0.02)


def test_rise_is_its_formula_and_its_masks_are_half_open() -> None:
    model = setting_model("timm ViT")
    masks, scores = masked_scores(model, FILM, 4, 4, no_progress)
    again, _ = masked_scores(model, FILM, 4, 4, no_progress)
    np.testing.assert_array_equal(masks, again)
    assert masks.shape == (512, 4, 4)
    assert masks.mean() == pytest.approx(0.5, abs=0.03)
    found = rise(masks, scores)
    for index in range(scores.shape[1]):
        expected = sum(mask * score for mask, score in zip(masks, scores[:, index], strict=True)) / masks.sum(axis=0)
        np.testing.assert_allclose(found[index], np.maximum(expected - scores[:, index].mean(), 0), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "pooling"), [("grad_eclip", "average"), ("grad_eclip", "attention"), ("chefer", "average")]
)
def test_what_explains_a_class_token_refuses_towers_whose_scores_read_none(name: str, pooling: str) -> None:
    with pytest.raises(SaliencyError, match="class token"):
        film_maps(setting_model(POOLED[pooling]), FILM, method=name)


def test_attention_of_another_kind_is_refused_in_words() -> None:
    tower = replace(tower_layers(setting_model("timm ViT").visual), has_plain_attention=False)
    for name in BLOCK_METHODS:
        assert "is of another kind" in str(unsuited(method_of(name), tower))
    assert unsuited(method_of("chefer"), tower) is None
    pooled = replace(tower, has_plain_attention=True, has_plain_pool=False)
    assert [name for name in BLOCK_METHODS if unsuited(method_of(name), pooled)] == ["attn_lrp"]


@pytest.mark.parametrize("name", BLOCK_METHODS)
def test_where_a_method_begins_is_as_it_says(name: str) -> None:
    model = setting_model("timm ViT")
    names = tower_layers(model.visual).names
    (layer,) = film_maps(model, FILM, method=name).layers
    assert layer == names[method_of(name).usual_of(len(names))]
    np.testing.assert_array_equal(film_maps(model, FILM, method=name).values[0], _maps(model, name)[names.index(layer)])
