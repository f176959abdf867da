"""One file and one line make a setting: a fourth one, which only tests register, through build, report, pages, exports.

Its study is killed on the way and goes on; it is shown by its title, in its colour, and with a target of its own.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.__main__ import main
from core.building.plan import scratch_folder
from core.commands.report import report_text
from core.datasets.folder import FolderDataset
from core.exports.html import html_report
from core.exports.notebook import notebook
from core.exports.tables import metrics_csv, metrics_latex
from core.exports.thresholds import threshold_json
from core.figures.overview import label_count_bars
from core.figures.per_class import over_prediction_figure
from core.figures.theme import unknown_settings
from core.figures.thresholds import CURVES
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.paths import PROJECT
from core.report.parts import parts_of
from core.report.report import compute_report
from core.saliency.film_maps import film_maps
from core.saliency.tower.setting_model import load_setting_model
from core.settings import registry
from core.settings.zero_shot import unit_rows
from core.space.separation import films_learnt_from, spaces_in_words
from core.study import Study, check_study, open_study
from core.thresholds import ThresholdSet, fit_thresholds
from core.thresholds.curves import study_curves
from pages.shared.navigation import PAGES
from tests.building import planned
from tests.building.interrupted import differences, first_dimensions, write_films
from tests.models.tiny import make_tiny_clip
from tests.pages.conftest import Open, open_page
from tests.settings import prototype
from tests.settings.prototype import SETTING, all_settings

__all__ = ["open_page"]

TITLE, COLOUR, N_FILMS = SETTING.title, SETTING.style.colour, 150


@pytest.fixture(scope="module", autouse=True)
def one_line_more() -> Iterator[None]:
    with prototype.registered():
        yield


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_films(tmp_path_factory.mktemp("films") / "films", N_FILMS)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return load_clip(make_tiny_clip(tmp_path_factory.mktemp("model") / "tiny"))


def built(films: Path, model: ClipModel, out: Path, *, rest: float = 1.0, **more: Any) -> Path:
    dataset, options = FolderDataset(films), all_settings(rest)
    return planned.built(dataset, model, str(model.folder), out, options, project=first_dimensions, **more).root


def killed(films: Path, model: ClipModel, out: Path) -> Path:
    """What a build leaves that is killed when all settings have had their turn."""
    command = [sys.executable, "-m", "tests.settings.prototype", *map(str, (films, model.folder, out))]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -9
    assert not out.exists()
    return out


@pytest.fixture(scope="module")
def study(films: Path, model: ClipModel, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(built(films, model, tmp_path_factory.mktemp("studies") / "four"))


@pytest.fixture(scope="module")
def sets(study: Study) -> dict[str, ThresholdSet]:
    return {setting: fit_thresholds(study, setting) for setting in study.settings}


def test_a_build_makes_its_scores_and_says_how(study: Study) -> None:
    assert check_study(study.root) == []
    assert study.settings == registry.usual()
    assert study.settings[-1] == "prototype"
    units = unit_rows(study.image_embeddings("frozen"), "film").astype(np.float64)
    train = study.rows("train")
    for column in range(len(study.classes)):
        means = [units[train][study.labels[train, column] == value].mean(axis=0) for value in (1, 0)]
        near, far = (units @ mean / np.linalg.norm(mean) for mean in means)
        np.testing.assert_allclose(study.scores("prototype")[:, column], near - far, atol=1e-5)
    entry = study.manifest.settings["prototype"]
    assert (entry.score_kind, entry.encoder, entry.minutes) == ("margin", "frozen", 0.25)
    assert (entry.hyperparameters, entry.description) == ({"rest": 1.0}, SETTING.description)
    shared = "The model's own image tower; zero-shot, linear probe and nearest mean share it."
    assert study.manifest.encoders["frozen"].description == shared
    assert study.manifest.timings["prototype"] == 0.25
    assert study.manifest.seeds == {"linear_probe": 42, "fine_tune": 42, "projection": 42}


def test_a_build_that_was_killed_goes_on_and_makes_nothing_of_it_again(
    study: Study, films: Path, model: ClipModel, tmp_path: Path
) -> None:
    out, said, done = killed(films, model, tmp_path / "four"), list[str](), set[str]()
    built(films, model, out, say=said.append, progress=lambda _, __, what: done.add(what))
    assert said == [
        "Kept from an interrupted build: films that were read, films that were encoded, fine-tuning, nearest mean."
    ]
    assert "prototypes" not in done
    assert differences(study.root, out) == []
    assert not scratch_folder(out).exists()


def test_other_options_throw_away_what_they_change(films: Path, model: ClipModel, tmp_path: Path) -> None:
    out, said, done = killed(films, model, tmp_path / "four"), list[str](), set[str]()
    built(films, model, out, rest=0.5, say=said.append, progress=lambda _, __, what: done.add(what))
    assert said[0].endswith("Thrown away, as made from other films, labels or options: nearest mean.")
    assert "prototypes" in done
    assert differences(built(films, model, tmp_path / "peace", rest=0.5), out) == []


def test_the_command_has_its_option_its_estimate_and_its_name(
    films: Path, model: ClipModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["build", "folder", str(model.folder), "--root", str(films), "--out", str(tmp_path / "own")]
    assert main([*arguments, "--estimate"]) == 0
    said = capsys.readouterr().out
    assert "prototypes: about 2.0 h" in said
    assert "Add --settings zero_shot,linear_probe,fine_tune to leave prototypes out, and build it later" in said
    assert main([*arguments, "--settings", "prototype", "--rest", "0.5"]) == 0
    own = open_study(tmp_path / "own")
    assert own.settings == ("prototype",)
    assert own.manifest.settings["prototype"].hyperparameters == {"rest": 0.5}
    assert main([*arguments, "--settings", "prototypes"]) == 2
    assert f"Choose of {', '.join(registry.names())}." in capsys.readouterr().err


def test_reports_have_its_figures_and_its_notes(study: Study) -> None:
    for protocol in ("sound", "paper"):
        report = compute_report(study, "all", protocol)  # type: ignore[arg-type]
        assert list(report.to_json()["settings"]) == list(study.settings)
        assert report.settings["prototype"].overall.minutes == 0.25
        text = report_text(report)
        assert "prototype (margin)" in text
        assert "linear_probe, fine_tune and prototype learnt from the train films" in text
        assert "linear_probe and fine_tune stopped early on the val films" in text
        assert "prototype: a mean of few films may lie far off." in text
        assert "zero_shot, linear_probe and prototype share the encoder frozen" in text
    assert spaces_in_words(study).startswith("Zero-shot, linear probe and nearest mean read the same frozen encoder")
    assert films_learnt_from(study, "frozen", "train") == 0
    assert f"{TITLE} (margin)" in parts_of(study)[0].detail


def test_figures_draw_it_in_its_colour_under_its_title(study: Study, sets: dict[str, ThresholdSet]) -> None:
    assert unknown_settings((*study.settings, "chexnet")) == ("chexnet",)
    curves = study_curves(study, "test", sets)
    for name, _, draw in CURVES:
        drawn = draw(curves, 2).to_dict()["data"]
        own = [trace for trace in drawn if str(trace.get("name")).startswith(TITLE)]
        assert own, name
        assert all(COLOUR in str(trace) for trace in own), name
        assert not [trace for trace in drawn if COLOUR in str(trace) and "Zero-shot" in str(trace)], name
    report = compute_report(study)
    overall = {name: one.overall for name, one in report.settings.items()}
    assert [(bar.label, bar.colour) for bar in label_count_bars(overall, report.n_films)][-1] == (TITLE, COLOUR)
    ratios = over_prediction_figure({name: one.per_class for name, one in report.settings.items()})
    assert [trace.marker.color for trace in ratios.data if trace.name == TITLE] == [COLOUR]


def test_maps_are_of_its_own_target(study: Study, films: Path) -> None:
    model, finding = load_setting_model(study, "prototype"), study.classes[1]
    film = FolderDataset(films).film(study.row_of("f0005"))
    np.testing.assert_allclose(model.scores(film), study.scores("prototype")[study.row_of("f0005")], atol=1e-4)
    assert model.target.describe(finding) == f"nearness to the mean film with {finding}"
    assert model.tower is load_setting_model(study, "zero_shot").tower
    found = film_maps(model, film)
    assert found.problems[-1] is None
    assert found.of(finding).score == pytest.approx(float(model.scores(film)[1]), abs=1e-5)
    other = film_maps(load_setting_model(study, "zero_shot"), film)
    assert not np.allclose(found.of(finding).values, other.of(finding).values)


def test_what_is_carried_away_has_it(study: Study, sets: dict[str, ThresholdSet]) -> None:
    rows = list(csv.DictReader(io.StringIO(metrics_csv(study, "test", sets))))
    assert [row["setting"] for row in rows].count("prototype") == len(study.classes) + 1
    assert TITLE in metrics_latex(study, "test", sets)
    html = html_report(study, "test", sets)
    assert f">{TITLE}</h2>" in html
    assert COLOUR in html
    assert f"Fine-tuning less {TITLE}" in html
    assert TITLE in json.loads(notebook(study, "test", sets))["cells"][-1]["source"][-1]
    kept = {one["setting"]: one for one in json.loads(threshold_json(study, "test", sets))["sets"]}
    assert list(kept["prototype"]["values"]) == list(study.classes)


@pytest.mark.parametrize("stem", [page.stem for page in PAGES])
def test_every_page_that_names_settings_shows_it_by_its_title(open_page: Open, study: Study, stem: str) -> None:
    page = open_page(stem, study.root, film="f0005", setting="prototype")
    assert not page.exception
    assert not page.error
    shown = everything(page)
    assert (TITLE in shown) == ("Zero-shot" in shown)
    assert (COLOUR in shown) == (stem in ("overview", "per_class"))


def everything(page: AppTest) -> str:
    """All that a page sends to the browser, as text."""
    sent = [element.proto for element in page._tree if hasattr(element, "proto")]
    return "\n".join(map(str, sent)).replace(r"\302\240", " ").replace("\N{NO-BREAK SPACE}", " ")
