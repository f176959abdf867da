"""The configuration of a Hugging Face text tower, found without a network."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.files import read_json
from core.models.hub_cache import cached_file
from core.models.registry import known_text_config

CONFIG = "config.json"


@contextmanager
def local_text_tower(folder: Path, text_cfg: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The model's `text_cfg`, rewritten so that open_clip builds the text tower without asking the hub.

    open_clip looks up `hf_model_name` on the hub although all weights are local; here the name is a folder that holds
    the tower's config.json: the model's own, the Hugging Face cache's copy, or a known tower's.
    Raises ModelError where none of the three is there.
    """
    name = text_cfg.get("hf_model_name")
    if not name:
        yield dict(text_cfg)
        return
    config = _find_config(folder, str(name))
    with tempfile.TemporaryDirectory(prefix="text-tower-") as scratch:
        Path(scratch, CONFIG).write_text(json.dumps(config), encoding="utf-8")
        yield {**text_cfg, "hf_model_name": scratch, "hf_model_pretrained": False}


def _find_config(folder: Path, name: str) -> dict[str, Any]:
    own = _bert_like(folder / CONFIG)
    if own is not None:
        return own
    cached = cached_file(name, CONFIG) if name.count("/") == 1 and not Path(name).is_absolute() else None
    found = (_bert_like(cached) if cached else None) or known_text_config(name)
    if found is None:
        raise ModelError(
            f"{folder}: the configuration of the text tower {name} is not there as {CONFIG}.",
            remedy=f"Place the {CONFIG} of {name} into the folder.",
        )
    return found


def _bert_like(path: Path) -> dict[str, Any] | None:
    """The config.json at `path` where it describes a text tower; None where it is absent or another model's."""
    if not path.is_file():
        return None
    config = read_json(path, remedy="Copy the model's files again.", error=ModelError)
    return config if isinstance(config, dict) and "vocab_size" in config and "model_type" in config else None
