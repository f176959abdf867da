"""The claims that ship: one file and one line each."""

from __future__ import annotations

from typing import Final

from core.claims.claim import Claim
from core.claims.paper import (
    fine_tuning_beats_probe,
    fine_tuning_beats_zero_shot,
    fine_tuning_ranks_better_than_probe,
    fine_tuning_ranks_better_than_zero_shot,
    fine_tuning_separates_classes,
    fine_tuning_shrinks_the_space,
    maps_differ,
    probe_beats_zero_shot,
    probe_detects_overlaps,
    probe_keeps_the_space,
    probe_looks_elsewhere,
    probe_matches_more_films,
    probe_ranks_better_than_zero_shot,
    zero_shot_is_imprecise,
    zero_shot_matches_no_film,
    zero_shot_over_predicts,
    zero_shot_ranks_by_chance,
    zero_shot_separates_poorly,
)

CLAIMS: Final[tuple[Claim, ...]] = (
    zero_shot_over_predicts.CLAIM,
    zero_shot_is_imprecise.CLAIM,
    fine_tuning_beats_zero_shot.CLAIM,
    probe_beats_zero_shot.CLAIM,
    fine_tuning_beats_probe.CLAIM,
    probe_matches_more_films.CLAIM,
    zero_shot_matches_no_film.CLAIM,
    fine_tuning_ranks_better_than_zero_shot.CLAIM,
    probe_ranks_better_than_zero_shot.CLAIM,
    fine_tuning_ranks_better_than_probe.CLAIM,
    zero_shot_ranks_by_chance.CLAIM,
    zero_shot_separates_poorly.CLAIM,
    probe_detects_overlaps.CLAIM,
    fine_tuning_separates_classes.CLAIM,
    fine_tuning_shrinks_the_space.CLAIM,
    probe_keeps_the_space.CLAIM,
    maps_differ.CLAIM,
    probe_looks_elsewhere.CLAIM,
)
"""In the order in which they are shown."""
