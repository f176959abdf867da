"""The page of twin films: what is pressed stands in the address, decisions follow, and films that exist once say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.registry import renderer_of
from core.paths import STUDIES
from core.study import open_study
from tests.pages.conftest import Open
from tests.pages.test_pages import tables, words

PHANTOM = STUDIES / "phantom"


@pytest.mark.skipif(not PHANTOM.is_dir(), reason="the study that ships is absent")
def test_an_address_gives_the_twin_and_its_scores(open_page: Open) -> None:
    """Cardiomegaly is the second finding; it is asked for at its largest."""
    study = open_study(PHANTOM)
    renderer = renderer_of(study.manifest.dataset)
    assert renderer is not None
    image_id = next(
        study.image_ids[row] for row in study.rows("test") if not renderer.shown(study.image_ids[row]).names
    )
    page = open_page("twins", PHANTOM, film=image_id, twin="1", wish="1~1.0")
    assert not page.exception
    assert "**Twin**: Cardiomegaly" in words(page)
    assert "**Film**: no finding" in words(page)
    assert page.query_params["twin"] in ("1", ["1"])
    heart = next(row for row in tables(page)[0] if row[0].startswith("Cardiomegaly"))
    before, after = (float(text.strip("*").replace("−", "-")) for text in heart[5].split("→"))
    stored = float(study.scores("fine_tune")[study.row_of(image_id), study.classes.index("Cardiomegaly")])
    assert before == pytest.approx(stored, abs=0.006)
    assert after > before + 1


@pytest.mark.real
def test_films_that_exist_once_are_audited_and_the_page_says_why(open_page: Open, nih_page: Path) -> None:
    said = words(open_page("twins", nih_page))
    assert "exist once" in said
    assert "Shortcut audit" in said
    assert "comparisons" in said
    assert "Findings on the twin" not in said


@pytest.fixture(scope="module")
def nih_page(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.pages.real_study import import_nih

    return import_nih(real_data, tmp_path_factory.mktemp("nih-twins"))
