"""From what a user calls a model (short name, hub id, folder) to the local folder that holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.errors import ModelError
from core.files import digest, sha256_of
from core.models.hub_cache import HUB_PREFIX, cache_folder, cached_file, is_offline
from core.models.loaders.open_clip_folder import CONFIG, WEIGHTS
from core.models.loaders.registry import CONFIGS, known_loader, loader_of
from core.models.registry import MODELS, known_model
from core.paths import PROJECT

FOLDER_PREFIX: Final = "local-dir:"

_TIMEOUT_S = 4.0
_OTHER: Final = "config.json"
"""The configuration of models that are not open_clip's."""


def resolve(source: str | Path) -> Path:
    """Find the local folder of a model: its configuration, weights and tokenizer, as one of `LOADERS` knows them.

    source : a short name (`biomedclip`, `phantom-clip`), `hf-hub:org/name`, a folder (`local-dir:` before it or not;
        relative to the working directory or to the project), or a repository folder of the Hugging Face cache
        (`models--org--name`).
    A short name's model is looked for where `python -m core fetch` puts it, a hub id in the Hugging Face cache; only
    what is not there is asked of the hub, once.
    Raises ModelError where the model is not there, saying what to place where.
    """
    text = str(source)
    known = known_model(text)
    if text.startswith(HUB_PREFIX):
        return _hub(text.removeprefix(HUB_PREFIX), _remedy(text))
    if known is not None and known.fetched_to and (PROJECT / known.fetched_to / CONFIG).is_file():
        return _checked(PROJECT / known.fetched_to, known.remedy)
    if known is not None and known.source.startswith(HUB_PREFIX):
        return _hub(known.source.removeprefix(HUB_PREFIX), known.remedy)
    path = Path(known.source if known is not None else text.removeprefix(FOLDER_PREFIX)).expanduser()
    folder = path if path.is_dir() else PROJECT / path
    if not folder.is_dir():
        names = ", ".join(model.name for model in MODELS)
        remedy = known.remedy if known else f"Name one of {names}, an hf-hub:org/name, or a folder with {CONFIG}."
        raise ModelError(f"There is no model {text!r}: no such folder.", remedy=remedy)
    return _checked(_snapshot(folder), known.remedy if known else _remedy(str(folder)))


def weights_sha256(folder: Path) -> str:
    """Give the hash of a model's weights, in hex: the identity of the model in a study's manifest.

    That of the file, or of the hashes of several. ModelError where there are none.
    """
    hashes = [sha256_of(path) for path in loader_of(folder).weights(folder)]
    return hashes[0] if len(hashes) == 1 else digest(hashes)


def is_here(address: str) -> bool:
    """Tell whether an `hf-hub:org/name` is in the Hugging Face cache, whole; loads nothing and asks nobody."""
    return _cached(address.removeprefix(HUB_PREFIX)) is not None


def require_weights(folder: Path, model: Mapping[str, Any], study: str) -> None:
    """Raise ModelError where a folder's weights are not those that a study's manifest names.

    model : the manifest's; nothing is asked of one that names no hash.
    """
    if model.get("sha256") and weights_sha256(folder) != model["sha256"]:
        raise ModelError(
            f"{folder}: these weights are not those that the study {study} was made with.",
            remedy="Put the model's original weights there, or build the study again with these.",
        )


def require_preprocessing(folder: Path, used: Mapping[str, Any], model: Mapping[str, Any], study: str) -> None:
    """Raise ModelError where films would be prepared for the model in another way than when a study was made.

    used : the preprocess_cfg as it is used now (`FilmTransform.cfg`).
    """
    before = model.get("preprocess_cfg")
    names = {**used, **before} if isinstance(before, dict) else {}
    changed = [name for name in names if before.get(name) != used.get(name)]  # type: ignore[union-attr]
    if changed and isinstance(before, dict):
        name, path = changed[0], folder / loader_of(folder).config
        raise ModelError(
            f"{path}: {name} of preprocess_cfg is {used.get(name)}; the study {study} was made with "
            f"{before.get(name)}.",
            remedy="Put the model's original configuration there, or build the study again with this one.",
        )


