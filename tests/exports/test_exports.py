"""What is carried away says the same as the figures on screen, stands on its own, and is marked where exploratory."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import plotly.io
import pytest
from playwright.sync_api import Browser, expect

from core.exports.html import html_report
from core.exports.latex import latex_table
from core.exports.methods import methods_paragraph
from core.exports.notebook import notebook
from core.exports.spreadsheets import as_text, csv_of, csv_of_rows
from core.exports.tables import ALL_CLASSES, metrics_csv, metrics_latex
from core.exports.thresholds import threshold_json
from core.figures.thresholds import CURVES
from core.findings import CLASSES
from core.metrics.class_figures import class_figures_in
from core.report.compared import compare_settings
from core.study import Study, open_study
from core.thresholds import films_of, fit_thresholds
from core.thresholds.files import for_study, read_threshold_file
from core.thresholds.operating_point import operating_point
from tests.pages.made_study import make_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("exports") / "study", n_films=300))


@pytest.fixture(scope="module")
def sets(study):
    return {setting: fit_thresholds(study, setting) for setting in study.settings}


@pytest.fixture(scope="module")
def moved(study, sets):
    """The same, one of them moved while looking at test."""
    exploratory = sets["fine_tune"].with_values(sets["fine_tune"].array() - 0.2, films_of(study, "test"))
    return {**sets, "fine_tune": exploratory}


@pytest.fixture(scope="module")
def report(study, sets) -> str:
    return html_report(study, "test", sets)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def number(cell: str) -> float:
    return math.nan if cell == "" else float(cell)


def test_the_csv_has_every_figure_to_the_last_bit(study, sets) -> None:
    rows = rows_of(metrics_csv(study, "test", sets))
    assert len(rows) == len(study.settings) * (len(study.classes) + 1)
    for setting, chosen in sets.items():
        point = operating_point(study, setting, "test", chosen.array())
        own = {row["class"]: row for row in rows if row["setting"] == setting}
        for finding, counts in point.per_class.items():
            row = own[finding]
            assert (int(row["tp"]), int(row["fn"])) == (counts.tp, counts.fn)
            for name in ("precision", "recall", "specificity", "f1"):
                assert number(row[name]) == pytest.approx(getattr(counts, name), rel=0, abs=0, nan_ok=True)
                interval = point.intervals[finding][name]
                assert number(row[f"{name}_low"]) == pytest.approx(interval.low, rel=0, abs=0, nan_ok=True)
            assert number(row["threshold"]) == pytest.approx(chosen.values[finding] or math.nan, abs=0, nan_ok=True)
        macro, (low, high) = point.overall.macro_f1, (own[ALL_CLASSES][f"macro_f1_{end}"] for end in ("low", "high"))
        assert number(own[ALL_CLASSES]["macro_f1"]) == macro
        assert number(low) < macro < number(high)
        assert {row["fingerprint"] for row in own.values()} == {study.fingerprint}
        assert {row["reading"] for row in own.values()} == {"frozen"}


def test_exploratory_thresholds_are_marked_everywhere(study, sets, moved) -> None:
    readings = {row["setting"]: row["reading"] for row in rows_of(metrics_csv(study, "test", moved))}
    assert readings == {"zero_shot": "frozen", "linear_probe": "frozen", "fine_tune": "exploratory"}
    after, before = ({"fine_tune": one["fine_tune"]} for one in (moved, sets))
    for make in (metrics_latex, methods_paragraph, html_report, notebook):
        assert "EXPLORATORY" in make(study, "test", after), make.__name__
        frozen = make(study, "test", before)
        assert "EXPLORATORY" not in frozen, make.__name__
        assert "linical use" in frozen, make.__name__


def test_settings_policies_splits_and_thresholds_are_called_as_on_the_pages(study, sets) -> None:
    by_hand = sets["fine_tune"].with_values(sets["fine_tune"].array(), films_of(study, "val"))
    for make in (metrics_latex, methods_paragraph, html_report):
        text = re.sub("<script.*?</script>", "", make(study, "test", {**sets, "fine_tune": by_hand}), flags=re.DOTALL)
        assert "hresholds (highest F1) were fitted on the" in text, make.__name__
        assert "starting from highest F1." in text, make.__name__
        assert "Thresholds were set before these films were read." in text, make.__name__
        assert "validation films and not locked before these films were read." in text, make.__name__
        for name in ("max-f1", "frozen", "linear_probe", "fine_tune", " val "):
            assert name not in text, (make.__name__, name)


def test_on_the_films_of_the_fit_figures_are_called_optimistic(study, sets) -> None:
    assert {row["reading"] for row in rows_of(metrics_csv(study, "val", sets))} == {"optimistic"}
    assert "Optimistic" in methods_paragraph(study, "val", sets)


def test_the_threshold_file_says_what_its_sets_give_and_is_read_again(study, sets, moved) -> None:
    text = threshold_json(study, "test", moved)
    (*_, by_hand) = for_study(read_threshold_file(text), study)
    assert by_hand == moved["fine_tune"]
    figures = {one["setting"]: one["figures"] for one in json.loads(text)["sets"]}
    assert [one["reading"] for one in figures.values()] == ["frozen", "frozen", "exploratory"]
    point = operating_point(study, "linear_probe", "test", sets["linear_probe"].array())
    assert figures["linear_probe"]["overall"]["macro_f1"] == point.overall.macro_f1
    firm = figures["linear_probe"]["per_class"]["Lung Opacity"]
    assert firm["f1_corrected"] < firm["f1_apparent"]
    assert "f1_corrected" not in figures["fine_tune"]["per_class"]["Lung Opacity"]


def test_latex_of_a_heading_with_an_arrow_is_for_every_engine() -> None:
    """pdfTeX has no arrows outside of formulas."""
    found = latex_table(
        [["Setting", "Macro F1\N{NO-BREAK SPACE}↑", "Hamming loss ↓"], ["A", "1", "0"]], "Made up.", name="a"
    )
    assert r"Setting & Macro F1~$\uparrow$ & Hamming loss $\downarrow$ \\" in found


def test_latex_is_balanced_and_escaped(study, sets) -> None:
    text = metrics_latex(study, "test", sets)
    for name in ("table", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 3
    assert not re.search(r"(?<!\\)[_#$]", text)
    rows = [line for line in text.splitlines() if line.endswith(r"\\") and not line.startswith("Class")]
    assert len(rows) == 3 * len(study.classes)
    assert {line.count(" & ") for line in rows} == {3 + len(class_figures_in("latex"))}
    agreed = ["Precision", "Recall", "F1", "AUROC"]
    assert [figure.title for figure in class_figures_in("latex") if figure.title in agreed] == agreed


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("[CXR] mass", "{}[CXR] mass & "),
        ("*Edema", "{}*Edema & "),
        ("  [x]", "{}  [x] & "),
        ("a < b | c > d", r"a \textless{} b \textbar{} c \textgreater{} d & "),
        ("50 % of \\x_1", r"50 \% of \textbackslash{}x\_1 & "),
        ("Mass [2 cm]", "Mass [2 cm] & "),
    ],
)
def test_a_name_in_latex_is_not_taken_for_an_option_of_the_line_before(tmp_path: Path, name: str, row: str) -> None:
    own = named_study(tmp_path, name)
    text = metrics_latex(own, "test", {"zero_shot": fit_thresholds(own, "zero_shot")})
    assert any(line.startswith(row) for line in text.splitlines())
    assert not any(line.lstrip().startswith(("[", "*")) for line in text.splitlines())


def named_study(folder: Path, name: str) -> Study:
    """A study whose first class has a name of its own."""
    classes = (name, *CLASSES[1:])
    return open_study(make_study(folder / "study", n_films=60, classes=classes))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-Edema", "'-Edema"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tEdema", "'\tEdema"),
        ("\n=1+1", "'\n=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\r=1", " =1"),
        ("-0.25", "-0.25"),
        ("+3", "+3"),
        ("-1e-05", "-1e-05"),
        ("-1+2", "'-1+2"),
        ("Edema = yes", "Edema = yes"),
        ("", ""),
    ],
)
def test_no_cell_of_words_is_a_formula_and_numbers_stay_numbers(cell: str, written: str) -> None:
    assert as_text(cell) == written
    table = pd.DataFrame({cell: [cell, "x"], "number": [-0.5, 1.0]}, index=[cell, "y"])
    heading, first, _ = csv.reader(io.StringIO(csv_of(table, index=True), newline=""))
    assert heading == ["", written, "number"]
    assert first == [written, written, "-0.5"]


def test_rows_of_text_are_written_as_a_table_of_them_is() -> None:
    head, *cells = rows = [["Setting", "=F1"], ["a, b", "-0.1"], ['said "so"', ""], ["-x", "two\nlines"]]
    assert csv_of_rows(rows) == csv_of(pd.DataFrame(cells, columns=head))
    assert csv_of_rows(rows).splitlines()[1] == '"a, b",-0.1'


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "@Mass", "-Edema"])
def test_a_class_whose_name_is_a_formula_is_words_in_the_csv(tmp_path: Path, name: str) -> None:
    own = named_study(tmp_path, name)
    rows = rows_of(metrics_csv(own, "test", {"zero_shot": fit_thresholds(own, "zero_shot")}))
    assert rows[0]["class"] == f"'{name}"
    assert all(math.isfinite(float(row["threshold"])) for row in rows if row["threshold"])
    assert any(row["threshold"].startswith("-") for row in rows)


class Loads(HTMLParser):
    """Everything that a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        asked = [(name, value or "") for name, value in attrs if name in ("src", "href", "srcset", "data")]
        self.found += [f"{tag} {value}" for _, value in asked if not value.startswith(("data:image/", "#"))]


