"""The ledger of a study on disk, kept under the study's fingerprint and the claims that it was asked.

It lies in the cache of this computer, or in the study's folder, for whoever is given the study.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.claims.claim import Claim
from core.claims.ledger import Ledger
from core.claims.registry import CLAIMS
from core.claims.written import claim_to_json, own_claims
from core.files import digest, write_whole
from core.paths import cache_folder
from core.saliency.localization.compute import saliency_table
from core.study.layout import LEDGER

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults
    from core.study import Study

_VERSION: Final = 2
"""Of what is kept, and of how it is computed; a ledger of another is computed again."""


def claims_of(study: Study) -> tuple[Claim, ...]:
    """List the claims that ship, then those in the study's folder; one of the same id takes the place of the former.

    Raises ClaimError where the study's file holds what are no claims.
    """
    own = own_claims(study.root)
    return (*(one for one in CLAIMS if one.name not in {claim.name for claim in own}), *own)


def folder_of_ledgers() -> Path:
    """Say where ledgers are kept."""
    return cache_folder() / "claims"


def ledger_path(study: Study, claims: Sequence[Claim], maps: LocalizationResults | None) -> Path:
    """Say where the ledger of a study, as it was written, and some claims is kept: in its folder, or in the cache.

    maps : the study's table of maps against masks, as `maps_of` reads it.
    """
    key, given = _key(study, claims, maps), study.root / LEDGER
    return given if _key_in(given) == key else folder_of_ledgers() / f"{key}.json"


def _key(study: Study, claims: Sequence[Claim], maps: LocalizationResults | None) -> str:
    told = [_VERSION, study.manifest.fingerprint, list(map(claim_to_json, claims)), None if maps is None else maps.key]
    return digest(told, 24)


def _key_in(path: Path) -> str | None:
    """What a ledger in a study's folder is of; None where there is none, or it cannot be read."""
    try:
        with gzip.open(path) as file:
            return str(json.loads(file.readline(200))["key"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
        return None


def _text(path: Path) -> bytes:
    """The ledger; in a study's folder it is the second of two lines."""
    content = path.read_bytes()
    return gzip.decompress(content).partition(b"\n")[2] if path.name == LEDGER else content


def maps_of(study: Study) -> LocalizationResults | None:
    """Read the study's table of maps against masks; None where none was computed."""
    return saliency_table(study)


def read_ledger(path: Path) -> Ledger | None:
    """Read a ledger, also one that is not complete; None where there is none, or it cannot be read."""
    try:
        return Ledger.from_json(json.loads(_text(path)))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
        return None


def kept_ledger(study: Study, claims: Sequence[Claim] | None = None) -> Ledger | None:
    """Read the complete ledger of a study; None where none is kept.

    claims : None = all of the study. Raises ClaimError as `claims_of`.
    """
    found = read_ledger(ledger_path(study, claims_of(study) if claims is None else claims, maps_of(study)))
    return found if found is not None and found.is_complete else None


def keep_ledger(path: Path, ledger: Ledger) -> None:
    """Write a ledger, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(ledger.to_json(), separators=(",", ":")), durable=False)


def keep_with_study(study: Study, claims: Sequence[Claim], ledger: Ledger) -> Path:
    """Write a complete ledger into the study's folder, in place of the one there, and give the file."""
    path = study.root / LEDGER
    lines = (
        json.dumps(one, separators=(",", ":"))
        for one in ({"key": _key(study, claims, maps_of(study))}, ledger.to_json())
    )
    write_whole(path, gzip.compress("\n".join(lines).encode(), mtime=0), durable=False)
    return path
