"""Names of the parts of a study, as POSIX paths below its folder."""

from __future__ import annotations

import re
from typing import Final

from core.errors import StudyError

IMAGES: Final = "images.parquet"
LABELS: Final = "labels.parquet"
READINGS: Final = "readings.parquet"
"""What was said of the films, by whom; labels.parquet is what it comes to under the manifest's convention."""

MASKS: Final = "masks.parquet"
THRESHOLDS: Final = "thresholds.json"
CLAIMS: Final = "claims.json"
"""A user's claims. No part of the study: it may come, change and go while the fingerprint stays."""

STORY: Final = "story.json"
"""Views to be shown one after another (`core.story`). No part of the study, as claims are none."""

VOTES: Final = "votes.json"
"""Which of two maps readers would trust (`core.arena.votes`). No part of the study either."""

LEDGER: Final = "ledger.jsonl.gz"
"""The verdicts on the claims that come with the study (`core.claims.store`). No part of it: they follow from it."""

NOT_PARTS: Final = (CLAIMS, LEDGER, STORY, VOTES)
"""What may lie in a study's folder without being a part of it."""

WORDINGS: Final = "prompts/wordings.json"
"""In which ways each class was asked about, beside the study's own prompts: JSON."""

WORDING_EMBEDDINGS: Final = "prompts/text_embeddings.npy"
"""The prompts of those, (n_texts, n_dimensions) float32, in the space of the frozen encoder's films."""

FILMS: Final = "images"
"""The folder of the films that are stored with the study."""

FOLDERS: Final = ("settings", "encoders")
"""The folders of what is a setting's, and of what is an encoder's."""

BESIDE: Final = "beside"
"""The entry of a manifest's model that holds the study's other models, by key."""

SMALL_PICTURES: Final = "small_pictures.bin"
"""Small pictures of the films that are stored, JPEG after JPEG."""

SMALL_BEGINS: Final = "small_pictures.npy"
"""Where each begins in that file, by row of the study, and where the last one ends."""

FILM_SUFFIXES: Final = (".png", ".jpg", ".jpeg")


def of_model(name: str, model: str) -> str:
    """Name a setting or an encoder of a study's other model; "" is the study's own.

    >>> of_model("zero_shot", "rad-dino"), of_model("zero_shot", "")
    ('zero_shot.rad-dino', 'zero_shot')
    """
    return f"{name}.{model}" if model else name


def parted(name: str) -> tuple[str, str]:
    """Split the name of a setting or an encoder into its own and the key of its model; "" is the study's own.

    >>> parted("zero_shot.rad-dino"), parted("zero_shot")
    (('zero_shot', 'rad-dino'), ('zero_shot', ''))
    """
    own, _, model = name.partition(".")
    return own, model


def scores_part(setting: str) -> str:
    """Name the part that holds scores, (n_images, n_classes) float32."""
    return setting_part(setting, "scores.npy")


def maps_part(setting: str) -> str:
    """Name the part that holds the maps of a setting that were made elsewhere (`core.study.map_store`)."""
    return setting_part(setting, "maps.zip")


def setting_part(setting: str, file: str) -> str:
    """Name a file that belongs to a setting."""
    return f"settings/{setting}/{file}"


def image_embeddings_part(encoder: str) -> str:
    """Name the part that holds film embeddings, (n_images, n_dimensions) float32."""
    return f"encoders/{encoder}/image_embeddings.npy"


def text_embeddings_part(encoder: str) -> str:
    """Name the part that holds prompt embeddings, (n_prompts, n_dimensions) float32, rows as the manifest's prompts."""
    return f"encoders/{encoder}/text_embeddings.npy"


def umap_part(encoder: str, n_components: int) -> str:
    """Name the part that holds a map, (n_images, 2 or 3) float32."""
    return f"encoders/{encoder}/umap_{n_components}d.npy"


def umap_record_part(encoder: str) -> str:
    """Name the part that says how an encoder's maps were made, and how good they are: JSON."""
    return f"encoders/{encoder}/umap.json"


def check_name(name: str, what: str, where: str) -> None:
    """Raise StudyError where a setting's or encoder's name could not be a folder's name on every system."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name) or name.endswith("."):
        raise StudyError(
            f"{where}: {name!r} is no name for {what}.",
            remedy="Use letters, digits, '_', '-' and '.', beginning with a letter or digit, 64 characters at most.",
        )
