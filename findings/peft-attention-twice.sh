#!/usr/bin/env bash
# What: peft's low-rank adaptation of torch's own attention adds the low-rank product of its output layer twice.
# Versions: peft 0.21.2, torch 2.13.0, transformers 5.23.0, numpy 2.4.6, Python 3.11. Date: 2026-11-27.
#
# Where `target_modules` names a torch.nn.MultiheadAttention, peft adapts both its weights: that from the input to
# queries, keys and values, and that of its output layer.
# Expected: a weight W with the low-rank weights A and B is used as W + (alpha / rank) B A (section 4.1 of arXiv
# 2106.09685), and becomes that in merge_and_unload.
# Seen: so for the former weight. The output layer uses W + 2 (alpha / rank) B A, and merge_and_unload makes it that. As
# both agree with each other, comparing them shows nothing. No error, no warning. A linear layer of the same shape is
# adapted as it should be.
#
# Why it matters here: the towers of open_clip have this attention, so that an adapter trained by naming the modules
# computes something else in every program that goes by the formula. The product adapts the first weight alone, named in
# `target_parameters` (core/settings/lora_tower.py); tests hold it against the formula (tests/settings/test_lora.py).
#
# Ends with 0 while the behaviour is as described, with 1 when it has changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check \
    peft==0.21.2 torch==2.13.0 transformers==5.23.0 numpy==2.4.6

"$scratch/venv/bin/python" - <<'PYTHON'
import copy
import sys
from importlib.metadata import version

import torch
from peft import LoraConfig, get_peft_model

WIDTH, RANK, ALPHA = 64, 4, 8


class Tower(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attn = torch.nn.MultiheadAttention(WIDTH, 4, batch_first=True)
        self.linear = torch.nn.Linear(WIDTH, WIDTH)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.linear(self.attn(tokens, tokens, tokens, need_weights=False)[0])


torch.manual_seed(0)
original = Tower().eval()
tokens = torch.randn(2, 10, WIDTH)
adapted = get_peft_model(
    copy.deepcopy(original), LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["attn", "linear"])
).eval()
low_rank = {name: weight for name, weight in adapted.named_parameters() if weight.requires_grad}
for weight in low_rank.values():
    torch.nn.init.normal_(weight, std=0.1)


def product(layer: str) -> torch.Tensor:
    """Give (alpha / rank) B A of a layer, from the weights that peft trains."""
    a, b = (low_rank[f"base_model.model.{layer}.lora_{kind}.default.weight"].detach() for kind in "AB")
    return ALPHA / RANK * b @ a


# the weight, the layer whose low-rank weights it has
PARTS = {
    "attn.in_proj_weight": "attn",
    "attn.out_proj.weight": "attn.base_layer.out_proj",
    "linear.weight": "linear",
}


@torch.no_grad()
def by_hand(times: tuple[int, ...]) -> torch.Tensor:
    """Run the plain tower with `times` products added to each of PARTS."""
    tower = copy.deepcopy(original)
    for (name, layer), n_times in zip(PARTS.items(), times, strict=True):
        tower.get_parameter(name).add_(n_times * product(layer))
    return tower(tokens)


with torch.no_grad():
    seen = adapted(tokens)
once, twice = (float((seen - by_hand(times)).abs().max()) for times in ((1, 1, 1), (1, 2, 1)))
products = {name: product(layer) for name, layer in PARTS.items()}
merged = adapted.merge_and_unload().state_dict()
times = {
    name: float(((merged[name] - original.get_parameter(name).detach()) * delta).sum() / delta.square().sum())
    for name, delta in products.items()
}

print(f"peft {version('peft')}, torch {version('torch')}, outputs up to {seen.abs().max():.3f}")
print(f"largest difference of the output from one product each          expected 0, seen {once:.6f}")
print(f"the same from one product, two in attention's output layer        for contrast {twice:.6f}")
for name, seen_times in times.items():
    print(f"products in {name:<20} after merge_and_unload       expected 1, seen {seen_times:.4f}")
as_described = once > 0.01 and twice < 1e-5 and [round(n, 3) for n in times.values()] == [1, 2, 1]
print("as described" if as_described else "CHANGED: attention's output layer no longer has its product twice")
sys.exit(0 if as_described else 1)
PYTHON
