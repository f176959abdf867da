#!/usr/bin/env bash
# What: gem-torch beside an open_clip of today gives a map, but not GEM's: tokens never see each other in early blocks.
# Versions: gem-torch 1.0.1, open_clip_torch 3.3.0 and, for contrast, 2.24.0, torch 2.13.0, torchvision 0.28.0,
# numpy 2.4.6, Python 3.11. Date: 2026-11-27.
#
# gem-torch asks for open-clip-torch without a version, so that pip installs 3.3.0. It hands tokens to the blocks as
# (token, film, width). Up to 2.24.0 the attention of open_clip's blocks takes them so; by default it has since taken
# (film, token, width), and with one film every token then attends to itself alone. GEM replaces the attention of the
# last six blocks by its own; all blocks before are wrong.
# Expected: the same weights and the same picture give the same map under both versions, and GEMWrapper's `return_ori`,
# "the features from the original visual encoder", scores the encoder's own tokens.
# Seen: so it is under 2.24.0. Under 3.3.0 both maps are off by more than GEM's map spans. No error, no warning. With
# `batch_first` of the attention that GEM left in place set to False, 3.3.0 gives the map of 2.24.0.
# GEMWrapper is put around a model here. create_gem_model stops with a TypeError under 3.3.0: it passes open_clip's
# arguments by position, and their order has changed. legrad-torch 1.1 hands tokens over in the same way, but asks for
# open-clip-torch<=2.23.0, so that pip keeps it from an open_clip under which it would be wrong.
#
# Why it matters here: GEM's own package cannot serve as the reference of this product's GEM under the open_clip that it
# runs on. GEM is held against its formula instead (tests/saliency/test_transformer_methods.py).
#
# Ends with 0 while the behaviour is as described, with 1 when it has changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check \
    gem-torch==1.0.1 open-clip-torch==3.3.0 torch==2.13.0 torchvision==0.28.0 numpy==2.4.6
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$scratch/before" \
    open-clip-torch==2.24.0

cat > "$scratch/maps.py" <<'PYTHON'
import sys
from importlib.metadata import version

import torch

try:
    import torchvision
except RuntimeError:  # a torchvision built for CUDA beside a CPU torch; its operators are looked up, but not used here
    declared = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        declared.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision
import open_clip
from gem.gem_wrapper import GEMWrapper

SIDE, PATCH, WORDS = 112, 16, ["a heart", "a lung"]


def seeded_model() -> torch.nn.Module:
    vision = {"image_size": SIDE, "layers": 12, "width": 64, "head_width": 16, "patch_size": PATCH}
    text = {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 4, "layers": 2}
    model = open_clip.CLIP(embed_dim=32, vision_cfg=vision, text_cfg=text).eval()
    draw = torch.Generator().manual_seed(0)
    for name, weight in sorted(model.named_parameters()):
        if "ln_" not in name:  # so large that attention and its values carry weight
            size = 0.1 if weight.ndim < 2 else 1.5 * weight.shape[-1] ** -0.5
            weight.data = torch.randn(weight.shape, generator=draw) * size
    return model


@torch.no_grad()
def maps(batch_first: bool | None) -> dict[str, torch.Tensor]:
    """Give GEM's map, that of the encoder's tokens by GEM's package, and that of the encoder's tokens by hand."""
    model = seeded_model()
    picture = torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    ends = []
    hook = model.visual.transformer.register_forward_hook(lambda _, given, end: ends.append(end))
    model.visual(picture)
    hook.remove()
    tokens = ends[0] if len(ends[0]) == 1 else ends[0].transpose(0, 1)
    wrapped = GEMWrapper(model, open_clip.get_tokenizer("ViT-B-32"))
    if batch_first is not None:
        for module in model.visual.modules():
            if isinstance(module, torch.nn.MultiheadAttention):
                module.batch_first = batch_first
    own = torch.nn.functional.normalize(model.visual.ln_post(tokens) @ model.visual.proj, dim=-1)[:, 1:]
    own = (own @ wrapped.encode_text(WORDS).transpose(-1, -2)).reshape(1, SIDE // PATCH, -1, len(WORDS))
    own = torch.nn.functional.interpolate(own.permute(0, 3, 1, 2), size=(SIDE, SIDE), mode="bilinear")
    return {
        "gem": wrapped(picture, WORDS, normalize=False),
        "original": wrapped(picture, WORDS, normalize=False, return_ori=True),
        "own": own,
    }


found = maps(None)
found["version"] = version("open-clip-torch")
if sys.argv[2:] == ["mended"]:
    found["mended"] = maps(False)["gem"]
torch.save(found, sys.argv[1])
PYTHON

PYTHONPATH="$scratch/before" "$scratch/venv/bin/python" "$scratch/maps.py" "$scratch/before.pt"
"$scratch/venv/bin/python" "$scratch/maps.py" "$scratch/today.pt" mended
"$scratch/venv/bin/python" - "$scratch" <<'PYTHON'
import sys
from importlib.metadata import version

import torch

before, today = (torch.load(f"{sys.argv[1]}/{name}.pt") for name in ("before", "today"))
print(f"gem-torch {version('gem-torch')}, torch {version('torch')}")
print(f"open_clip_torch {before['version']} and {today['version']}")


def off(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).abs().max())


def correlation(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1])


right = before["gem"]
print(f"GEM's map, cosines from {right.min():.3f} to {right.max():.3f} under {before['version']}")
lines = {
    "the encoder's own tokens, between the versions": ("expected 0", off(before["own"], today["own"])),
    f"return_ori against them, {before['version']}": ("expected 0", off(before["original"], before["own"])),
    f"return_ori against them, {today['version']}": ("expected 0", off(today["original"], today["own"])),
    "GEM's map, between the versions": ("expected 0", off(today["gem"], right)),
    "the same, batch_first set to False": ("expected 0", off(today["mended"], right)),
}
for what, (expected, seen) in lines.items():
    print(f"largest difference of {what:<52} {expected}, seen {seen:.6f}")
print(f"correlation of GEM's map between the versions: expected 1, seen {correlation(today['gem'], right):.3f}")
same, earlier, wrong_original, wrong_gem, mended = (seen for _, seen in lines.values())
as_described = max(same, earlier, mended) < 1e-4 and min(wrong_original, wrong_gem) > 0.1
print("as described" if as_described else "CHANGED: gem-torch no longer gives another map under open_clip 3")
sys.exit(0 if as_described else 1)
PYTHON
