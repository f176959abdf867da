"""The parts of the embedding page that are plain functions, and the page by what it says."""

from __future__ import annotations

import csv
import io
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.metrics.difference import Difference
from core.metrics.intervals import Interval, not_estimable
from core.metrics.separation.null import NullBand, PairSeparation
from core.metrics.separation.one_class import Figure
from core.metrics.separation.sampled import Sampled
from core.paths import STUDIES
from core.projection.cache import finished_map
from core.projection.jobs import map_progress
from core.projection.request import MapRequest
from core.space.composition import ClassShare, composition
from core.space.label_review import LabelSuspect
from core.space.map_state import mark_of, to_link
from core.space.movement import class_movements
from core.space.prompt_lab import PromptTrial, auroc_gain, figures_of, stored_margins
from core.space.prompt_pairs import PromptError, stored_pair
from core.space.separation import separation_of
from core.space.suspects import NearDuplicate
from core.study import Study, open_study, write_study
from pages.embedding_space.map_marks import movement_table
from pages.embedding_space.prompts import asked_pair, gain_words
from pages.embedding_space.selected_films import MOST_SHOWN, composition_table, gallery_rows, ids_csv
from pages.embedding_space.separation import figure_words, pair_words, sample_words
from pages.embedding_space.suspects import FilmList, duplicate_words, list_csv, suspect_words
from pages.shared import film_view
from tests.pages.conftest import Open
from tests.pages.embeddings_only import embeddings_only, make_embeddings_only
from tests.pages.test_pages import tables, words


@pytest.fixture(scope="module")
def study(made_up: Path) -> Study:
    return open_study(made_up)


def share(finding: str, lift: float, *, n_of_all: int = 40, estimable: bool = True) -> ClassShare:
    interval = Interval(lift / 2, 2 * lift, 20, True) if estimable else not_estimable(20)
    return ClassShare(finding, 8, 20, 0.4, n_of_all, 0.4 / lift, lift, interval)


def test_the_table_of_a_selection_has_the_highest_lift_first_and_says_what_cannot_be_estimated() -> None:
    table = composition_table(
        (share("A", 0.5), share("B", 2.0), share("C", 4.0, n_of_all=3, estimable=False), share("D", 1.0, n_of_all=0))
    )
    assert list(table.index) == ["C", "B", "A"]
    assert table.loc["B", "Lift"] == "2.00 (1.00 to 4.00)"
    assert table.loc["C", "Lift"] == "not estimable, n = 3".replace(" ", "\N{NO-BREAK SPACE}")
    assert table.loc["B", "Selected"] == "8 (40.0\N{NO-BREAK SPACE}%)"


def test_the_gallery_shows_stored_films_first(study: Study) -> None:
    stored = np.flatnonzero(study.images["file"].notna().to_numpy())
    shown = gallery_rows(study, np.union1d(np.arange(MOST_SHOWN), stored[:3]))
    assert list(shown[:3]) == list(stored[:3])
    assert len(shown) == MOST_SHOWN
    assert not film_view.has_pictures(study, int(stored[0]))  # the app's server does not run here


def test_exports_name_films_and_study(study: Study) -> None:
    rows = list(csv.DictReader(io.StringIO(ids_csv(study, np.array([2, 5])))))
    assert [row["image_id"] for row in rows] == ["film-0002", "film-0005"]
    assert {row["study"] for row in rows} == {study.fingerprint}
    found = FilmList(((5, "odd, very"), (2, "odd"), (5, "again")), "")
    listed = list(csv.DictReader(io.StringIO(list_csv(study, found))))
    assert (listed[0]["image_id"], listed[0]["why"]) == ("film-0005", "odd, very")
    assert list(found.rows) == [2, 5]


def test_what_is_odd_about_a_film_is_said_in_words() -> None:
    said = suspect_words(LabelSuspect("a", 0, "Edema", 1, 0, 15, 3.0))
    assert said == "labelled Edema, but 0 of 15 similar films have it"
    assert suspect_words(LabelSuspect("a", 0, "Edema", 0, 9, 15, 3.0)).startswith("labelled “no Edema”, but 9 of 15")
    pair = NearDuplicate("a", "b", 0.01, 0.1, same_patient=False, same_split=False, labels_differ=("Edema",))
    assert duplicate_words(pair) == "different patients, different splits, labelled differently for Edema"


def test_a_figure_has_its_interval_a_star_where_labels_matter_and_words_where_it_is_undefined() -> None:
    telling, null = NullBand(0.0, 0.1, 0.2, 0.01, 100), NullBand(0.0, 0.1, 0.2, 0.4, 100)
    assert figure_words(Figure(0.5, Interval(0.4, 0.6, 30, True), telling)) == "0.50* (0.40 to 0.60)"
    assert figure_words(Figure(0.5, not_estimable(30), null)) == "0.50 (not estimable, n = 30)"
    assert figure_words(Figure(np.nan, not_estimable(3), null)) == "not estimable, n = 3"
    assert figure_words(Figure(5.0, Interval(4.8, np.inf, 30, True), null)) == "5.00 (4.80 or more)"


