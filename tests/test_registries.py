"""Looking up by name, for every registry that is asked by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.datasets.registry import DATASETS, dataset_entry
from core.errors import CoreError
from core.fetching.sources import SOURCES, source_named
from core.metrics.separation.conventions import CONVENTIONS, convention_named
from core.projection.methods import MAP_METHODS, method_named
from core.registries import HasName
from core.saliency.methods import METHODS, method_of
from core.thresholds.policies import POLICIES, policy_named

REGISTRIES = (
    (DATASETS, dataset_entry),
    (SOURCES, source_named),
    (MAP_METHODS, method_named),
    (CONVENTIONS, convention_named),
    (METHODS, method_of),
    (POLICIES, policy_named),
)


@pytest.mark.parametrize(("entries", "lookup"), REGISTRIES)
def test_every_entry_is_found_by_its_own_name(entries: tuple[HasName, ...], lookup: Callable[[str], HasName]) -> None:
    names = [entry.name for entry in entries]
    assert len(set(names)) == len(names) > 0
    assert [lookup(name) for name in names] == list(entries)


@pytest.mark.parametrize(("entries", "lookup"), REGISTRIES)
def test_another_name_is_refused_with_those_there_are(
    entries: tuple[HasName, ...], lookup: Callable[[str], HasName]
) -> None:
    with pytest.raises(CoreError, match=r"There is no .* 'nobody'") as refused:
        lookup("nobody")
    assert all(entry.name in refused.value.remedy for entry in entries)
