"""Train the phantom CLIP: source films and captions in, a model in the hub's layout out, with the record of how."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.datasets.phantom.captions import caption, vocabulary
from core.datasets.phantom.origin import SEED, VERSION
from core.datasets.phantom.source import rendered_films
from core.datasets.phantom.tables import PhantomTable, source_table
from core.errors import ModelError
from core.files import digest
from core.findings import CLASSES, FINDINGS
from core.metrics.ranking import roc_auc
from core.models.architectures import PHANTOM_CROP_PX
from core.models.arrays import IntArray, Progress, UInt8Array, no_progress
from core.models.load import load_clip
from core.models.save import build_clip, save_clip_folder, wordpiece_tokenizer_files
from core.models.torchvision_guard import open_clip
from core.pretraining.contrastive import ContrastiveOptions, ContrastiveRun
from core.settings.fine_tune_checkpoint import Checkpoint
from core.settings.zero_shot import prompts_for, zero_shot_margins

CONTEXT_LENGTH = 64
RECORD = "training.json"
N_CENTRE = 2048
"""Training films over which embeddings are centred."""


@dataclass(frozen=True)
class PretrainOptions:
    """How many source films per split, and how to train on them."""

    n_films: dict[str, int] = field(default_factory=lambda: {"train": 12000, "val": 512, "test": 1000})
    seed: int = SEED
    workers: int = 2
    contrastive: ContrastiveOptions = field(default_factory=ContrastiveOptions)


def model_config(name: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Give open_clip's model_cfg, its preprocess_cfg and the text tower's config.json."""
    text = {"hf_model_name": name, "hf_tokenizer_name": name, "hf_model_pretrained": False, "hf_proj_type": "linear"}
    towers = {
        "embed_dim": 128,
        "vision_cfg": {
            "timm_model_name": f"vit_phantom_patch16_{PHANTOM_CROP_PX}",
            "timm_model_pretrained": False,
            "timm_pool": "",
            "timm_proj": "linear",
            "image_size": PHANTOM_CROP_PX,
        },
        "text_cfg": {
            **text,
            "hf_pooler_type": "mean_pooler",
            "context_length": CONTEXT_LENGTH,
        },
    }
    preprocess = {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }
    bert = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": len(vocabulary()),
        "hidden_size": 128,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "intermediate_size": 512,
        "max_position_embeddings": CONTEXT_LENGTH,
        "type_vocab_size": 2,
        "pad_token_id": 0,
    }
    return towers, preprocess, bert


def pretrain(out: Path, options: PretrainOptions | None = None, progress: Progress = no_progress) -> Path:
    """Train from random weights and write `out`; an interrupted training goes on after its last whole epoch.

    Scratch files lie in `<out>.partial` and are kept, so that other options do not render the films again.
    Raises ModelError where `out` already holds a model.
    """
    options = options or PretrainOptions()
    if (out / "open_clip_config.json").exists():
        raise ModelError(f"{out} already holds a model.", remedy="Choose another --out, or move the model away first.")
    scratch = out.with_name(out.name + ".partial")
    table = source_table(options.seed, options.n_films)
    key = f"v{VERSION}-{options.seed}-{'-'.join(str(n) for n in options.n_films.values())}-{PHANTOM_CROP_PX}"
    films = rendered_films(table, PHANTOM_CROP_PX, scratch / f"films-{key}", options.workers, progress)
    towers, preprocess, bert = model_config(f"checkpoints/{out.name}")
    files = wordpiece_tokenizer_files(vocabulary(), CONTEXT_LENGTH)
    torch.manual_seed(options.seed)
    model = build_clip(towers, bert)
    untrained = scratch / "untrained"
    save_clip_folder(untrained, model, files, towers, preprocess, text_config=bert)
    run = _run(model, films, table, untrained, preprocess, options, progress)
    plan = {"films": key, "settings": asdict(options.contrastive), "towers": towers, "bert": bert}
    run.train(_rows(table, "train"), _rows(table, "val"), Checkpoint(scratch / _short(plan), plan))
    run.centre(_rows(table, "train")[:N_CENTRE])
    trained = scratch / "trained"
    save_clip_folder(trained, model, files, towers, preprocess, "fp16", text_config=bert)
    _write_record(trained, run, films, table, options)
    trained.rename(out)
    return out


def _run(
    model: torch.nn.Module,
    films: UInt8Array,
    table: PhantomTable,
    folder: Path,
    preprocess: dict[str, Any],
    options: PretrainOptions,
    progress: Progress,
) -> ContrastiveRun:
    mean, std = (torch.tensor(preprocess[name]) for name in ("mean", "std"))
    return ContrastiveRun(
        model, films, _captioner(table, folder, options.seed), mean, std, options.contrastive, progress
    )


def _captioner(table: PhantomTable, folder: Path, seed: int) -> Callable[[IntArray, int], torch.Tensor]:
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")

    def tokens(rows: IntArray, epoch: int) -> torch.Tensor:
        texts = [
            caption(table.specs[row].findings, np.random.default_rng([seed, 17, epoch + 1, int(row)])) for row in rows
        ]
        ids: torch.Tensor = tokenizer(texts, context_length=CONTEXT_LENGTH)
        return ids[:, : int((ids != 0).any(dim=0).nonzero().max()) + 1]

    return tokens


def _write_record(
    folder: Path, run: ContrastiveRun, films: UInt8Array, table: PhantomTable, options: PretrainOptions
) -> None:
    model = load_clip(folder)
    rows = _rows(table, "test")
    prompts = prompts_for(CLASSES)
    margins = zero_shot_margins(
        model.encode_images(films[rows]), model.encode_texts([prompt.text for prompt in prompts]), prompts, CLASSES
    )
    auc = {
        name: round(roc_auc(table.labels[rows, column], margins[:, column]), 4) for column, name in enumerate(FINDINGS)
    }
    record = {
        "dataset": {"name": "phantom source", "version": VERSION, "seed": options.seed, "n_films": options.n_films},
        "settings": asdict(options.contrastive),
        "epochs": [asdict(epoch) for epoch in run.history],
        "minutes": round(run.minutes, 2),
        "cpu_threads": torch.get_num_threads(),
        "processors": os.cpu_count(),
        "logit_scale": round(model.logit_scale or 0.0, 4),
        "source_test_zero_shot_auroc": auc,
        "source_test_zero_shot_mean_auroc": round(float(np.mean(list(auc.values()))), 4),
        "licence": "CC0 1.0: trained on synthetic films alone. Not for clinical use.",
    }
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _rows(table: PhantomTable, split: str) -> IntArray:
    return np.flatnonzero((table.images["split"] == split).to_numpy())


def _short(plan: dict[str, Any]) -> str:
    return "run-" + digest(plan, 12)