def test_a_linear_classifier_has_a_star_where_its_interval_leaves_chance_out() -> None:
    assert figure_words(Figure(0.7, Interval(0.55, 0.8, 30, True))) == "0.70* (0.55 to 0.80)"
    assert figure_words(Figure(0.6, Interval(0.45, 0.7, 30, True))) == "0.60 (0.45 to 0.70)"
    assert figure_words(Figure(0.9, not_estimable(30))) == "0.90 (not estimable, n = 30)"


def test_which_films_a_figure_is_of_is_said_where_they_are_not_all(study: Study) -> None:
    whole = separation_of(study, "frozen", "test", n_shuffles=5, n_resamples=5)
    assert sample_words(whole) == ""
    assert "Shuffled labels, interval and pairs of classes are of 60 of 120 films" in sample_words(
        replace(whole, n_tested=60, n_films=120)
    )
    sampled = replace(whole, n_tested=60, n_films=90_000, sampled=Sampled(80_000, 16, 0.01))
    assert "from 16 random parts with 80,000 of 90,000 films" in sample_words(sampled)
    assert "Shuffled labels and pairs of classes are of 60" in sample_words(sampled)


def test_pairs_that_chance_alone_would_show_are_said() -> None:
    p_value = np.full((14, 14), 0.5)
    p_value[0, 1:11] = p_value[1:11, 0] = 0.01
    p_value[np.diag_indices(14)] = np.nan
    said = pair_words(PairSeparation(p_value, p_value, p_value, p_value, np.zeros((14, 14), int)))
    assert "Of 91 pairs 10 are further apart; about 5 would be by chance, if labels said nothing" in said


def test_training_films_are_said_where_an_encoder_was_trained_on_them(open_page: Open, made_up: Path) -> None:
    page = open_page("embedding_space", made_up, separation_split="all")
    assert any("was trained on 120 of these films" in warning.value for warning in page.warning)
    assert not open_page("embedding_space", made_up).warning


def test_prompts_with_braces_are_templates_and_others_are_taken_as_they_are() -> None:
    assert asked_pair("Edema", "a film with {}\n\n{} is there", "no {}").present == (
        "a film with pulmonary edema",
        "pulmonary edema is there",
    )
    assert asked_pair("Edema", "swollen lungs", "clear lungs").absent == ("clear lungs",)
    with pytest.raises(PromptError):
        asked_pair("Edema", "a film with {}", "clear lungs")


def test_movements_are_one_row_a_class_and_rare_classes_are_not_estimable(study: Study) -> None:
    found = class_movements(study, "test")
    table = movement_table(found, "frozen", "fine-tuned")
    assert list(table["Films"]) == [f"{move.n_films:,}" for move in found]
    rare = [move.n_films < 5 for move in found]
    assert any(rare)
    assert [cell.startswith("not estimable, n = ") for cell in table["Turn"]] == rare


COLOURS = ("findings", "n_findings", "domain", "abnormal", "score", "outcome", "split", "view", "patient")


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_can_be_asked_for_in_the_address(open_page: Open, made_up: Path, colour: str) -> None:
    page = open_page("embedding_space", made_up, colour=colour)
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="colour").value == colour


def test_right_or_wrong_says_where_its_thresholds_come_from(open_page: Open, made_up: Path) -> None:
    assert "were fitted on the" in words(open_page("embedding_space", made_up, colour="outcome"))


def test_a_selection_in_the_address_is_shown_and_can_be_cleared(open_page: Open, made_up: Path, study: Study) -> None:
    link = to_link(np.array([3, 4, 150]), mark_of(study.image_ids), len(study.image_ids))
    page = open_page("embedding_space", made_up, selected=link)
    assert "Selection: 3 films" in words(page)
    assert "What the selection is made of" in words(page)
    next(button for button in page.button if button.label == "Clear selection").click().run()
    assert "Nothing is selected" in words(page)
    assert "selected" not in page.query_params


def test_a_selection_is_compared_with_the_films_on_the_map_it_is_part_of(
    open_page: Open, made_up: Path, study: Study
) -> None:
    """Two of the three selected films are of the test split."""
    link = to_link(np.array([3, 198, 199]), mark_of(study.image_ids), len(study.image_ids))
    page = open_page("embedding_space", made_up, selected=link, map_split="test")
    assert "2 of 3 selected films are on this map" in words(page)
    test = study.rows("test")
    shares = composition(study.labels, study.classes, [str(row) for row in range(200)], np.array([198, 199]), test)
    expected = composition_table(shares)
    shown = next(table for table in tables(page) if "Lift" in table[0])
    assert [row[1] for row in shown[1:]] == list(expected["Selected"])
    gone = to_link(np.array([3]), mark_of(study.image_ids), len(study.image_ids))
    page = open_page("embedding_space", made_up, selected=gone, map_split="test")
    assert "None of the 1 selected films is on this map" in words(page)
    assert "What the selection is made of" not in words(page)


