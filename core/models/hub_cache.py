"""Where huggingface_hub keeps downloaded models on this computer."""

from __future__ import annotations

import os
from pathlib import Path

HUB_PREFIX = "hf-hub:"


def cache_folder() -> Path:
    """Give the hub's cache, as the environment says now:
    HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub.
    """
    if folder := os.environ.get("HF_HUB_CACHE"):
        return Path(folder).expanduser()
    home = os.environ.get("HF_HOME")
    if home is None:
        home = str(Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"), "huggingface"))
    return Path(home).expanduser() / "hub"


def cached_file(repository: str, name: str) -> Path | None:
    """Find the newest cached copy of a file of a hub repository (`org/name`, branch main), or None."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(repository, name, cache_dir=cache_folder())
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def is_offline() -> bool:
    """Tell whether the environment forbids the network (HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE)."""
    forbidding = {"1", "true", "yes", "on"}
    return any(os.environ.get(name, "").lower() in forbidding for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))
