"""Every page, alone and without a browser: what it says on a whole study, on one that lacks parts, on a broken one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from core.findings import CLASSES
from pages.shared.navigation import PAGES
from tests.pages.conftest import Open, components
from tests.pages.real_study import import_nih
from tests.unpacked import unpacked

STEMS = [page.stem for page in PAGES]


def words(page) -> str:
    """Everything that a page says."""
    kinds = ("title", "header", "markdown", "caption", "info", "error", "code", "metric")
    return "\n".join(str(element.value) for kind in kinds for element in page.get(kind))


def tables(page) -> list[list[list[str]]]:
    """The Markdown tables of a page: rows of cells, headings first, without the line below them."""
    texts = [str(element.value) for element in page.get("markdown") if str(element.value).startswith("| ")]
    rows = [[line.strip("| ").split(" | ") for line in text.splitlines()] for text in texts]
    return [[table[0], *table[2:]] for table in rows]


@pytest.fixture(scope="session")
def nih(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return import_nih(real_data, tmp_path_factory.mktemp("nih"))


@pytest.mark.parametrize("stem", STEMS)
def test_a_page_opens_alone_and_says_what_the_films_are(open_page: Open, made_up: Path, stem: str) -> None:
    page = open_page(stem, made_up)
    assert not page.exception
    assert not page.error
    said = words(page)
    assert "Synthetic films" in said
    assert "not for clinical use" in said


def test_the_header_names_the_study_and_the_page_and_opens_what_words_mean(open_page: Open, made_up: Path) -> None:
    page = open_page("per_class", made_up)
    header = page.main.children[0]
    assert [str(one.value) for one in header.get("title")] == ["Per class"]
    said = [str(one.value) for one in header.get("markdown")]
    assert said[:2] == ["**CLIP on chest films**", "**Made-up films**"]
    badges = [one for one in header.get("markdown") if "badge" in str(one.value)]
    assert len(badges) == 1
    assert "Research only, not for clinical use." in badges[0].proto.help
    page.button(key="words").click().run()
    assert not page.exception
    assert any(row[0] == "Zero-shot" for table in tables(page) for row in table)


@pytest.mark.real
@pytest.mark.parametrize("stem", STEMS)
def test_a_page_opens_on_real_films_and_calls_them_no_other(open_page: Open, nih: Path, stem: str) -> None:
    page = open_page(stem, nih)
    assert not page.exception
    assert not page.error
    assert "Synthetic" not in words(page)


@pytest.mark.real
def test_pages_that_need_more_say_what_and_which_command(open_page: Open, nih: Path) -> None:
    assert "no image embeddings" in words(open_page("embedding_space", nih))
    assert "python -m core build" in words(open_page("embedding_space", nih))
    assert "not the model" in words(open_page("saliency", nih))
    parts = {row[0].split()[-1]: row[1:] for row in tables(open_page("overview", nih))[-1]}
    assert parts["Masks"][0].startswith("**Missing.**")
    assert "python -m core annotate" in parts["Masks"][1]


def plain(cell: str) -> str:
    """A cell of a table without its colour and its marks."""
    return re.sub(r":\w+\[\W*([\d.]+)\W*\]", r"\1", cell)


def test_overview_shows_the_published_figures_below_the_studys_own(open_page: Open, made_up: Path) -> None:
    heads, *rows = tables(open_page("overview", made_up, protocol="paper"))[0]
    assert [heading[-1] for heading in heads[1:9]] == ["↑", "↓", "↑", "↑", "↑", "↑", "↓", "↓"]
    beneath = "in\N{NO-BREAK SPACE}the\N{NO-BREAK SPACE}paper"
    titles = ["Zero-shot", beneath, "Linear\N{NO-BREAK SPACE}probe", beneath, "Fine-tuning", beneath]
    assert [row[0] for row in rows] == titles
    assert [rows[place][4] for place in (1, 3, 5)] == ["0.105", "0.183", "0.235"]


def test_the_evaluation_changes_the_figures_and_the_sentence(open_page: Open, made_up: Path) -> None:
    page = open_page("overview", made_up)
    assert "our evaluation" in words(page)
    before = tables(page)[0]
    page.get("segmented_control")[0].set_value("paper").run()
    assert not page.exception
    assert "this study evaluated likewise" in words(page)
    assert "BiomedCLIP on IU-Xray, 573 frontal test films" in words(page)
    assert before != tables(page)[0]


def test_one_choice_shows_published_and_ours_and_in_each_line_why_it_differs(open_page: Open, made_up: Path) -> None:
    ours, published = (tables(open_page("overview", made_up, protocol=one))[0] for one in ("sound", "paper"))
    page = open_page("overview", made_up, protocol="both")
    assert not page.exception
    drawn = next(str(one.proto.body) for one in page.get("html") if "<details>" in str(one.proto.body))
    column = next(place for place, heading in enumerate(ours[0]) if heading.startswith("Macro F1"))
    heading = ours[0][column]
    own = plain(published[1][published[0].index(heading)]), plain(ours[1][column])
    lines = drawn.split(heading)[1].split("<tr>")[:3]
    for line, figure, why in zip(lines, ("0.105", *own), ("", "Model and films", "Undefined figures"), strict=True):
        assert figure in line
        assert why in line
    assert "Cut in the table of classes" in drawn
    assert any(row[0] == "0.90" for table in tables(page) for row in table)


def test_per_class_lists_every_class_with_counts_and_intervals(open_page: Open, made_up: Path) -> None:
    table = open_page("per_class", made_up).dataframe[0].value
    assert list(table["Class"]) == list(CLASSES)
    assert table["F1, 95 %"].str.contains("not estimable|to").all()


PARTS = {
    "Curves of one class": "ROC:",
    "Settings compared": "Each setting at its own thresholds",
    "Over-prediction": "1 is balance",
    "Findings together": "Labelled together:",
    "Calibration": "sigmoid of the logit",
    "Groups of films": "has no age, sex or view to group them by",
}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_of_the_per_class_page_opens(open_page: Open, made_up: Path, part: str) -> None:
    page = open_page("per_class", made_up)
    page.session_state["class_part"] = part
    page.run()
    assert not page.exception
    assert PARTS[part] in words(page)


def test_per_class_decides_by_the_thresholds_in_use_or_as_published(open_page: Open, made_up: Path) -> None:
    page = open_page("per_class", made_up, thresholds="2~by-youden")
    assert "Youden" in words(page)
    in_use = page.dataframe[0].value
    assert not in_use["Predicted"].equals(open_page("per_class", made_up).dataframe[0].value["Predicted"])
    page.get("segmented_control")[2].set_value("paper").run()
    published = page.dataframe[0].value
    assert not page.exception
    assert "The paper's evaluation:" in words(page)
    assert "F1, 95 %" in in_use
    assert "F1, 95 %" not in published
    assert set(published["Threshold"]) == {0}


def test_a_table_of_some_classes_leaves_none_of_them_out(open_page: Open, made_up: Path) -> None:
    page = open_page("per_class", made_up)
    page.get("segmented_control")[3].set_value("Pulmonary").run()
    assert len(page.dataframe[0].value) == 9
    page.get("segmented_control")[3].set_value("enough").run()
    assert (page.dataframe[0].value["Positive"] >= 5).all()


@pytest.mark.real
def test_groups_and_calibration_of_real_films(open_page: Open, nih: Path) -> None:
    """The scores are probabilities of another model."""
    page = open_page("per_class", nih)
    for part, said in (("Calibration", "the model's own"), ("Groups of films", "every group at the same threshold")):
        page.session_state["class_part"] = part
        page.run()
        assert not page.exception
        assert said in words(page)


def test_overview_says_whose_labels_iu_xray_has_beside_the_published_figures(
    open_page: Open, made_up: Path, tmp_path: Path
) -> None:
    assert "Labels: derived" not in words(open_page("overview", made_up, protocol="paper"))
    study = tmp_path / "iu-xray"
    shutil.copytree(made_up, study)
    manifest = json.loads((study / "manifest.json").read_text())
    origin = {"source": "derived from OpenI's expert coding", "rules_version": 1}
    manifest["dataset"] |= {"name": "iu-xray", "labels": origin}
    (study / "manifest.json").write_text(json.dumps(manifest))
    page = open_page("overview", study, protocol="paper")
    assert not page.exception
    assert "derived from OpenI's expert coding" in words(page)
    assert "with the paper's own labels" in words(page)


def test_overview_says_how_sure_it_is(open_page: Open, made_up: Path) -> None:
    page = open_page("overview", made_up)
    sure, differ = tables(page)[1:3]
    assert sure[0][1] == "Macro F1, 10 classes"
    assert all("to" in cell for row in sure[1:] for cell in row[1:])
    assert [row[0].replace("\N{NO-BREAK SPACE}", " ") for row in differ[1:]] == [
        "Fine-tuning minus Zero-shot",
        "Linear probe minus Zero-shot",
        "Linear probe minus Fine-tuning",
    ]


def test_a_film_in_the_address_is_shown_with_its_labels(open_page: Open, made_up: Path) -> None:
    page = open_page("embedding_space", made_up, film="film-0170")
    assert "film-0170" in words(page)
    (film,) = [one.proto for one in components(page) if one.proto.component_name == "film_map_film"]
    told = unpacked(film.bytes)
    assert (told["title"], len(told["labels"])) == ("film-0170", len(CLASSES))


def test_saliency_without_a_model_shows_film_and_masks_and_says_so(open_page: Open, made_up: Path) -> None:
    page = open_page("saliency", made_up)
    assert "not the model" in words(page)
    assert {one.proto.component_name for one in components(page)} == {
        "film_viewer",
        "film_viewer_display",
        "study_list",
    }


def test_next_film_goes_on(open_page: Open, made_up: Path) -> None:
    page = open_page("saliency", made_up)
    first = page.selectbox(key="saliency_film").value
    page.button(key="film_Next").click().run()
    films = page.selectbox(key="saliency_film").options
    assert films.index(page.selectbox(key="saliency_film").value) == films.index(first) + 1


@pytest.mark.parametrize("stem", STEMS)
def test_no_study_at_all_is_an_empty_state_with_both_commands(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stem: str
) -> None:
    monkeypatch.setattr("pages.shared.studies.STUDIES", tmp_path)
    page = open_page(stem)
    assert not page.exception
    assert "python -m core build" in words(page)
    assert "python -m core import" in words(page)


def _newer(study: Path) -> None:
    manifest = json.loads((study / "manifest.json").read_text())
    (study / "manifest.json").write_text(json.dumps({**manifest, "schema_version": 99}))


def _truncated(study: Path) -> None:
    path = study / "settings" / "zero_shot" / "scores.npy"
    path.write_bytes(path.read_bytes()[:-100])


def _climbing(study: Path) -> None:
    text = (study / "manifest.json").read_text()
    (study / "manifest.json").write_text(text.replace('"masks.parquet"', '"../masks.parquet"'))


@pytest.mark.parametrize("damage", [_newer, _truncated, _climbing])
@pytest.mark.parametrize("stem", ["overview", "saliency"])
def test_a_broken_study_is_a_sentence_and_others_stay_pickable(
    open_page: Open, made_up: Path, tmp_path: Path, damage, stem: str
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(made_up, broken)
    damage(broken)
    page = open_page(stem, broken, made_up)
    assert not page.exception
    assert "What to do:" in page.error[0].value
    page.selectbox(key="study").set_value("made-up").run()
    assert not page.exception
    assert not page.error


def test_the_app_opens_on_the_overview(open_page: Open, made_up: Path) -> None:
    page = open_page("app", made_up)
    assert not page.exception
    assert page.title[0].value == "Overview"


def test_the_address_names_the_study_and_one_that_is_not_here_is_missed_aloud(
    open_page: Open, made_up: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(made_up, tmp_path / "another"))
    page = open_page("app", other, made_up)
    assert "".join(page.query_params["study"]) == "another"
    assert not page.warning
    page = open_page("app", other, made_up, study="gone")
    assert "".join(page.query_params["study"]) == "another"  # opened last
    assert "gone, which is not here" in page.warning[0].value
    page.selectbox(key="study").set_value("made-up").run()
    assert "".join(page.query_params["study"]) == "made-up"
    assert not page.warning
