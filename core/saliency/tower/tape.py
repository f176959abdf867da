"""One forward pass of a film through a transformer, with all that methods made for transformers read on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn import functional

from core.errors import SaliencyError
from core.models.arrays import UInt8Array
from core.saliency.tower.layers import TowerLayers, find_layer, is_plain_pool
from core.saliency.tower.relevance import Parts, parts_by_relevance, rules_of_relevance
from core.saliency.tower.setting_model import SettingModel

_REMEDY = "Choose a method that reads layers, such as Grad-CAM."


@dataclass(frozen=True, eq=False)
class Heads:
    """What one block's attention did with one film; every tensor differentiable.

    query, key, value : (heads, T, d of a head).
    weights : (heads, T, T) after the softmax, rows are the tokens that ask.
    mixed : (T, d), the heads side by side, before they are projected.
    project : (..., d) -> (..., d), the projection after them.
    """

    query: torch.Tensor
    key: torch.Tensor
    value: torch.Tensor
    weights: torch.Tensor
    mixed: torch.Tensor
    project: Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, eq=False)
class Tape:
    """One film in one setting, from block to block.

    begins : (T, d), what the first block is given; where the graph begins.
    heads : of every block.
    ends : (T, d) after every block.
    scores : (C,).
    blocks : the modules, (n, T, d) -> (n, T, d).
    score : (n, T, d), as after the last block -> scores (n, C); T may be any number from n_prefix + 1 on.
    pool_weights : what an attention pool makes of tokens (n, T, d): its own weights (n, heads, queries, T), and scores
        (n, C); None where the tower pools otherwise.
    n_prefix : tokens before the patches.
    by_token : whether only the class token is read at the end.
    """

    begins: torch.Tensor
    heads: tuple[Heads, ...]
    ends: tuple[torch.Tensor, ...]
    scores: torch.Tensor
    blocks: tuple[torch.nn.Module, ...]
    score: Callable[[torch.Tensor], torch.Tensor]
    pool_weights: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]] | None
    n_prefix: int
    by_token: bool

    def gradients(self, scores: torch.Tensor, of: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """Take the gradients of scores (C,), of every class at once: one (C, *shape) each, 0 where nothing flows."""
        directions = torch.eye(len(scores), dtype=scores.dtype, device=scores.device)
        found = torch.autograd.grad(
            scores, of, directions, is_grads_batched=True, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        return tuple(found)


@dataclass
class _Seen:
    heads: list[Heads] = field(default_factory=list)
    ends: list[torch.Tensor] = field(default_factory=list)
    begins: torch.Tensor | None = None


@contextmanager
def taped(model: SettingModel, film: UInt8Array, layers: TowerLayers, *, by_relevance: bool = False) -> Iterator[Tape]:
    """Give the tape of a film while the tower is held: blocks and heads may be run again inside.

    by_relevance : whether gradients follow the rules of `core.saliency.tower.relevance`.
    layers : of a tower with plain attention (`TowerLayers.has_plain_attention`).
    Raises SaliencyError where its tokens are laid out in another way.
    """
    assert layers.grid is not None
    found = find_layer(model.visual, layers.blocks)
    assert isinstance(found, torch.nn.ModuleList | torch.nn.Sequential)
    blocks = tuple(found)
    pixels = model.tower.transform(film)[None].to(model.tower.device)
    n_tokens = layers.n_prefix + layers.grid[0] * layers.grid[1]
    with model.tower.lock, torch.enable_grad():
        seen, through = _Seen(), _Through(model, pixels, blocks)
        with _watched(blocks, seen, parts_by_relevance if by_relevance else _as_they_are), ExitStack() as rules:
            if by_relevance:
                rules.enter_context(rules_of_relevance(model.visual))
                rules.enter_context(through.pooling_by_relevance())
            with through.keeping_what_comes_before():
                scores = model.target(model.visual(pixels))[0]
        if seen.begins is None or any(tokens.shape != (n_tokens, seen.begins.shape[-1]) for tokens in seen.ends):
            raise SaliencyError("The tokens of this image tower cannot be followed.", remedy=_REMEDY)
        yield Tape(
            seen.begins,
            tuple(seen.heads),
            tuple(seen.ends),
            scores,
            blocks,
            through.score,
            through.pool_weights if through.pool is not None else None,
            layers.n_prefix,
            layers.is_pooled_by_token,
        )


@contextmanager
def _watched(blocks: Sequence[torch.nn.Module], seen: _Seen, turn: Turn) -> Iterator[None]:
    """Keeps what every block is given and gives, and its attention, which is written out meanwhile."""

    def begin(_: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        seen.begins = given[0][0].detach().requires_grad_()
        return (seen.begins[None], *given[1:])

    def end(_: torch.nn.Module, __: object, output: torch.Tensor) -> torch.Tensor:
        seen.ends.append(output[0])
        return seen.ends[-1][None]

    with ExitStack() as stack:
        stack.callback(blocks[0].register_forward_pre_hook(begin).remove)
        for block in blocks:
            stack.callback(block.register_forward_hook(end).remove)
            stack.callback(written_out(block.attn, seen.heads.append, turn))
        yield


def written_out(attention: Any, keep: Callable[[Heads], object], turn: Turn) -> Callable[[], None]:
    """Replace an attention module's forward by its steps, for one film; returns what puts it back.

    keep : is told of the steps.

    turn : makes of query, key and value what is used in their place.
    """
    split, merge = _steps_of(attention)

    def forward(tokens: torch.Tensor, *_: object, **__: object) -> Any:
        is_torch = isinstance(attention, torch.nn.MultiheadAttention)
        swaps = is_torch and not attention.batch_first
        tokens = tokens.transpose(0, 1) if swaps else tokens
        query, key, value = (part[0] for part in turn(split(tokens)))
        weights = _attention(query, key)
        mixed = (weights @ value).transpose(0, 1).flatten(1)
        keep(Heads(query, key, value, weights, mixed, merge))
        output = merge(mixed[None])
        output = output.transpose(0, 1) if swaps else output
        return (output, None) if is_torch else output

    attention.__dict__["forward"] = forward
    return lambda: attention.__dict__.pop("forward", None)


Turn = Callable[[Parts], Parts]


def _as_they_are(parts: Parts) -> Parts:
    return parts


def _attention(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    """(..., T of the query, T of the key), after the softmax."""
    weights: torch.Tensor = (query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5).softmax(dim=-1)
    return weights


def _steps_of(attention: Any) -> tuple[Callable[[torch.Tensor], Any], Callable[[torch.Tensor], torch.Tensor]]:
    """(n, T, d) -> query, key and value (n, heads, T, d of a head); and the projection of what is mixed of them."""
    n_heads = getattr(attention, "num_heads", 0)
    if isinstance(attention, torch.nn.MultiheadAttention):

        def split(tokens: torch.Tensor) -> Any:
            parts = functional.linear(tokens, attention.in_proj_weight, attention.in_proj_bias)
            return parts.reshape(*tokens.shape[:2], 3, n_heads, -1).permute(2, 0, 3, 1, 4)

        return split, attention.out_proj

    def split_timm(tokens: torch.Tensor) -> Any:
        query, key, value = attention.qkv(tokens).reshape(*tokens.shape[:2], 3, n_heads, -1).permute(2, 0, 3, 1, 4)
        return attention.q_norm(query), attention.k_norm(key), value

    return split_timm, lambda mixed: attention.proj(getattr(attention, "norm", torch.nn.Identity())(mixed))


class _Through:
    """The tower without its blocks: what comes after them, on any tokens."""

    def __init__(self, model: SettingModel, pixels: torch.Tensor, blocks: Sequence[torch.nn.Module]) -> None:
        self._model, self._pixels, self._blocks = model, pixels, blocks
        trunk = getattr(model.visual, "trunk", None)
        pool = getattr(trunk, "attn_pool", None)
        self.pool = pool if is_plain_pool(pool) else None
        self._patches: Any = getattr(trunk, "patch_embed", None) or getattr(model.visual, "conv1", None)
        self._embedded: torch.Tensor | None = None

    @contextmanager
    def keeping_what_comes_before(self) -> Iterator[None]:
        """Remember what the film's patches are at first, which is the same whatever tokens come after."""

        def keep(_: torch.nn.Module, __: object, output: torch.Tensor) -> None:
            self._embedded = output.detach()

        hook = self._patches.register_forward_hook(keep) if self._patches is not None else None
        try:
            yield
        finally:
            if hook is not None:
                hook.remove()

    def score(self, tokens: torch.Tensor) -> torch.Tensor:
        """(n, T, d), as after the last block -> scores (n, C)."""
        given = [*[None] * (len(self._blocks) - 1), tokens]
        with ExitStack() as stack:
            for block, instead in zip(self._blocks, given, strict=True):
                block.__dict__["forward"] = _passing(instead)
                stack.callback(block.__dict__.pop, "forward")
            if self._embedded is not None:
                self._patches.__dict__["forward"] = _passing(self._embedded)
                stack.callback(self._patches.__dict__.pop, "forward")
            scores: torch.Tensor = self._model.target(self._model.visual(self._pixels))
        return scores

    def pool_weights(self, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, T, d) -> the weights (n, heads, queries, T) of the attention pool, and scores (n, C)."""
        pool: Any = self.pool
        kept: list[torch.Tensor] = []

        def forward(tokens: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
            return _pooled(pool, tokens, kept, _as_they_are)

        pool.__dict__["forward"] = forward
        try:
            scores = self.score(tokens)
        finally:
            pool.__dict__.pop("forward")
        return kept[0], scores

    @contextmanager
    def pooling_by_relevance(self) -> Iterator[None]:
        """Let an attention pool, where there is one, follow the rules too."""
        pool: Any = self.pool
        if pool is None:
            yield
            return
        pool.__dict__["forward"] = lambda tokens, *_, **__: _pooled(pool, tokens, [], parts_by_relevance)
        try:
            yield
        finally:
            pool.__dict__.pop("forward")


def _passing(instead: torch.Tensor | None) -> Callable[..., torch.Tensor]:
    return lambda tokens, *_, **__: tokens if instead is None else instead


def _pooled(pool: Any, tokens: torch.Tensor, kept: list[torch.Tensor], turn: Turn) -> torch.Tensor:
    """What timm's attention pool makes of (n, T, d), step by step; `kept` is given its weights."""
    n, n_tokens, width = tokens.shape
    if pool.pos_embed is not None:
        tokens = tokens + pool.pos_embed[None]
    query = pool.q(pool.latent.expand(n, -1, -1)).reshape(n, pool.latent_len, pool.num_heads, -1).transpose(1, 2)
    key, value = pool.kv(tokens).reshape(n, n_tokens, 2, pool.num_heads, -1).permute(2, 0, 3, 1, 4)
    query, key, value = turn((pool.q_norm(query), pool.k_norm(key), value))
    kept.append(_attention(query, key))
    output: torch.Tensor = pool.proj((kept[0] @ value).transpose(1, 2).reshape(n, -1, width))
    if pool.mlp is not None:
        output = output + pool.mlp(pool.norm(output))
    return output[:, 0] if pool.pool == "token" else output.mean(1) if pool.pool == "avg" else output
