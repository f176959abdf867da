"""One model of a study that holds several, as a study of its own: all that is made for one model works on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.study.layout import BESIDE, FOLDERS, parted, text_embeddings_part
from core.study.manifest import Manifest


def manifest_of_model(manifest: Manifest, model: str) -> tuple[Manifest, Mapping[str, str]]:
    """Give the manifest as if the study held one of its models alone, and where each of its parts is stored.

    model : a key of `Manifest.beside`, or "" for the study's own.
    """
    stored: dict[str, str] = {}
    for part in manifest.files:
        folder, _, rest = part.partition("/")
        name, _, file = rest.partition("/")
        if folder not in FOLDERS:
            stored[part] = part
        elif (own := _own(manifest, name, model)) is not None:
            stored[f"{folder}/{own}/{file}"] = part
    settings = {
        own: replace(entry, encoder=None if entry.encoder is None else _own(manifest, entry.encoder, model))
        for name, entry in manifest.settings.items()
        if (own := _own(manifest, name, model)) is not None
    }
    encoders = {
        own: entry for name, entry in manifest.encoders.items() if (own := _own(manifest, name, model)) is not None
    }
    said = manifest.beside[model] if model else manifest.model
    alone = None if said is None else {name: value for name, value in said.items() if name != BESIDE}
    files = {part: manifest.files[where] for part, where in stored.items()}
    has_texts = any(text_embeddings_part(encoder) in files for encoder in encoders)
    prompts = manifest.prompts if has_texts else ()
    one = replace(manifest, model=alone, settings=settings, encoders=encoders, prompts=prompts, files=files)
    return one, stored


def model_of(manifest: Manifest, name: str) -> str:
    """Give the key of the model that a setting or an encoder is of; "" is the study's own."""
    model = parted(name)[1]
    return model if model in manifest.beside else ""


def _own(manifest: Manifest, name: str, model: str) -> str | None:
    """The name of a setting or an encoder among those of its model; None where it is another's."""
    if model_of(manifest, name) != model:
        return None
    return parted(name)[0] if model else name
