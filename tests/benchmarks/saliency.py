"""Maps of all classes and layers from one pass, against one pytorch-grad-cam call each, on a full-size ViT.

`python -m tests.benchmarks.saliency [--runs 5] [--equal] [--film] [--methods] [--model DIR] [--device cuda]`: prints
medians and their ratios, and ends with 1 where one is below its limit: 14 classes at one layer at least 15 times
faster, 14 classes at 12 layers at least 20 times. Runs alternate; a library call is timed on its own and taken 14 or
168 times. Weights are frozen.
--equal : besides, every shared method, layer and class against the library, to 1e-4 of each map's maximum; the
library's Grad-CAM++ where its own arithmetic defines a map (`tests.saliency.reference.WORST_CONDITION`).
--methods : besides, the methods made for transformers, each against one call a class of the same arithmetic, at the
block where it usually begins and at every block (one call a class and block); M2IB, which begins late in the tower,
against its published way, the whole tower in every step. Limit 5 at the usual block.
--film : besides, one film in three settings, both for the full-size model (limit 3 s) and the phantom's (0.7 s).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from core.datasets.films import film_pixels
from core.findings import CLASSES
from core.models.load import load_visual
from core.paths import STUDIES
from core.saliency.film_maps import film_maps, maps_by_method
from core.saliency.methods import method_of
from core.saliency.tower.layers import find_layer, tower_layers
from core.saliency.tower.setting_model import SettingModel, Tower, load_setting_model
from core.saliency.tower.targets import LogitTarget
from core.study.open import open_study
from tests.models.biomedclip import make_biomedclip
from tests.models.tiny import random_films
from tests.saliency.reference import SHARED, Scores, reference_maps, to_grid

LIMITS = {"14 classes, 1 layer": 15.0, "14 classes, 12 layers": 20.0}
METHODS = ("legrad", "grad_eclip", "gem", "attn_lrp", "m2ib", "rise")
METHOD_LIMIT = 5.0
FILM_LIMITS_S = {"full size": 3.0, "phantom CLIP": 0.7}


def main() -> None:
    """Prints the ratios; ends with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description="Maps from one pass against one library call a map.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--equal", action="store_true")
    parser.add_argument("--film", action="store_true")
    parser.add_argument("--methods", nargs="*", choices=METHODS, help="of the methods made for transformers, or all")
    parser.add_argument("--model", type=Path, help="BiomedCLIP's folder; by default its architecture, random weights")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    device = torch.device(args.device)
    with tempfile.TemporaryDirectory() as folder:
        visual, transform = load_visual(args.model or make_biomedclip(Path(folder) / "biomedclip"), device=args.device)
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(len(CLASSES), 512, generator=generator)
    target = LogitTarget(weight.to(device), torch.zeros(len(CLASSES), device=device))
    model = SettingModel("linear_probe", CLASSES, Tower(visual, transform, device), target)
    film = random_films(1, height_px=300, width_px=256)[0]
    missed = _speed(model, film, args.runs)
    if args.equal:
        missed |= _equal(model, film)
    if args.methods is not None:
        missed |= _methods(model, film, args.methods or METHODS, args.runs)
    if args.film:
        missed |= _film(model, film, args.runs)
    raise SystemExit(missed)


def _speed(model: SettingModel, film: np.ndarray, runs: int) -> bool:
    layers = tower_layers(model.visual)
    jobs: dict[str, Callable[[], object]] = {
        "library, one call": lambda: _library(model, film, layers.default),
        "14 classes, 1 layer": lambda: film_maps(model, film),
        "14 classes, 12 layers": lambda: film_maps(model, film, layers=layers.names),
    }
    seconds = _medians(jobs, runs)
    missed = False
    for name, n_maps in (("14 classes, 1 layer", 14), ("14 classes, 12 layers", 168)):
        ratio = n_maps * seconds["library, one call"] / seconds[name]
        print(f"{name}: {ratio:.1f} times faster than {n_maps} library calls (limit {LIMITS[name]:.0f})")
        missed |= ratio < LIMITS[name]
    return missed


def _library(model: SettingModel, film: np.ndarray, layer: str) -> np.ndarray:
    """One call as its users make it: frozen weights, so the film asks for a gradient."""
    pixels = model.tower.transform(film)[None].to(model.tower.device).requires_grad_(True)
    target_layer = find_layer(model.visual, layer)
    with SHARED["grad_cam"](Scores(model), [target_layer], reshape_transform=to_grid(model)) as cam:
        return np.asarray(cam(pixels, [lambda scores: scores[3]]))


