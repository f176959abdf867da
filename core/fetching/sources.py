"""What can be fetched, from where, and under which terms: one line each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.archives import Bounds
from core.errors import FetchError
from core.paths import CHECKPOINTS, PROJECT
from core.registries import find_by_name


@dataclass(frozen=True)
class RemoteFile:
    """A file below a source's address.

    n_bytes, sha256 : where they are published or known; what the server says of them counts otherwise.
    unpack_to : folder that a .tgz is unpacked to; None keeps the file as it is.
    """

    name: str
    n_bytes: int | None = None
    sha256: str | None = None
    unpack_to: str | None = None


@dataclass(frozen=True)
class Source:
    """Something that can be fetched.

    address : URL that the names of the files follow.
    folder : where it goes unless another is named.
    licence : one sentence, shown and recorded.
    by_hand : what to place where when there is no network.
    afterwards : which commands are next; {root} is what they need where it went elsewhere.
    """

    name: str
    title: str
    address: str
    folder: Path
    files: tuple[RemoteFile, ...]
    bounds: Bounds
    licence: str
    by_hand: str
    afterwards: str


IU_XRAY: Final = Source(
    name="iu-xray",
    title="IU-Xray (Indiana University, OpenI): 7,470 films and 3,955 reports",
    address="https://openi.nlm.nih.gov/imgs/collections/",
    folder=PROJECT / "data" / "iu-xray",
    files=(
        RemoteFile("NLMCXR_reports.tgz", 1_112_632, "8fb6de7eec73d8c3665067ad4bb003ccd57f971ae316d2642e1627ac7268667a"),
        RemoteFile("NLMCXR_png.tgz", unpack_to="NLMCXR_png"),
    ),
    bounds=Bounds(20_000, 64 << 20, 16 << 30, "OpenI's archive holds 7,470 PNG files"),
    licence="CC BY-NC-ND 4.0 (https://creativecommons.org/licenses/by-nc-nd/4.0/): attribution to OpenI, "
    "U.S. National Library of Medicine; no commercial use, no changes passed on.",
    by_hand="On a computer with a network download NLMCXR_png.tgz and NLMCXR_reports.tgz from "
    "https://openi.nlm.nih.gov/faq and indiana_projections.csv from Kaggle (raddar/chest-xrays-indiana-university), "
    "unpack the first, place all below one folder and name it with --root.",
    afterwards="Next: python -m core describe iu-xray{root}",
)

BIOMEDCLIP: Final = Source(
    name="biomedclip",
    title="BiomedCLIP (Microsoft): image and text tower, 0.8 GB",
    address="https://huggingface.co/microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224/resolve/main/",
    folder=CHECKPOINTS / "biomedclip",
    files=(
        RemoteFile("tokenizer_config.json"),
        RemoteFile("special_tokens_map.json"),
        RemoteFile("tokenizer.json"),
        RemoteFile("vocab.txt"),
        RemoteFile("open_clip_pytorch_model.bin"),
        RemoteFile("open_clip_config.json"),
    ),
    bounds=Bounds(0, 0, 0, "nothing is unpacked"),
    licence="MIT (https://huggingface.co/microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224): keep the notice of "
    "copyright; for research, not for clinical use.",
    by_hand="On a computer with a network download open_clip_config.json, open_clip_pytorch_model.bin, tokenizer.json, "
    "tokenizer_config.json, special_tokens_map.json and vocab.txt of "
    "microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224 from huggingface.co, and place them in "
    "checkpoints/biomedclip.",
    afterwards="Next: python -m core build iu-xray biomedclip --out data/studies/iu-xray",
)

SOURCES: Final[tuple[Source, ...]] = (IU_XRAY, BIOMEDCLIP)


def source_named(name: str) -> Source:
    """Find the source of that name. FetchError where there is none."""
    return find_by_name(SOURCES, name, "source", FetchError)
