"""The ledger of a study on disk, kept under the study's fingerprint and the claims that it was asked."""

from __future__ import annotations

import json
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


def ledger_path(study: Study, claims: Sequence[Claim]) -> Path:
    """Say where the ledger of a study, as it was written, and some claims is kept."""
    maps = maps_of(study)
    told = [_VERSION, study.manifest.fingerprint, list(map(claim_to_json, claims)), None if maps is None else maps.key]
    return folder_of_ledgers() / f"{digest(told, 24)}.json"


def maps_of(study: Study) -> LocalizationResults | None:
    """Read the study's table of maps against masks; None where none was computed."""
    return saliency_table(study)


def read_ledger(path: Path) -> Ledger | None:
    """Read a ledger, also one that is not complete; None where there is none, or it cannot be read."""
    try:
        return Ledger.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def kept_ledger(study: Study, claims: Sequence[Claim] | None = None) -> Ledger | None:
    """Read the complete ledger of a study; None where none is kept.

    claims : None = all of the study. Raises ClaimError as `claims_of`.
    """
    found = read_ledger(ledger_path(study, claims_of(study) if claims is None else claims))
    return found if found is not None and found.is_complete else None


def keep_ledger(path: Path, ledger: Ledger) -> None:
    """Write a ledger, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(ledger.to_json(), separators=(",", ":")), durable=False)