def _equal(model: SettingModel, film: np.ndarray) -> bool:
    """Every shared method, layer and class; the library is called once a layer, with the film once a class."""
    layers = tower_layers(model.visual)
    ours = maps_by_method(model, film, list(SHARED), layers=layers.names)
    worst, n_defined = dict.fromkeys(SHARED, 0.0), dict.fromkeys(SHARED, 0)
    for position, layer in enumerate(layers.names):
        for name, expected in reference_maps(model, film, range(len(CLASSES)), layer, list(SHARED)).items():
            largest = np.maximum(expected.max(axis=(1, 2), keepdims=True), 1e-12)
            differences = (np.abs(ours[name].values[position] - expected) / largest).max(axis=(1, 2))
            n_defined[name] += int(np.isfinite(differences).sum())
            worst[name] = max([worst[name], *differences[np.isfinite(differences)].tolist()])
    for name, difference in worst.items():
        if not n_defined[name]:
            print(f"{name}: ill-conditioned on every map here, so nothing is claimed")
            continue
        print(f"{name}: at most {difference:.1e} of a map's maximum from the library's, on {n_defined[name]} maps")
    return max(worst.values()) > 1e-4


def _methods(model: SettingModel, film: np.ndarray, names: Sequence[str], runs: int) -> bool:
    missed = False
    layers = tower_layers(model.visual)
    one = model.only(model.classes[3:4])
    for name in names:
        jobs: dict[str, Callable[[], object]] = {
            "one class": partial(film_maps, one, film, method=name),
            "14 classes": partial(film_maps, model, film, method=name),
        }
        if name == "m2ib":
            jobs["one class"] = partial(_published_m2ib, one, film)
        elif method_of(name).has_layers:
            jobs["14 classes, every block"] = partial(film_maps, model, film, method=name, layers=layers.names)
        seconds = _medians(jobs, 1 if method_of(name).is_slow else runs)
        ratio = len(CLASSES) * seconds["one class"] / seconds["14 classes"]
        print(f"{name}: {ratio:.1f} times faster than a call a class (limit {METHOD_LIMIT:.0f})")
        if "14 classes, every block" in seconds:
            n_calls = len(CLASSES) * len(layers.names)
            at_all = n_calls * seconds["one class"] / seconds["14 classes, every block"]
            print(f"{name}, every block: {at_all:.1f} times faster than a call a class and block")
        missed |= ratio < METHOD_LIMIT
    return missed


def _published_m2ib(model: SettingModel, film: np.ndarray) -> np.ndarray:
    """One class as its authors' code does it: every step takes ten copies of the film through the whole tower."""
    layers = tower_layers(model.visual)
    blocks = find_layer(model.visual, layers.blocks)
    before = blocks[method_of("m2ib").usual_of(len(layers.names)) - 1]  # type: ignore[index]
    pixels = model.tower.transform(film)[None].repeat(10, 1, 1, 1).to(model.tower.device)
    gates: torch.nn.Parameter | None = None
    bits = torch.zeros(0)

    def narrow(_: torch.nn.Module, __: object, output: torch.Tensor) -> torch.Tensor:
        nonlocal gates, bits
        if gates is None:
            gates = torch.nn.Parameter(torch.full_like(output[:1], 5.0))
        passed = torch.distributions.Normal(gates.sigmoid() * output, (-gates).sigmoid())
        bits = torch.distributions.kl_divergence(passed, torch.distributions.Normal(0.0, 1.0))
        return passed.rsample()

    hook = before.register_forward_hook(narrow)
    descent: torch.optim.Adam | None = None
    for _ in range(10):
        score = model.target(model.visual(pixels))[:, 0].mean()
        assert gates is not None
        descent = descent or torch.optim.Adam([gates], lr=1.0)
        descent.zero_grad()
        (0.1 * bits.mean() - score).backward()
        descent.step()
    hook.remove()
    return bits.mean(dim=0).sum(dim=-1).detach().cpu().numpy()


def _film(model: SettingModel, film: np.ndarray, runs: int) -> bool:
    study = open_study(STUDIES / "phantom")
    shown = film_pixels(study, study.annotated_ids()[-1])
    phantom = [load_setting_model(study, setting) for setting in study.settings]
    seconds = _medians(
        {
            "full size": lambda: [film_maps(model, film) for _ in range(3)],
            "phantom CLIP": lambda: [film_maps(each, shown) for each in phantom],
        },
        runs,
    )
    for name, limit in FILM_LIMITS_S.items():
        print(f"one film, three settings, {name}: {seconds[name]:.2f} s (limit {limit} s, to be painted)")
    return any(seconds[name] > limit for name, limit in FILM_LIMITS_S.items())


def _medians(jobs: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Median seconds of each, taken in turns; the first turn warms up and is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for run in range(runs + 1):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            if run:
                seconds[name].append(time.perf_counter() - begun)
    for name, values in seconds.items():
        print(f"{name}: median {statistics.median(values):.3f} s of {', '.join(f'{value:.3f}' for value in values)}")
    return {name: statistics.median(values) for name, values in seconds.items()}


if __name__ == "__main__":
    main()
