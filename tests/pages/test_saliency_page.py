"""The page of saliency: what it sends to the viewer, and what it says beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.annotations.annotation import annotation_from_mask
from core.building.annotate import add_marks
from core.geometry import Geometry
from core.metrics.localization import localize, mask_of
from core.paths import STUDIES
from core.saliency.film_maps import film_maps
from core.saliency.first_films import first_films
from core.saliency.tower.setting_model import load_setting_model
from core.space.map_state import Selected
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from core.words import share_words
from pages.saliency import cache as maps_cache
from pages.shared import cache, notices
from tests.pages.conftest import Open, components
from tests.pages.real_study import import_nih_masks
from tests.pages.test_pages import words
from tests.saliency.test_imported import planted
from tests.unpacked import unpacked

__all__ = ["planted"]

PHANTOM = STUDIES / "phantom"
FILM = "phantom-00002"


def _sent(page: AppTest) -> dict[str, Any]:
    """What the viewer was sent, with its arrays."""
    assert not page.exception
    (viewer,) = [one for one in components(page) if one.proto.component_name == "film_viewer"]
    sent: dict[str, Any] = unpacked(viewer.proto.bytes)
    return sent


def _map(sent: dict[str, Any]) -> np.ndarray:
    return np.asarray(sent["values"].reshape(sent["rows"], sent["columns"]))


@pytest.fixture(scope="module")
def phantom() -> Path:
    if not (PHANTOM / "manifest.json").is_file():
        pytest.skip(f"{PHANTOM} is absent.")
    return PHANTOM


def test_every_setting_sends_its_raw_map_with_the_evidence_behind_it(open_page: Open, phantom: Path) -> None:
    header = _sent(open_page("saliency", phantom, film=FILM))
    study = open_study(phantom)
    assert [panel["name"] for panel in header["panels"]] == ["film", *study.settings]
    finding = header["stamp"].split("|")[1]
    for panel in header["panels"][1:]:
        maps = film_maps(load_setting_model(study, panel["name"]), cache.film(study, FILM))
        saliency = maps.of(finding)
        np.testing.assert_allclose(_map(panel["map"]), saliency.values, rtol=1e-5, atol=1e-7)
        kinds = {name: card.score_kind for name, card in study.manifest.settings.items()}
        same_unit = [name for name in study.settings if kinds[name] == kinds[panel["name"]]]
        tops = [film_maps(load_setting_model(study, name), cache.film(study, FILM)).of(finding) for name in same_unit]
        assert panel["map"]["top"] == pytest.approx(max(map_.raw_maximum for map_ in tops), rel=1e-6)
        lines = dict(panel["lines"])
        score = lines[study.manifest.settings[panel["name"]].score_kind].replace("−", "-")
        assert float(score) == pytest.approx(saliency.score, abs=2e-3)
        assert lines["strongest value"] == f"{saliency.raw_maximum:.3g}"
        assert {"threshold", "this film", "hottest point in region", "map in region"} <= set(lines)


def test_one_scale_for_all_settings_is_one_top(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom, film=FILM)
    page.selectbox(key="scale").set_value("all").run()
    tops = {panel["map"]["top"] for panel in _sent(page)["panels"][1:]}
    assert len(tops) == 1
    assert "All settings share one scale" in words(page)


def test_settings_of_one_unit_share_a_scale_unless_asked_otherwise(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom, film=FILM)
    said = words(page)
    assert "Linear probe, Fine-tuning and Converged probe (logit) share one" in said
    assert "Zero-shot (margin) has its own" in said
    page.selectbox(key="scale").set_value("own").run()
    header = _sent(page)
    for panel in header["panels"][1:]:
        assert panel["map"]["top"] == pytest.approx(_map(panel["map"]).max(), rel=1e-6)


def test_a_map_too_weak_to_see_says_so_and_offers_its_own_scale(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom, film="phantom-01136", map_of="Cardiomegaly")
    page.selectbox(key="scale").set_value("all").run()
    shares = {}
    for panel in _sent(page)["panels"][1:]:
        share = _map(panel["map"]).max() / panel["map"]["top"]
        shares[panel["name"]] = share
        assert panel["is_weak"] == (share < 0.05)
        assert panel["words"] == (f"Too weak to see on this scale ({share_words(share)})." if share < 0.05 else "")
    assert 0 < min(shares.values()) < 0.05
    page.session_state["scale"] = "own"  # what the button asks for, see `choices.follow_small_picture`
    page.run()
    assert not any(panel["is_weak"] for panel in _sent(page)["panels"])


def test_a_panel_bears_its_verdicts(open_page: Open, phantom: Path) -> None:
    """Whether the decision was right, and the share of the map in the region against chance, as in the lines below."""
    for panel in _sent(open_page("saliency", phantom, film=FILM))["panels"][1:]:
        lines = dict(panel["lines"])
        verdict, share = panel["chips"]
        assert lines["this film"].startswith(verdict["words"])
        assert verdict["tone"] == ("good" if "(T" in lines["this film"] else "bad")
        energy, chance = lines["map in region"].split(";")[0].split(", chance ")
        assert share["words"] == f"{energy} of the map in the region, chance {chance}"


def test_imported_maps_are_looked_at_beside_their_baselines(open_page: Open, planted: Study) -> None:
    """Without a model: the masks as maps, laid over the whole film; no map where none was handed in; the baselines."""
    page = open_page("saliency", planted.root, film="film0", map_of="Nodule")
    assert page.selectbox(key="saliency_method").options == [
        "Imported map",
        "Random map (baseline)",
        "Centre blob (baseline)",
    ]
    panels = {panel["name"]: panel for panel in _sent(page)["panels"]}
    (mask,) = [mark.mask() for mark in planted.annotations("film0") if mark.finding == "Nodule"]
    np.testing.assert_array_equal(_map(panels["truth"]["map"]), mask)
    assert panels["truth"]["seen"] == {"top": 0, "left": 0, "height": 40, "width": 60}
    assert dict(panels["truth"]["lines"])["map in region"].startswith(share_words(1.0))
    assert panels["coarse"]["seen"]["width"] == pytest.approx(40, abs=0.7)
    page.selectbox(key="saliency_method").set_value("centre").run()
    assert _map(_sent(page)["panels"][1]["map"]).max() == pytest.approx(1, abs=0.01)
    other = open_page("saliency", planted.root, film="film1")
    assert [panel["name"] for panel in _sent(other)["panels"]] == ["film", "truth", "elsewhere"]
    assert "No map of this film was imported for coarse" in words(other)


def test_a_picture_that_leaves_says_how_it_was_made(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom, film=FILM)
    about = " ".join(_sent(page)["about"])
    for part in ("Grad-CAM", "Block 6 of 6 (trunk.blocks[5].norm1)", "Scales by the unit"):
        assert part in about


def test_every_reader_stands_beside_the_map_and_then_their_mean(open_page: Open, phantom: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(phantom, tmp_path / "two-readers"))
    study = open_study(root)
    drawn = next(entry for entry in study.annotations(FILM) if entry.finding in study.classes)
    far = np.zeros((drawn.height_px, drawn.width_px), bool)
    far[:8, :8] = True
    add_marks(root, [annotation_from_mask(FILM, drawn.finding, "Reader B", far)])
    page = open_page("saliency", root, film=FILM)
    page.selectbox(key="saliency_finding").set_value(drawn.finding).run()
    header = _sent(page)
    readers = (drawn.reader, "Reader B")
    for panel in header["panels"][1:]:
        lines, values = dict(panel["lines"]), _map(panel["map"])
        masks = [mask_of(open_study(root).annotations(FILM), drawn.finding, reader) for reader in readers]
        energies = [localize(values, mask, Geometry("crop", 160)).energy for mask in masks if mask is not None]
        for reader, energy in zip(readers, energies, strict=True):
            assert lines[f"map in region, {reader}"].startswith(f"{share_words(energy)}, chance")
        assert lines["map in region, mean of 2 readers"].startswith(share_words(float(np.mean(energies))))
        assert "a mask is smaller than a patch" in lines["map in region, Reader B"]


def test_what_a_study_says_of_itself_is_on_the_page(open_page: Open, phantom: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(phantom, tmp_path / "noticed"))
    manifest = json.loads((root / "manifest.json").read_text())
    notice = "A model with random weights: it knows nothing of films."
    (root / "manifest.json").write_text(json.dumps({**manifest, "notice": notice}))
    for view in ("film", "annotated", "own"):
        helps = [str(one.proto.help) for one in open_page("saliency", root, view=view).markdown]
        assert any("random weights" in said for said in helps)


def _show_layers(page: AppTest) -> None:
    page.session_state["strip"] = "layer"
    page.run()


def test_a_study_opens_on_a_drawn_film_that_every_setting_is_right_on(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom)
    study = open_study(phantom)
    film, finding = page.selectbox(key="saliency_film").value, page.selectbox(key="saliency_finding").value
    row, column = study.row_of(film), study.classes.index(finding)
    assert finding in {mark.finding for mark in study.annotations(film)}
    assert study.labels[row, column] == 1
    for setting in study.settings:
        assert study.scores(setting)[row, column] >= fit_thresholds(study, setting).values[finding]
    assert film in first_films(study)  # whose maps are there without a model


def test_the_strips_hold_every_class_and_every_block(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom, film=FILM)
    study = open_study(phantom)
    (classes,) = _sent(page)["strips"]
    assert [item["label"] for item in classes["items"]] == list(study.classes)
    _show_layers(page)
    rows = _sent(page)["strips"]
    assert [row["below"] for row in rows] == list(study.settings)
    assert {panel["name"] for panel in _sent(page)["panels"]} >= set(study.settings)
    for row in rows:
        assert len(row["items"]) == 6
        assert all(item["map"] for item in row["items"])


def test_the_block_that_is_read_is_marked_in_every_setting(open_page: Open, phantom: Path) -> None:
    """Also where none was chosen: its map is the one above."""
    page = open_page("saliency", phantom, film=FILM)
    _show_layers(page)
    for layer in ("usual", "trunk.blocks[3].norm1"):
        page.selectbox(key="saliency_layer").set_value(layer).run()
        sent = _sent(page)
        above = {panel["name"]: panel["map"] for panel in sent["panels"]}
        for row in sent["strips"]:
            (marked,) = [item for item in row["items"] if item["is_chosen"]]
            np.testing.assert_allclose(_map(marked["map"]), _map(above[row["below"]]), rtol=1e-5, atol=1e-7)
            assert layer in ("usual", marked["value"])


def test_another_method_and_layer_are_said(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom, film=FILM)
    page.selectbox(key="saliency_method").set_value("layer_cam").run()
    assert "LayerCAM" in words(page)
    layer = page.selectbox(key="saliency_layer")
    layer.set_value("trunk.blocks[2].norm1").run()
    assert "trunk.blocks" in words(page)
    assert "|layer_cam|trunk.blocks[2].norm1|" in _sent(page)["stamp"]


@pytest.mark.parametrize("name", ["xgrad_cam", "ablation_cam"])
def test_the_methods_of_the_library_are_on_the_page(open_page: Open, phantom: Path, name: str) -> None:
    """A row of layers would take a slow one minutes, so there is none, and that is said."""
    page = open_page("saliency", phantom, film=FILM)
    page.selectbox(key="saliency_method").set_value(name).run()
    header = _sent(page)
    assert all(_map(panel["map"]).max() > 0 for panel in header["panels"][1:])
    assert "pytorch-grad-cam" in words(page)
    _show_layers(page)
    assert bool(_sent(page)["strips"]) == (name == "xgrad_cam")
    assert ("not shown in a row" in words(page)) == (name == "ablation_cam")


def test_a_layer_without_gradient_is_words_and_no_map(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom, film=FILM)
    choices = maps_cache.layer_choices(open_study(phantom), "fine_tune")
    dead = next(choice for choice in choices if not choice.has_gradient)
    page.selectbox(key="saliency_layer").set_value(dead.name).run()
    for panel in _sent(page)["panels"][1:]:
        assert panel["map"] is None
        assert panel["words"]
    assert notices.plain(dead.note) in words(page)


def test_films_can_be_those_that_a_setting_missed(open_page: Open, phantom: Path) -> None:
    page = open_page("saliency", phantom)
    page.selectbox(key="film_class").set_value("Fracture").run()
    assert page.selectbox(key="saliency_finding").value == "Fracture"  # its map, too
    page.selectbox(key="film_outcome").set_value("Missed (FN)").run()
    study = open_study(phantom)
    cut = fit_thresholds(study, "fine_tune").values["Fracture"]
    column = study.classes.index("Fracture")
    films = page.selectbox(key="saliency_film").options
    assert films
    for image_id in films:
        row = study.row_of(image_id)
        assert study.labels[row, column] == 1
        assert study.scores("fine_tune")[row, column] < cut


def test_films_can_be_those_selected_on_the_map_of_this_study(open_page: Open, made_up: Path) -> None:
    page = open_page("saliency", made_up)
    selected = Selected(np.array([170, 172]))
    page.session_state["map_selected"] = ("another", selected)
    page.run()
    assert not [toggle for toggle in page.toggle if toggle.key == "film_on_map"]
    page.session_state["map_selected"] = (open_study(made_up).fingerprint, selected)
    page.run()
    page.toggle(key="film_on_map").set_value(True).run()
    assert page.selectbox(key="saliency_film").options == ["film-0170", "film-0172"]
    sent = {name: "".join(value) for name, value in page.query_params.items() if name != "study"}
    other = open_page("saliency", made_up, **sent)
    assert other.selectbox(key="saliency_film").options == ["film-0170", "film-0172"]


def test_a_film_chosen_elsewhere_is_shown_whatever_the_filters_say(open_page: Open, made_up: Path) -> None:
    page = open_page("saliency", made_up)
    page.session_state["film_class"] = "Edema"
    page.run()
    study = open_study(made_up)
    shown = page.selectbox(key="saliency_film")
    assert study.labels[study.row_of(shown.value), study.classes.index("Edema")] == 1
    elsewhere = study.image_ids[int(study.rows("val")[0])]
    assert elsewhere not in shown.options
    page.query_params["film"] = elsewhere
    page.run()
    assert page.selectbox(key="saliency_film").value == elsewhere
    assert "The filters left this film out" in words(page)
    assert not page.run().exception
    assert "The filters left this film out" not in words(page)


def test_drawing_needs_a_name(open_page: Open, made_up: Path) -> None:
    page = open_page("saliency", made_up)
    assert _sent(page)["drawing"] is None
    page.text_input(key="reader_name").set_value(" Reader C ").run()
    drawing = _sent(page)["drawing"]
    assert drawing["reader"] == "Reader C"
    assert drawing["finding"] in open_study(made_up).classes


@pytest.mark.real
def test_all_49_nih_films_and_every_polygon_on_them(open_page: Open, real_data: Path, tmp_path: Path) -> None:
    study_folder = import_nih_masks(real_data, tmp_path)
    study = open_study(study_folder)
    page = open_page("saliency", study_folder)
    assert len(page.selectbox(key="saliency_film").options) == len(study.image_ids) == 49
    drawn = {image_id: len(study.annotations(image_id)) for image_id in study.annotated_ids()}
    assert len(drawn) == 31
    for image_id in (*list(drawn)[:3], next(name for name in study.image_ids if name not in drawn)):
        page.selectbox(key="saliency_film").set_value(image_id).run()
        header = _sent(page)
        assert header["film_id"] == image_id
        assert (header["film"]["width"], header["film"]["height"]) == (1024, 1024)
        assert len(header["outlines"]) == drawn.get(image_id, 0)
        assert "not the model" in words(page)
