"""The overview's first screen, made before anybody opens it: the server begins with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.study import Study


def prepare() -> Callable[[Study], None]:
    """Import what the page imports; gives what computes a study's first screen into the caches.

    Nothing is imported before: the server answers first.
    """
    from core.prompts.films import read_on
    from core.report.contest import usual_figure
    from pages.overview import cache as own
    from pages.overview import certainty, results, spending, transfer, verdict_card, wordings  # noqa: F401
    from pages.shared import cache

    def look(study: Study) -> None:
        if not study.settings:
            return
        split = read_on(study)
        cache.report(study, split, "sound")
        sets = cache.fitted_sets(study)
        found = own.ranked(study, split, sets, usual_figure(sets))
        best = verdict_card.best_set(found, sets)
        if best is not None:
            own.examples(study, best, split)
        wordings.spreads(study)

    return look
