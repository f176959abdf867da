"""The command `claims`: which sentences of a paper hold in a study, under every defensible choice."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.claims.claim import Claim
from core.claims.compute import compute_ledger
from core.claims.ledger import ClaimResult, Ledger
from core.claims.store import claims_of, keep_ledger, keep_with_study, kept_ledger, ledger_path, maps_of
from core.claims.verdict import (
    claims_json,
    excluded_words,
    holds_on_check,
    multiplicity_words,
    published_words,
    verdict_words,
)
from core.claims.written import ClaimError, read_claims
from core.words import count_words, share_words

if TYPE_CHECKING:
    from core.study import Study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="folder of the study")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep the verdicts in the study's folder too, for whoever is given the study",
    )
    parser.add_argument(
        "--claim", type=Path, metavar="FILE", help="ask the claims of this file; end with 1 where one does not hold"
    )


def run(args: argparse.Namespace) -> int:
    """Print the verdicts; 1 where a claim of --claim does not hold, or could not be asked."""
    from core.study import open_study

    if args.keep and args.claim is not None:
        raise ClaimError(
            "--keep keeps the verdicts on the study's own claims, and --claim asks others.",
            remedy="Leave out one of them, or write the claims into claims.json in the study's folder.",
        )

    study = open_study(args.study)
    claims = claims_of(study) if args.claim is None else read_claims(args.claim)
    ledger = kept_ledger(study, claims) or _computed(study, claims)
    if args.keep:
        print(f"Kept in {keep_with_study(study, claims, ledger)}.", file=sys.stderr)
    if args.json:
        print(json.dumps({"claims": claims_json(ledger)}, indent=2, ensure_ascii=False))
    else:
        print(claims_text(ledger))
    failed = [one for one in ledger.results if args.claim is not None and not holds_on_check(one)]
    for one in failed:
        print(_failed_words(one), file=sys.stderr)
    return 1 if failed else 0


def _computed(study: Study, claims: tuple[Claim, ...]) -> Ledger:
    def tell(done: int, total: int, _: Ledger) -> None:
        print(f"{count_words(done)} of {count_words(total)} variants", file=sys.stderr)

    maps = maps_of(study)
    ledger = compute_ledger(study, claims, maps, tell=tell)
    keep_ledger(ledger_path(study, claims, maps), ledger)
    return ledger


def claims_text(ledger: Ledger) -> str:
    """Write every claim with its verdict as plain text."""
    parts = [f"{ledger.study} · fingerprint {ledger.fingerprint} · not for clinical use"]
    for one in ledger.results:
        lines = [one.claim.sentence, f"  {verdict_words(one)}"]
        if one.missing is None:
            lines += [f"  {published_words(one)}"] if one.claim.published else []
            lines += [f"  {multiplicity_words(one)}"]
            lines += [f"  {words}"] if (words := excluded_words(one)) else []
        parts.append("\n".join([*lines, f"  ({one.claim.source}; {one.claim.name})"]))
    return "\n\n".join(parts)


def _failed_words(result: ClaimResult) -> str:
    needed = share_words(result.claim.at_least)
    return f"{result.claim.name}: must hold in {needed} of its variants. {verdict_words(result)}"
