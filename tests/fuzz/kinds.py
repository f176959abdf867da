"""What is mutated, one entry per kind of file; a kind is one function and one line here.

Each makes one broken input in an empty folder, from a seeded generator, and hands it to the product: it returns
"right" where the product's figures are those of an independent reader, raises CoreError where it refuses, and
AssertionError where a figure is wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.fuzz.damaged_films import damaged_film_case
from tests.fuzz.films import film_case
from tests.fuzz.marks import mark_case
from tests.fuzz.studies import study_case
from tests.fuzz.tables import table_case
from tests.fuzz.threshold_files import threshold_case

Case = Callable[[Path, random.Random], str]

KINDS: Final[dict[str, Case]] = {
    "study": study_case,
    "table": table_case,
    "masks": mark_case,
    "thresholds": threshold_case,
    "film": film_case,
    "damaged-film": damaged_film_case,
}
