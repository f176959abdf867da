"""Every wording of 14 classes from a cold text tower of BiomedCLIP's size: `python -m tests.benchmarks.prompts`.

The tower has random weights and a vocabulary that knows the words, as BiomedCLIP's does. "Cold": nothing was encoded
before. Compared with `encode_text` prompt by prompt, padded to
the whole context as open_clip does, on some of the prompts. Printed: seconds (the processor's are what a busy computer
hardly changes), the ratio, the largest difference of a cosine, and what the multiplications alone would take at the
rate that this computer reaches on the tower's own matrices.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from core.findings import CLASSES
from core.models.arrays import Float32Array
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.models.registry import known_text_config
from core.models.save import build_clip, save_clip_folder, wordpiece_tokenizer_files
from core.prompts.plan import Wording, texts_of, wordings_for
from core.prompts.stored import AskedPrompts
from core.settings.zero_shot import unit_rows
from tests.models import biomedclip
from tests.models.tiny import MEAN, STD, text_config, vocabulary

FILMS = 573
MULTIPLICATIONS = 12 * (4 * 768 * 768 + 2 * 768 * 3072)
"""A token, in twelve blocks of width 768."""


def knowing(wordings: tuple[Wording, ...]) -> list[str]:
    """BiomedCLIP's number of tokens, the words of the wordings among them."""
    words = {word for text in texts_of(wordings) for word in text.replace("-", " ").split()}
    tokens = list(dict.fromkeys([*vocabulary(), *sorted(words)]))
    return (
        tokens
        + [word for word in biomedclip.full_vocabulary() if word not in set(tokens)][
            : biomedclip.N_TOKENS - len(tokens)
        ]
    )


def make_model(folder: Path, wordings: tuple[Wording, ...]) -> ClipModel:
    """A model with the text tower in full size, and an image tower that is not used in small."""
    small = {**biomedclip.model_cfg()["text_cfg"], "hf_model_name": "tests/small", "hf_tokenizer_name": "tests/small"}
    vision = {"timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear", "image_size": 64}
    cfg = {"embed_dim": 512, "vision_cfg": vision, "text_cfg": small}
    config = {**text_config(), "vocab_size": biomedclip.N_TOKENS, "max_position_embeddings": 512}
    files = wordpiece_tokenizer_files(knowing(wordings), 256)
    norm = {"mean": MEAN, "std": STD}
    loaded = load_clip(save_clip_folder(folder, build_clip(cfg, config), files, cfg, norm, text_config=config))
    full = build_clip(cfg, known_text_config(biomedclip.TEXT_TOWER)).eval().requires_grad_(False)
    return replace(loaded, model=full)


def one_by_one(model: ClipModel, texts: tuple[str, ...]) -> tuple[float, Float32Array]:
    """Seconds a prompt, and the embeddings, as a loop over open_clip's own functions gives them."""
    start = time.perf_counter()
    with torch.inference_mode():
        rows = [model.model.encode_text(model.tokens.tokenizer([text], context_length=256)) for text in texts]  # type: ignore[operator]
    return (time.perf_counter() - start) / len(texts), torch.cat(rows).numpy()


def scored(model: ClipModel, wordings: tuple[Wording, ...], films: Float32Array) -> tuple[float, float, AskedPrompts]:
    """Seconds from the wordings to every film's scores, by the clock and of the processor, and the prompts."""
    start, worked = time.perf_counter(), time.process_time()
    texts = texts_of(wordings)
    asked = AskedPrompts(wordings, texts, model.encode_texts(texts))
    present, absent = asked.rows
    similarities = films @ asked.units.T
    assert np.isfinite(similarities[:, present] - similarities[:, absent]).all()
    return time.perf_counter() - start, time.process_time() - worked, asked


def rate() -> float:
    """Multiplications and additions a second on the tower's largest matrix; the best of some tries."""
    layer, rows = torch.nn.Linear(768, 3072), torch.randn(2048, 768)
    seconds = []
    with torch.inference_mode():
        for _ in range(10):
            start = time.perf_counter()
            layer(rows)
            seconds.append(time.perf_counter() - start)
    return 2048 * 768 * 3072 / min(seconds)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--loop", type=int, default=24, help="prompts that are encoded one by one")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    wordings = wordings_for(CLASSES)
    films = unit_rows(np.random.default_rng(0).normal(size=(FILMS, 512)), "film")
    with tempfile.TemporaryDirectory() as scratch:
        model = make_model(Path(scratch) / "model", wordings)
        before = rate()
        seconds, worked, asked = scored(model, wordings, films)
        print(f"scored at once, from cold: {seconds:.2f} s on {args.threads} threads")
        print(f"  of the processor {worked:.2f} s: {worked / args.threads:.2f} s on cores of one's own", flush=True)
        chosen = tuple(asked.texts[:: max(1, len(asked.texts) // args.loop)])
        each, alone = one_by_one(model, chosen)
        n_tokens = int(model.tokens.lengths(model.tokens.full(asked.texts)).sum())
    rows = [asked.texts.index(text) for text in chosen]
    gap = np.abs(films @ asked.units[rows].T - films @ unit_rows(alone, "prompt").T).max()
    least = n_tokens * MULTIPLICATIONS / max(before, rate())
    n_asked = 2 * len(wordings)
    print(f"{n_asked:,} prompts of {len(CLASSES)} classes, {len(asked.texts):,} distinct, {n_tokens:,} tokens")
    print(
        f"one by one: {each * n_asked:.1f} s (from {len(chosen)} prompts), {each * n_asked / seconds:.0f} times as long"
    )
    print(f"largest difference of a cosine: {gap:.1e}")
    print(f"multiplications alone, at this computer's best rate just now: {least:.2f} s")


if __name__ == "__main__":
    main()
