"""Real films through BiomedCLIP's full architecture against a plain open_clip loop, and against the matrix product.

`python -m tests.benchmarks.encode [--films 24] [--runs 3] [--precision auto]`: films a second of both (PNG decoding
included), medians of interleaved runs, the least cosine between a film's two embeddings, and what share of the
matrix-product rate, measured in the same run, encoding alone reaches. Weights are random; shapes are BiomedCLIP's.
Ends with 1 below a bound: 2 times as fast, cosine 0.999, 75 % of the product's rate.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from core.building.ahead import ahead
from core.building.encoding import reading_threads
from core.models.clip_model import ClipModel
from core.models.fastest import fastest_precision, in_precision, least_cosine
from core.models.load import load_clip
from core.models.torchvision_guard import open_clip
from core.paths import PROJECT
from tests.models.biomedclip import make_biomedclip

FILMS = PROJECT.parent / "shared" / "data" / "nih-radiologist-masks" / "images"
LEAST = {"times": 2.0, "cosine": 0.999, "share": 0.75}
TOKENS, WIDTH, HIDDEN, DEPTH = 197, 768, 3072, 12
FLOPS = DEPTH * 2 * TOKENS * (4 * WIDTH * WIDTH + 2 * WIDTH * HIDDEN + 2 * TOKENS * WIDTH) + 2 * 196 * WIDTH * WIDTH
"""Of one film: the linear layers, attention's two products, and the patches."""


def main() -> None:
    """Prints films a second, their ratio, cosine and share."""
    parser = argparse.ArgumentParser(description="Encoding real films, against a plain loop.")
    parser.add_argument("--films", type=int, default=24)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    args = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    paths = sorted(FILMS.glob("*.png"))[: args.films]
    with tempfile.TemporaryDirectory() as folder:
        model = load_clip(make_biomedclip(Path(folder) / "biomedclip"))
    crops = np.stack([_crop(model, path) for path in paths[:16]])
    if args.precision == "auto":
        choice = fastest_precision(model, crops)
        print(choice.reason)
        args.precision = choice.precision
    ours = in_precision(model, args.precision)
    found = {"plain": _plain(model, paths[:2]), "ours": _ours(ours, paths[:2])}  # to warm up
    seconds: dict[str, list[float]] = {name: [] for name in ("plain", "ours", "encoding", "product")}
    product = _product(args.precision)
    for _ in range(args.runs):
        found["plain"] = _timed(seconds["plain"], lambda: _plain(model, paths))
        found["ours"] = _timed(seconds["ours"], lambda: _ours(ours, paths))
        _timed(seconds["product"], product)
        _timed(seconds["encoding"], lambda: ours.encode_crops(crops))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    rates = {name: len(paths) / medians[name] for name in ("plain", "ours")}
    times, cosine = rates["ours"] / rates["plain"], least_cosine(found["ours"], found["plain"])
    gflops = {"product": _PRODUCT_FLOPS / medians["product"] / 1e9}
    gflops["encoding"] = FLOPS * len(crops) / medians["encoding"] / 1e9
    share = gflops["encoding"] / gflops["product"]
    print(f"plain open_clip, fp32: {rates['plain']:.2f} films/s; ours, {args.precision}: {rates['ours']:.2f} films/s")
    print(f"times {times:.2f} (bound {LEAST['times']}), least cosine {cosine:.6f} (bound {LEAST['cosine']})")
    print(f"encoding alone: {gflops['encoding']:.0f} GFLOP/s, product: {gflops['product']:.0f} GFLOP/s, ", end="")
    print(f"share {share:.2f} (bound {LEAST['share']})")
    raise SystemExit(times < LEAST["times"] or cosine < LEAST["cosine"] or share < LEAST["share"])


def _plain(model: ClipModel, paths: Sequence[Path]) -> np.ndarray:
    """The loop of open_clip's own readme, film by film."""
    clip = model.model
    cfg = open_clip.transform.PreprocessCfg(**clip.visual.preprocess_cfg)
    preprocess = open_clip.transform.image_transform_v2(cfg, is_train=False)
    embeddings = []
    with torch.no_grad():
        for path in paths:
            picture = Image.open(path)
            embeddings.append(clip.encode_image(preprocess(picture).unsqueeze(0)))
    return torch.cat(embeddings).numpy()


def _ours(model: ClipModel, paths: Sequence[Path], chunk: int = 8) -> np.ndarray:
    """As a build does it: the next films are read while some are encoded."""
    chunks = [paths[start : start + chunk] for start in range(0, len(paths), chunk)]
    read = ahead(lambda some: np.stack([_crop(model, path) for path in some]), chunks, workers=reading_threads())
    return np.concatenate([model.encode_crops(crops) for crops in read])


def _crop(model: ClipModel, path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return model.transform.crop(np.asarray(picture.convert("L")))


_ROWS = 16 * TOKENS
_REPEATS = 12
_PRODUCT_FLOPS = _REPEATS * 2 * _ROWS * WIDTH * HIDDEN


def _product(precision: str) -> Callable[[], None]:
    """The largest matrix product of the tower, in its precision, some times over."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    one, other = torch.randn(_ROWS, WIDTH, dtype=dtype), torch.randn(HIDDEN, WIDTH, dtype=dtype)

    def multiply() -> None:
        with torch.inference_mode():
            for _ in range(_REPEATS):
                torch.nn.functional.linear(one, other)

    multiply()
    return multiply


def _timed(seconds: list[float], work: Callable[[], object]) -> np.ndarray:
    begun = time.perf_counter()
    result = work()
    seconds.append(time.perf_counter() - begun)
    return result  # type: ignore[return-value]


if __name__ == "__main__":
    main()
