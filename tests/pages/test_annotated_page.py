"""All annotated films on the page: layers, readers, the choice on validation, and what is missing from the table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.building.annotate import add_marks
from core.jobs import JobProgress, write_progress
from core.saliency.localization.compute import compute_saliency_table
from core.saliency.localization.job import table_job
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.ranking import ranked_maps
from core.saliency.localization.store import UNFINISHED, FilmResult, ResumeLog, film_marks, folder_of
from core.saliency.localization.summary import summarize
from core.saliency.localization.table import LocalizationPlan, LocalizationResults
from core.study import Study, layout, open_study
from core.study.rewrite import rewrite_study
from core.study.tables import annotations_table
from tests.pages.conftest import Open
from tests.pages.test_pages import words
from tests.saliency.untabled import copied_without_tables

METHODS = ("grad_cam", "layer_cam", "random", "centre")


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study that ships with masks on six films of validation and six of test; one on the last has two readers."""
    return _marked(tmp_path_factory.mktemp("marked") / "study", 6)


@pytest.fixture
def barely_marked(tmp_path: Path) -> Path:
    """The same with masks on one film of either split."""
    return _marked(tmp_path / "study", 1)


def _marked(root: Path, n_films: int) -> Path:
    study = open_study(copied_without_tables(root))
    films = [name for split in ("val", "test") for name in _annotated(study, split)[:n_films]]
    marks = [entry for entry in study.annotations() if entry.image_id in films and entry.finding in study.classes]
    twice = next(entry for entry in marks if entry.image_id == films[-1])
    rewrite_study(study, {layout.MASKS: annotations_table([*marks, replace(twice, reader="Reader B")])})
    return root


def _annotated(study: Study, split: str) -> list[str]:
    rows = set(study.rows(split).tolist())
    return [name for name in study.annotated_ids() if study.row_of(name) in rows]


@pytest.fixture
def computed(marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalizationResults:
    """Its table, every layer."""
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    return compute_saliency_table(open_study(marked), plan=LocalizationPlan(METHODS, has_all_layers=True))


def test_a_layer_and_a_reader_are_looked_at(open_page: Open, marked: Path, computed: LocalizationResults) -> None:
    page = open_page("saliency", marked, view="annotated")
    assert not page.exception
    layer = "trunk.blocks[2].norm1"
    page.selectbox(key="annotated_layer").set_value(layer).run()
    page.selectbox(key="annotated_reader").set_value("Reader B").run()
    assert not page.exception
    found = summarize(computed, MapKey("fine_tune", "grad_cam", layer), MaskFilter("test", reader="Reader B"), "energy")
    assert found.n_pairs == 1
    assert f"| Fine-tuning | **{found.value:.3f}** |" in words(page)


def test_what_is_best_on_validation_is_one_click_away(
    open_page: Open, marked: Path, computed: LocalizationResults
) -> None:
    page = open_page("saliency", marked, view="annotated")
    best = next(entry for entry in ranked_maps(computed, "fine_tune", "energy") if not entry.is_baseline)
    assert f"agrees best on validation ({best.value:.3f})" in words(page)
    page.button(key="take").click().run()
    assert page.selectbox(key="annotated_method").value == best.of.method
    assert page.selectbox(key="annotated_layer").value == best.of.layer
    film = open_page("saliency", marked)
    assert "put most of the map into the masks of validation films" in words(film)


def test_films_and_methods_that_are_not_in_the_table_are_offered(
    open_page: Open, barely_marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    study = open_study(barely_marked)
    compute_saliency_table(study, plan=LocalizationPlan(METHODS, has_all_layers=True))
    assert "Bring up to date (2 films)" in [
        button.label for button in open_page("saliency", barely_marked, view="annotated").button
    ]
    compute_saliency_table(study, plan=LocalizationPlan(has_all_layers=True))
    labels = [button.label for button in open_page("saliency", barely_marked, view="annotated").button]
    assert not [label for label in labels if "Bring up to date" in label or "every layer" in label]
    add_marks(barely_marked, [replace(study.annotations()[0], reader="Reader C")])
    page = open_page("saliency", barely_marked, view="annotated")
    assert "Bring up to date (1 film)" in [button.label for button in page.button]
    assert "1 film drawn on since the table was computed" in words(page)


def test_work_that_runs_went_wrong_or_was_stopped_is_told(
    open_page: Open, marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the progress file alone, whoever began it; only who began it may call it off."""
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    job = table_job(open_study(marked), LocalizationPlan())
    job.path.parent.mkdir(parents=True)
    write_progress(job.path, JobProgress("running", 3, 12, "films"))
    page = open_page("saliency", marked, view="annotated")
    assert not page.exception
    assert "3 of 12 films" in str(page.get("progress")[0].proto)
    assert "table_start" not in [button.key for button in page.button]
    assert "table_cancel" not in [button.key for button in page.button]
    write_progress(job.path, JobProgress("failed", error="No model.", remedy="Get one."))
    page = open_page("saliency", marked, view="annotated")
    assert "No model." in page.error[0].value
    assert "Get one." in page.error[0].value
    job.path.unlink()
    study = open_study(marked)
    image_id, drawn = next(iter(film_marks(study).items()))
    with ResumeLog(folder_of(study) / UNFINISHED) as stopped:
        stopped.add((image_id, FilmResult(drawn, study.settings, {"grad_cam": False}), []))
    page = open_page("saliency", marked, view="annotated")
    assert "goes on from there" in page.info[0].value
    assert page.button(key="table_start").label == "Compute now"
