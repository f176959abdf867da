"""Votes between maps to carry away: every vote and every standing as CSV, and a section of the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from core.arena.results import ArenaResults, arena_results
from core.arena.votes import Vote, read_votes
from core.exports.spreadsheets import csv_of
from core.figures.arena_tables import arena_sentences, figures_table, standings_table
from core.metrics.reader_agreement import Estimate
from core.saliency.localization.compute import saliency_table

if TYPE_CHECKING:
    from core.study import Study


def votes_csv(votes: Sequence[Vote]) -> str:
    """Write one row per vote: who, of which film and class, both maps, and the answer."""
    rows = [
        {
            "reader": vote.reader,
            "image_id": vote.image_id,
            "finding": vote.finding,
            **{f"left_{name}": value for name, value in vars(vote.left).items()},
            **{f"right_{name}": value for name, value in vars(vote.right).items()},
            "answer": vote.answer,
        }
        for vote in votes
    ]
    return csv_of(pd.DataFrame(rows))


def standings_csv(study: Study, results: Sequence[ArenaResults]) -> str:
    """Write one row per map of every group that was compared; empty where a figure is undefined."""
    rows = []
    for group, found in enumerate(results, 1):
        for rank, one in enumerate(found.standings, 1):
            row = {"study": study.name, "fingerprint": study.fingerprint, "group": group, "rank": rank, **vars(one.of)}
            row |= {"n_films": found.n_films, "n_readers": len(found.readers), "n_votes": one.n_votes}
            estimates = {"won": one.won, "strength": one.strength, "first_over_this": one.ratio, **one.measured}
            rows.append({**row, **{key: value for name, e in estimates.items() for key, value in _cells(name, e)}})
    return csv_of(pd.DataFrame(rows))


def arena_parts(study: Study) -> list[tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]]:
    """Give of every group of maps that was voted on: standings, measured figures beside them, and sentences.

    Raises VoteError where the study's folder holds what are no votes.
    """
    votes = read_votes(study.root)
    found = arena_results(study, votes, saliency_table(study)) if votes else ()
    return [(standings_table(one), figures_table(one), arena_sentences(one)) for one in found]


def _cells(name: str, estimate: Estimate) -> list[tuple[str, float | None]]:
    ends = (estimate.interval.low, estimate.interval.high) if estimate.interval.is_estimable else (None, None)
    value = None if estimate.value != estimate.value else estimate.value
    return [(name, value), (f"{name}_low", ends[0]), (f"{name}_high", ends[1])]