def _checked(folder: Path, remedy: str) -> Path:
    loader = known_loader(folder)
    if loader is None:
        try:
            loader_of(folder)
        except ModelError as error:
            is_known = any((folder / name).is_file() for name in CONFIGS)
            raise ModelError(error.message, remedy=error.remedy if is_known else remedy) from error
    else:
        loader.weights(folder)
    return folder


def _snapshot(folder: Path) -> Path:
    """The newest snapshot of a repository folder of the Hugging Face cache; any other folder itself."""
    revision = folder / "refs" / "main"
    if known_loader(folder) is not None or not revision.is_file():
        return folder
    return folder / "snapshots" / revision.read_text(encoding="utf-8").strip()


def _remedy(text: str) -> str:
    for model in MODELS:
        if model.source == text:
            return model.remedy
    if text.startswith(HUB_PREFIX):
        repository = text.removeprefix(HUB_PREFIX)
        return f"Run `hf download {repository}` on a machine with a network, or name a folder that holds the model."
    return f"Name a folder that holds {CONFIG}, the weights ({WEIGHTS[0]}) and the tokenizer's files."


def _hub(repository: str, remedy: str) -> Path:
    """The snapshot of a hub repository: from the cache where it is whole, else downloaded into the cache."""
    if (found := _cached(repository)) is not None:
        return found
    place = cache_folder() / f"models--{repository.replace('/', '--')}"
    if is_offline():
        raise ModelError(
            f"The model {repository} is not in the Hugging Face cache ({place}), and the network is switched off.",
            remedy=remedy,
        )
    return _download(repository, _config_on_hub(repository, place, remedy), remedy)


def _cached(repository: str) -> Path | None:
    """The folder of a repository in the Hugging Face cache, where it is whole."""
    for name in CONFIGS:
        config = cached_file(repository, name)
        loader = None if config is None else known_loader(config.parent)
        if config is None or loader is None:
            continue
        try:
            loader.weights(config.parent)
        except ModelError:
            continue
        return config.parent
    return None


def _config_on_hub(repository: str, place: Path, remedy: str) -> str:
    """Which configuration the hub has, by one or two short requests; ModelError where it answers neither."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers, get_session

    for name in (CONFIG, _OTHER):
        url = hf_hub_url(repository, name)
        try:
            answer = get_session().head(url, headers=build_hf_headers(), timeout=_TIMEOUT_S, follow_redirects=True)
        except Exception as error:  # the hub's library changes its HTTP client between versions, and so its errors
            raise ModelError(
                f"The model {repository} is not in the Hugging Face cache ({place}), and the hub cannot be reached "
                f"({type(error).__name__}).",
                remedy=remedy,
            ) from error
        if answer.status_code < 400:
            return name
    raise ModelError(
        f"The hub answered {answer.status_code} when asked for {CONFIG} and {_OTHER} of {repository}.",
        remedy="Check the name; for a model that needs a login, run `hf auth login` first.",
    )


def _download(repository: str, config: str, remedy: str) -> Path:
    """Download a model's configuration, tokenizer and weights into the Hugging Face cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        small = ["*.json", "*.txt", "*.model"]
        folder = Path(snapshot_download(repository, allow_patterns=small, cache_dir=cache_folder()))
        if config == CONFIG:
            _download_open_clip(repository, folder)
        else:
            patterns = list(loader_of(folder).downloaded)
            folder = Path(snapshot_download(repository, allow_patterns=patterns, cache_dir=cache_folder()))
    except (OSError, HfHubHTTPError) as error:
        raise ModelError(f"Downloading {repository} stopped: {error}.", remedy=remedy) from error
    return _checked(folder, remedy)


def _download_open_clip(repository: str, folder: Path) -> None:
    """The weights in the best form that there is, and the configuration of the text tower."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    for name in WEIGHTS:
        try:
            hf_hub_download(repository, name, cache_dir=cache_folder())
            break
        except EntryNotFoundError:
            continue
    text_cfg = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["model_cfg"]["text_cfg"]
    if text_cfg.get("hf_model_name") and not (folder / _OTHER).is_file():
        hf_hub_download(text_cfg["hf_model_name"], _OTHER, cache_dir=cache_folder())