def test_the_report_loads_nothing(study, sets, report: str) -> None:
    text = report
    page = Loads()
    page.feed(text)
    assert page.found == []
    assert text.count("Plotly.newPlot(") >= len(CURVES)
    assert "synthetic" in text
    assert "Zero-shot less Fine-tuning" in text
    assert methods_paragraph(study, "test", sets).split(" (")[0] in text


@pytest.mark.parametrize("name", ["<b>Mass</b>", ":material/home:", "`tick` & <i>tock</i>", "a</td><script>x"])
def test_a_class_stands_in_the_report_as_it_is_written(tmp_path: Path, name: str) -> None:
    own = named_study(tmp_path, name)
    text = html_report(own, "test", {"zero_shot": fit_thresholds(own, "zero_shot")})
    page = Cells()
    page.feed(text)
    assert name in page.found


class Cells(HTMLParser):
    """The cells of every table."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_cell = tag == "td"
        self.found += [""] * self.is_cell

    def handle_endtag(self, tag: str) -> None:
        self.is_cell = False

    def handle_data(self, data: str) -> None:
        if self.is_cell:
            self.found[-1] += data


def test_names_cannot_break_out_of_the_report(study, sets, monkeypatch) -> None:
    monkeypatch.setattr(type(study), "name", property(lambda self: "<script>alert('x')</script>"))
    assert "<script>alert" not in html_report(study, "test", {"zero_shot": sets["zero_shot"]})


@pytest.mark.browser
def test_the_report_opens_with_the_network_off(study, report: str, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report, encoding="utf-8")
    window = browser.new_context(offline=True)
    page = window.new_page()
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(path.as_uri())
    page.locator(".main-svg").first.wait_for()
    assert page.locator(".js-plotly-plot").count() == len(CURVES)
    assert page.locator("table").count() == 4 + 3 * len(study.settings)  # two of each from val to test
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    page.set_viewport_size({"width": 1280, "height": 800})
    scrolls = "[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).length"
    assert page.evaluate(scrolls) == 0
    links = page.get_by_role("navigation", name="Contents").get_by_role("link")
    assert links.all_inner_texts() == page.locator("h2").all_inner_texts()
    links.last.click()
    expect(page.get_by_role("heading", name="Methods")).to_be_in_viewport()
    assert problems == []
    window.close()


@pytest.mark.browser
def test_the_printed_report_keeps_every_column(tmp_path: Path, study, report: str, browser: Browser) -> None:
    """A4 without its margins is 703 pixels wide; what lies beyond is not printed."""
    path = tmp_path / "report.html"
    path.write_text(report, encoding="utf-8")
    page = browser.new_context(offline=True, viewport={"width": 1920, "height": 900}).new_page()
    page.goto(path.as_uri())
    page.locator(".main-svg").first.wait_for()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 990})
    ends = page.evaluate(
        "[...document.querySelectorAll('th, .main-svg')].map((one) => one.getBoundingClientRect().right)"
    )
    assert len(ends) > 10 * len(study.settings)
    assert max(ends) <= 703
    expect(page.get_by_role("navigation")).to_have_count(0)  # links lead nowhere on paper
    assert len(page.pdf(format="A4")) > 10_000
    page.context.close()


def test_the_notebook_runs_and_draws_the_same_figures(study, moved, monkeypatch) -> None:
    monkeypatch.setattr(plotly.io.renderers, "default", "json")
    content = json.loads(notebook(study, "test", moved))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])
    code = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {}
    for source in code[:3]:
        exec(source, names)
    assert code[3:] == [f"draw[{name!r}](curves)" for name, _, _ in CURVES]
    assert plotly.io.renderers.default == "plotly_mimetype+notebook"
    drawn = eval(code[3], names)
    from core.thresholds.curves import study_curves

    assert drawn.to_json() == CURVES[0][2](study_curves(study, "test", moved)).to_json()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a `b` $c$ *d*", r"a \`b\` \$c\$ \*d\*"),
        ("x\n# y", r"x \# y"),
    ],
)
def test_names_are_words_in_the_notebook(study, sets, name: str, written: str) -> None:
    named = Study(study.root, dataclasses.replace(study.manifest, name=name))
    content = json.loads(notebook(named, "test", sets))
    words = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "markdown"]
    assert words[0].startswith(f"# {written}: thresholds")
    assert f"from the study {written} (" in words[-1]
    assert not any(name in one for one in words)


def test_a_notebook_refuses_another_study(study, sets, tmp_path: Path) -> None:
    from core.errors import CoreError

    other = make_study(tmp_path / "other", n_films=60, seed=1)
    content = json.loads(notebook(study, "test", sets))
    code = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {}
    exec(code[0], names)
    names["STUDY"] = str(other)
    with pytest.raises(CoreError, match="another study"):
        exec(code[1], names)


def test_the_report_says_which_setting_is_best_and_what_thresholds_are_worth_elsewhere(study: Study, sets) -> None:
    text = html_report(study, "test", sets)
    found = compare_settings(study, "test", tuple(sets.values()))
    assert found is not None
    assert f"<strong>{found.verdict.sentence}</strong>" in text.replace("&#39;", "'")
    assert "Thresholds under other settings, by rank: Macro F1" in text
    assert "A margin is no logit" in text
