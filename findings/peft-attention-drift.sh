#!/usr/bin/env bash
# What: peft's low-rank adaptation of torch's own attention changes the frozen weights a little at every forward pass.
# Versions: peft 0.21.2, torch 2.13.0, transformers 5.23.0, numpy 2.4.6, Python 3.11. Date: 2026-11-27.
#
# Attention of torch.nn.MultiheadAttention keeps queries, keys and values in one weight, without a layer that could be
# wrapped. Where the module is named in `target_modules`, peft adds the low-rank product to the weight before each
# forward pass and subtracts it after it.
# Expected: training leaves the frozen weights as they were, bit for bit; an adapter that is saved, and loaded onto the
# original weights, gives what the trained model gave.
# Seen: (w + d) - d is rounded twice and is not w. The frozen weights move with every pass, the more the narrower their
# numbers are, and the adapter on the original weights gives something else. No error, no warning. Named in
# `target_parameters`, the same weight stays as it was.
#
# Why it matters here: a setting that says that it trains low-rank weights alone must not touch the others, and what it
# saves is meant for the original model. The towers of open_clip have this attention. The product names the weight in
# `target_parameters` (core/settings/lora_tower.py), and tests hold which weights change (tests/settings/test_lora.py).
#
# Ends with 0 while the behaviour is as described, with 1 when it has changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check \
    peft==0.21.2 torch==2.13.0 transformers==5.23.0 numpy==2.4.6

"$scratch/venv/bin/python" - "$scratch" <<'PYTHON'
import copy
import sys
from importlib.metadata import version

import torch
from peft import LoraConfig, PeftModel, get_peft_model

WIDTH, STEPS = 64, (1, 10, 100, 300)


class Tower(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attn = torch.nn.MultiheadAttention(WIDTH, 4, batch_first=True)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.attn(tokens, tokens, tokens, need_weights=False)[0]


def frozen(tower: torch.nn.Module) -> torch.Tensor:
    (weight,) = [value for name, value in tower.state_dict().items() if name.endswith("in_proj_weight")]
    return weight.detach().clone()


def train(number: torch.dtype, kind: str, **target: list[str]) -> tuple[list[int], float, float]:
    """Give how many frozen weights have moved after STEPS, by how much, and how far off the loaded adapter is."""
    torch.manual_seed(0)
    original = Tower().to(number)
    tokens, wanted = torch.randn(2, 8, 10, WIDTH).to(number)
    tower = get_peft_model(copy.deepcopy(original), LoraConfig(r=4, lora_alpha=8, **target))
    before, moved = frozen(tower), []
    assert torch.equal(before, original.attn.in_proj_weight)
    optimizer = torch.optim.Adam([weight for weight in tower.parameters() if weight.requires_grad], lr=1e-2)
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        (tower(tokens) - wanted).float().square().mean().backward()
        optimizer.step()
        if step in STEPS:
            moved.append(int((frozen(tower) != before).sum()))
    by = float((frozen(tower) - before).abs().max() / before.abs().max())
    folder = f"{sys.argv[1]}/{kind}"
    tower.save_pretrained(folder)
    loaded = PeftModel.from_pretrained(copy.deepcopy(original), folder).eval()
    with torch.no_grad():
        last, again = tower.eval()(tokens).float(), loaded(tokens).float()
    return moved, by, float((last - again).abs().max() / last.abs().max())


print(f"peft {version('peft')}, torch {version('torch')}, {3 * WIDTH * WIDTH} frozen weights, after {STEPS} steps")
print("expected everywhere                moved [0, 0, 0, 0], by 0, the loaded adapter off by 0")
as_described = True
for number in (torch.float32, torch.bfloat16):
    for kind, target, drifts in (
        ("module", {"target_modules": ["attn"]}, True),
        ("parameter", {"target_modules": [], "target_parameters": ["attn.in_proj_weight"]}, False),
    ):
        moved, by, off = train(number, kind, **target)
        print(f"seen, {str(number):<15} {kind:<11}  moved {moved}, by {by:.1e}, the loaded adapter off by {off:.1e}")
        if drifts:
            as_described &= moved[-1] > 3 * WIDTH * WIDTH // 4 and by > 0 and off > 0
        else:
            as_described &= moved == [0] * len(STEPS) and off == 0
print("as described" if as_described else "CHANGED: frozen weights of torch's attention no longer drift, or others do")
sys.exit(0 if as_described else 1)
PYTHON
