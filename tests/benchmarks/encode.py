"""Real films as a build encodes them, against a plain open_clip loop, and encoding alone against the matrix product.

`python -m tests.benchmarks.encode [--films 128] [--runs 3] [--precision auto]`: films a second of both over the same
PNGs (decoding included; the build also stores every film), medians of interleaved runs, the least cosine between a
film's two embeddings, and what share of the rate of the tower's largest matrix product (768 to 3,072, the rows of 8
films), measured in the same run, encoding alone reaches. Fewer films than asked for are taken again. Weights are
random; shapes are BiomedCLIP's. Ends with 1 below a bound: 2 times as fast, cosine 0.999, 75 % of the product's rate.

The share is bounded twice, best of interleaved repetitions: of one thread by CPU time, which cores that others use too
leave alone, and of all threads by the clock, which wants a quiet computer.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
from PIL import Image

from core.annotations.annotation import Annotation
from core.building.encoding import Encoding
from core.building.films import FilmPreparation
from core.building.plan import Scratch
from core.building.stages import FILMS as FILMS_STAGE
from core.building.stages import FROZEN
from core.intake.film_files import read_grey
from core.models.arrays import UInt8Array, no_progress
from core.models.clip_model import ClipModel
from core.models.device import Precision
from core.models.fastest import PrecisionChoice, fastest_precision, in_precision, least_cosine
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
    parser.add_argument("--films", type=int, default=128)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    args = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    found = sorted(FILMS.glob("*.png"))
    films = RealFilms([found[number % len(found)] for number in range(args.films)])
    with tempfile.TemporaryDirectory() as folder:
        model = load_clip(make_biomedclip(Path(folder) / "biomedclip"))
        crops = np.stack([model.transform.crop(films.film(row)) for row in range(8)])
        if args.precision == "auto":
            choice = fastest_precision(model, crops)
            print(choice.reason)
            args.precision = choice.precision
        least = [_share(in_precision(model, args.precision), crops, args.precision)]
        least += _times(model, films, args.precision, args.runs, Path(folder))
    bounds = (LEAST["share"], LEAST["times"], LEAST["cosine"])
    raise SystemExit(any(value < bound for value, bound in zip(least, bounds, strict=True)))


class RealFilms:
    """Films of the files, in order; the same file may stand there again."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)
        self.images = pd.DataFrame({"image_id": [f"{row:04d}" for row in range(len(self._paths))]})

    def film(self, row: int) -> UInt8Array:
        return read_grey(self._paths[row])

    def film_file(self, row: int) -> Path:
        return self._paths[row]

    def annotations(self, row: int) -> tuple[Annotation, ...]:
        return ()


def _times(model: ClipModel, films: RealFilms, precision: Precision, runs: int, folder: Path) -> tuple[float, float]:
    """How many times as fast as the plain loop the build's own path is, and the least cosine to it."""
    paths = [films.film_file(row) for row in range(len(films.images))]
    seconds: dict[str, list[float]] = {"plain": [], "ours": []}
    for run in range(runs):
        plain = _timed(seconds["plain"], lambda: _plain(model, paths))
        scratch = Scratch(folder / str(run), {FILMS_STAGE: "", FROZEN: ""})
        ours = _timed(seconds["ours"], lambda scratch=scratch: _built(model, films, precision, scratch))
    rates = {name: len(paths) / statistics.median(values) for name, values in seconds.items()}
    times, cosine = rates["ours"] / rates["plain"], least_cosine(ours, plain)
    print(f"plain open_clip, fp32: {rates['plain']:.2f} films/s; a build, {precision}: {rates['ours']:.2f} films/s")
    print(f"times {times:.2f} (bound {LEAST['times']}), least cosine {cosine:.6f} (bound {LEAST['cosine']})")
    return times, cosine


def _built(model: ClipModel, films: RealFilms, precision: Precision, scratch: Scratch) -> np.ndarray:
    """Every film read, stored and encoded by the stage of a build that does so."""
    rows = range(len(films.images))
    preparation = FilmPreparation(films, rows, frozenset(rows), model.transform, scratch.folder / FILMS_STAGE)  # type: ignore[arg-type]
    plan = SimpleNamespace(model=model, precision=PrecisionChoice(precision, "as asked for"))
    return Encoding(plan, scratch, no_progress).frozen(preparation)[1]  # type: ignore[arg-type]


def _share(model: ClipModel, crops: np.ndarray, precision: Precision) -> float:
    """The rate of encoding alone as a share of the product's: the smaller of CPU time's and the clock's."""
    all_threads = torch.get_num_threads()
    by_clock = _rates(model, crops, precision, time.perf_counter)
    torch.set_num_threads(1)
    by_cpu = _rates(model, crops, precision, time.thread_time)
    torch.set_num_threads(all_threads)
    shares = []
    for what, (encoding, product) in (("CPU time, one thread", by_cpu), ("clock, all threads", by_clock)):
        shares.append(encoding / product)
        print(f"{what}: encoding alone {encoding:.0f} GFLOP/s, product {product:.0f}, share {shares[-1]:.2f}")
    print(f"(bound {LEAST['share']} on both)", flush=True)
    return min(shares)


def _rates(
    model: ClipModel, crops: np.ndarray, precision: Precision, clock: Callable[[], float]
) -> tuple[float, float]:
    """GFLOP/s of encoding and of the product, the best of interleaved repetitions."""
    product = _product(precision, len(crops))
    model.encode_crops(crops)
    seconds: dict[str, list[float]] = {"encoding": [], "product": []}
    for _ in range(5):
        _timed(seconds["encoding"], lambda: model.encode_crops(crops), clock)
        _timed(seconds["product"], product, clock)
    flops = FLOPS * len(crops), _REPEATS * 2 * len(crops) * TOKENS * WIDTH * HIDDEN
    return flops[0] / min(seconds["encoding"]) / 1e9, flops[1] / min(seconds["product"]) / 1e9


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


_REPEATS = 6


def _product(precision: Precision, n_films: int) -> Callable[[], None]:
    """The largest matrix product of the tower, in its precision, some times over."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    one, other = torch.randn(n_films * TOKENS, WIDTH, dtype=dtype), torch.randn(HIDDEN, WIDTH, dtype=dtype)

    def multiply() -> None:
        with torch.inference_mode():
            for _ in range(_REPEATS):
                torch.nn.functional.linear(one, other)

    multiply()
    return multiply


def _timed(
    seconds: list[float], work: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> np.ndarray:
    begun = clock()
    result = work()
    seconds.append(clock() - begun)
    return result  # type: ignore[return-value]


if __name__ == "__main__":
    main()
