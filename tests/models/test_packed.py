"""A rearranged bf16 tower gives what the plain one gives, and stays plain where torch cannot rearrange it."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from core.models import packed
from core.models.clip_model import ClipModel
from core.models.fastest import least_cosine
from core.models.image_tower import ImageTower
from core.models.packed import PackedLinear, pack
from tests.models.tiny import random_films


def _linears(visual: torch.nn.Module) -> list[torch.nn.Module]:
    return [module for module in visual.modules() if type(module) is torch.nn.Linear]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 48), (5, 48), (3, 7, 48)])
def test_a_packed_layer_is_the_layer(bias: bool, shape: tuple[int, ...]) -> None:
    linear = torch.nn.Linear(48, 20, bias=bias).to(torch.bfloat16)
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)
    exact = torch.nn.functional.linear(
        inputs.double(), linear.weight.double(), None if linear.bias is None else linear.bias.double()
    )
    with torch.inference_mode():
        found = PackedLinear(linear, 64)(inputs)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.double(), exact, rtol=0.01, atol=0.01)


def test_a_packed_tower_encodes_as_the_plain_one_does(tiny: ClipModel) -> None:
    crops = np.stack([tiny.transform.crop(film) for film in random_films(9)])
    plain = ImageTower(copy.deepcopy(tiny.visual).to(torch.bfloat16), tiny.transform, 4)
    ours = ImageTower.of(tiny.visual, tiny.transform, "bf16", batch_size=4)
    assert _linears(plain.visual)
    assert not _linears(ours.visual)
    assert least_cosine(ours.encode(crops), plain.encode(crops)) > 0.9995
    assert least_cosine(ours.encode(crops), tiny.encode_crops(crops)) > 0.999
    assert _linears(tiny.visual), "the model itself is left alone"
    assert all(block.attn.fused_attn for block in tiny.visual.trunk.blocks)  # type: ignore[union-attr]


class _Absent:
    def __init__(self, *_: object) -> None:
        raise AttributeError("'_OpNamespace' 'mkldnn' object has no attribute '_reorder_linear_weight'")


class _Wrong(torch.nn.Module):
    def __init__(self, linear: torch.nn.Linear, n_rows: int) -> None:
        super().__init__()
        self._n = linear.out_features

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.new_full((len(inputs), self._n), 7.0)


@pytest.mark.parametrize("unfit", [_Absent, _Wrong])
def test_a_torch_that_cannot_leaves_the_tower_as_it_is(
    unfit: type, tiny: ClipModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "PackedLinear", unfit)
    visual = copy.deepcopy(tiny.visual).to(torch.bfloat16)
    n_linear = len(_linears(visual))
    pack(visual, 64)
    assert len(_linears(visual)) == n_linear
