"""Small image towers of every kind, with random weights, and one whose answer is known."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch

from core.models.arrays import UInt8Array
from core.models.preprocess import film_transform
from core.models.torchvision_guard import open_clip, timm
from core.saliency.tower.setting_model import SettingModel, Tower
from core.saliency.tower.targets import LogitTarget
from tests.models.tiny import MEAN, STD

N_DIMENSIONS: Final = 12
CLASSES: Final = ("Edema", "Fracture", "Pneumonia")

TOWERS: Final[dict[str, dict[str, Any]]] = {
    "timm ViT": {"timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear", "image_size": 64},
    "the project's ViT": {
        "timm_model_name": "vit_phantom_patch16_160",
        "timm_pool": "",
        "timm_proj": "linear",
        "image_size": 160,
    },
    "open_clip's ViT": {"layers": 3, "width": 32, "head_width": 16, "patch_size": 16, "image_size": 64},
    "open_clip's ResNet": {"layers": [1, 1, 1, 1], "width": 8, "image_size": 64},
    "timm ViT, averaged": {
        "timm_model_name": "test_vit",
        "timm_pool": "avg",
        "timm_proj": "linear",
        "image_size": 64,
    },
    "SigLIP's": {"timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear", "image_size": 64},
    "timm EfficientNet": {
        "timm_model_name": "test_efficientnet",
        "timm_pool": "avg",
        "timm_proj": "linear",
        "image_size": 64,
    },
    "timm ConvNeXt": {
        "timm_model_name": "test_convnext",
        "timm_pool": "avg",
        "timm_proj": "linear",
        "image_size": 64,
    },
    "timm ResNet": {"timm_model_name": "test_resnet", "timm_pool": "avg", "timm_proj": "linear", "image_size": 64},
}
"""vision_cfg of every kind of tower that has maps."""

VITS: Final = ("timm ViT", "the project's ViT", "open_clip's ViT")


def setting_model(kind: str, *, unit: float = 1.0) -> SettingModel:
    """A linear probe with random weights on a tower of a kind; `unit` multiplies its logits."""
    cfg = TOWERS[kind]
    with torch.random.fork_rng():
        torch.manual_seed(3)
        visual = open_clip.CustomTextCLIP(N_DIMENSIONS, cfg, {"width": 8, "heads": 1, "layers": 1}).visual
        if kind == "SigLIP's":  # whose tower is made with its pool: no class token, and attention to a learnt query
            visual.trunk = timm.create_model(
                "test_vit", img_size=64, num_classes=0, global_pool="map", class_token=False
            )
        for name, weight in visual.named_parameters():
            if name.endswith("gamma"):
                weight.data.fill_(0.5)  # a millionth as made: all stages would give the same
            if name.endswith("weight") and weight.ndim == 2:
                weight.data.mul_(3)  # freshly drawn, all patches of a film give nearly the same token
        weight = torch.randn(len(CLASSES), N_DIMENSIONS)
    transform = film_transform({"size": cfg["image_size"], "mean": MEAN, "std": STD})
    tower = Tower(visual.eval().requires_grad_(False), transform, torch.device("cpu"))
    return SettingModel("linear_probe", CLASSES, tower, LogitTarget(unit * weight, torch.zeros(len(CLASSES))))


def planted_model() -> SettingModel:
    """Class 0 is about bright patches, class 1 about dark ones: the class token attends to them and to nothing else."""
    transform = film_transform({"size": 64, "mean": MEAN, "std": STD})
    tower = Tower(PlantedTower().eval().requires_grad_(False), transform, torch.device("cpu"))
    scores = LogitTarget(torch.tensor([[1.0, 0, 0, 0], [0, 0, 1.0, 0]]), torch.zeros(2))
    return SettingModel("linear_probe", ("Edema", "Fracture"), tower, scores)


def planted_film(bright: tuple[int, int] | None, dark: tuple[int, int] | None) -> UInt8Array:
    """(64, 64): middle grey, with one bright and one dark patch of 16 pixels."""
    film = np.full((64, 64), 128, np.uint8)
    for patch, grey in ((bright, 250), (dark, 5)):
        if patch is not None:
            film[16 * patch[0] : 16 * patch[0] + 16, 16 * patch[1] : 16 * patch[1] + 16] = grey
    return film


class PlantedTower(torch.nn.Module):
    """Laid out like open_clip's own ViT, one block, two heads, weights set by hand.

    A token is (brightness, darkness, is the class token, 0). The first head reads brightness into dimension 0 of the
    class token, the second darkness into dimension 2.
    """

    grid_size = (4, 4)

    def __init__(self) -> None:
        super().__init__()
        block = PlantedBlock()
        block.ln_1 = torch.nn.Identity()
        block.attn = torch.nn.MultiheadAttention(4, 2, batch_first=True)
        block.ls_1 = torch.nn.Identity()
        query, key = torch.zeros(4, 4), torch.zeros(4, 4)
        query[[0, 2], 2] = 3.0
        key[0, 0] = key[2, 1] = 1.0
        block.attn.in_proj_weight.data = torch.cat([query, key, key])
        block.attn.in_proj_bias.data.zero_()
        block.attn.out_proj.weight.data = torch.eye(4)
        block.attn.out_proj.bias.data.zero_()
        self.transformer = torch.nn.Module()
        self.transformer.resblocks = torch.nn.ModuleList([block])

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 3, 64, 64) -> (n, 4): the class token after the block."""
        brightness = torch.nn.functional.avg_pool2d(pixels[:, :1], 16).flatten(1)
        zeros = torch.zeros_like(brightness)
        patches = torch.stack([(brightness - 0.5).relu(), (-0.5 - brightness).relu(), zeros, zeros], dim=-1)
        first = torch.tensor([0.0, 0, 1, 0]).expand(len(pixels), 1, 4)
        block: Any = self.transformer.resblocks[0]  # type: ignore[union-attr, index]
        return block(torch.cat([first, patches], dim=1))[:, 0]


class PlantedBlock(torch.nn.Module):
    """Attention alone, without what a block adds it to."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """(n, T, 4) -> (n, T, 4)."""
        parts: Any = self
        normed = parts.ln_1(tokens)
        mixed: torch.Tensor = parts.ls_1(parts.attn(normed, normed, normed, need_weights=False)[0])
        return mixed