def test_a_map_says_beside_itself_how_far_it_keeps_neighbours(open_page: Open, made_up: Path) -> None:
    said = words(open_page("embedding_space", made_up, encoder="both"))
    assert re.search(
        r"How far to trust the map: Frozen: trustworthiness 0\.\d\d, continuity 0\.\d\d; Fine-tuned: ", said
    )


def test_a_trial_of_prompts_is_of_one_study(open_page: Open, tmp_path: Path) -> None:
    """The same films in two studies: what was tried on the first is not shown under the second."""
    phantom = open_study(STUDIES / "phantom")
    margins = stored_margins(phantom, "Lung Opacity")
    figures = figures_of(phantom, "Lung Opacity", margins, "test")
    gain = auroc_gain(phantom, "Lung Opacity", margins, margins, "test")
    pair = stored_pair(phantom, "Lung Opacity")
    trial = PromptTrial(pair, "test", margins, margins, figures, figures, gain, ())
    page = open_page("embedding_space", STUDIES / "phantom", prompt_class="Lung Opacity", space_part="Prompts")
    page.session_state["space_part"] = "Prompts"
    for fingerprint, shown in ((phantom.fingerprint, True), ("another", False)):
        page.session_state["prompt_trial"] = (fingerprint, trial)
        page.run()
        assert ("How the scores moved" in words(page)) == shown


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (Difference(np.nan, not_estimable(0)), "undefined"),
        (Difference(0.1, not_estimable(3)), "not estimable"),
        (Difference(0.1, Interval(0.05, 0.15, 20, True)), "excludes 0"),
        (Difference(0.1, Interval(-0.05, 0.15, 20, True)), "may be chance"),
    ],
)
def test_a_gain_is_said_with_its_interval(gain: Difference, said: str) -> None:
    assert said in gain_words(gain)


def test_a_damaged_link_says_so_and_selects_nothing(open_page: Open, made_up: Path) -> None:
    page = open_page("embedding_space", made_up, selected="nonsense")
    assert not page.exception
    assert "The link's selection cannot be read" in page.warning[0].value
    assert "Nothing is selected" in words(page)


@pytest.mark.slow
def test_prompts_are_scored_beside_the_stored_ones(open_page: Open) -> None:
    page = open_page("embedding_space", STUDIES / "phantom")
    page.session_state["space_part"] = "Prompts"
    page.run()
    next(button for button in page.button if button.label == "Score these prompts").click().run()
    assert not page.error
    stored, same = tables(page)[-1][1:]
    assert stored[1:] == same[1:]
    page.text_area[0].set_value("clear {}")
    page.text_area[1].set_value("no {}")
    next(button for button in page.button if button.label == "Score these prompts").click().run()
    assert tables(page)[-1][1] == stored
    assert tables(page)[-1][2][1:] != stored[1:]
    page.text_area[1].set_value("clear {}")
    next(button for button in page.button if button.label == "Score these prompts").click().run()
    assert "both sides say the same" in page.error[0].value


def test_a_study_without_maps_gets_principal_components_unasked(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    folder = write_study(tmp_path / "no-maps", replace(embeddings_only(40), umaps={}))
    page = open_page("embedding_space", folder)
    assert not page.exception
    assert "Click a point for its film" not in words(page)
    request, deadline = MapRequest("frozen", "pca"), time.monotonic() + 60
    assert map_progress(open_study(folder), request).state in ("running", "finished")
    while finished_map(open_study(folder), request) is None and time.monotonic() < deadline:
        time.sleep(0.2)
    page.run()
    assert not page.exception
    assert "Click a point for its film" in words(page)
    page = open_page("embedding_space", folder, map_method="umap")
    assert "not made yet" in page.info[0].value
    assert map_progress(open_study(folder), MapRequest("frozen", "umap")).state == "absent"


def test_the_page_of_a_study_with_embeddings_only(open_page: Open, tmp_path: Path) -> None:
    page = open_page("embedding_space", make_embeddings_only(tmp_path / "only", n_films=60))
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="colour").options == [
        "One class", "Several classes", "Number of findings", "Domain", "No Finding or abnormal", "Patient",
    ]  # fmt: skip
    assert "| Frozen |" in words(page)


def test_the_numbers_of_a_map_are_in_its_address_within_their_limits(open_page: Open, made_up: Path) -> None:
    page = open_page("embedding_space", made_up, map_method="umap", map_n_neighbors="33", map_min_dist="7")
    assert not page.exception
    assert page.number_input(key="map_n_neighbors").value == 33
    assert page.number_input(key="map_min_dist").value == 0.1
    assert "".join(page.query_params["map_n_neighbors"]) == "33"
    assert "map_min_dist" not in page.query_params
