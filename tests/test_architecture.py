"""What may load what: no Streamlit below the pages, nothing slow to open a study, imports downward only."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from pages.shared import navigation
from tests.golden.make_study_v1 import STUDY

PROJECT = Path(__file__).resolve().parent.parent

LAYERS: tuple[tuple[str, ...], ...] = (
    (
        "core.archives",
        "core.errors",
        "core.findings",
        "core.geometry",
        "core.jobs",
        "core.paths",
        "core.quantities",
        "core.files",
        "core.locks",
        "core.memory",
        "core.text_tables",
        "core.recent",
        "core.turns",
        "core.registries",
        "core.greys",
        "core.pictures",
        "core.words",
    ),
    ("core.annotations", "core.labels"),
    ("core.study", "core.intake", "core.datasets", "core.models"),
    (
        "core.arena",
        "core.building",
        "core.claims",
        "core.fetching",
        "core.label_budget",
        "core.metrics",
        "core.own_film",
        "core.paper",
        "core.pretraining",
        "core.projection",
        "core.prompts",
        "core.report",
        "core.room",
        "core.saliency",
        "core.settings",
        "core.space",
        "core.story",
        "core.thresholds",
        "core.twins",
    ),
    ("core.figures", "core.exports"),
    ("core.commands", "core.__main__"),
    ("pages.shared",),
    ("pages", "app"),
)
"""From the ground up; a module imports its own layer and those below it. An entry is a module or a folder."""

NEVER_BETWEEN = {
    "core.study": ("core.datasets", "core.models", "core.intake"),
    "core.models": ("core.datasets", "core.study", "core.intake"),
    "core.metrics": ("core.settings", "core.saliency", "core.models", "core.datasets", "core.report"),
    "core.settings": ("core.building", "core.report", "core.space", "core.own_film", "core.paper", "core.thresholds"),
    "core.thresholds": ("core.report", "core.saliency", "core.models", "core.datasets"),
}
"""Neighbours that do not know each other."""

PAGES = tuple(entry.stem for entry in navigation.PAGES)
PASSING_ON = ("core.models.torchvision_guard",)
"""A module that exists to hand on another, made safe to import."""

SLOW = (
    "torch", "umap", "sklearn", "scipy", "numba", "transformers", "open_clip", "timm", "streamlit", "matplotlib", "cv2",
    "pytorch_grad_cam",
)  # fmt: skip


@cache
def _modules() -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    paths = [*PROJECT.glob("core/**/*.py"), *PROJECT.glob("pages/**/*.py"), PROJECT / "app.py"]
    return {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
        if path.is_file()
    }


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported(name: str, path: Path, modules: dict[str, Path]) -> Iterator[str]:
    """The project's modules that one imports, wherever in its text the import stands."""
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports by a relative path"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else str(node.module)


def _layer(name: str) -> int:
    """The number of a module's layer: that of the longest entry that it is, or is in."""
    found = [
        (len(entry), number)
        for number, layer in enumerate(LAYERS)
        for entry in layer
        if f"{name}.".startswith(f"{entry}.")
    ]
    assert found, f"{name} is in no layer; say in LAYERS where it belongs"
    return max(found)[1]


def _is_ours(name: str) -> bool:
    return name.split(".")[0] in ("core", "pages", "app")


@pytest.mark.parametrize("name", sorted(set(_modules()) - {"core"}))
def test_imports_run_downward_only(name: str) -> None:
    modules = _modules()
    for other in _imported(name, modules[name], modules):
        if _is_ours(other) and other != "core":
            assert _layer(other) <= _layer(name), f"{name} imports {other}, which is above it"
            strangers = [names for below, names in NEVER_BETWEEN.items() if name.startswith(below)]
            assert not any(other.startswith(names) for names in strangers), f"{name} imports {other}"


@pytest.mark.parametrize("page", PAGES)
def test_what_one_page_alone_reaches_lives_with_it(page: str) -> None:
    """And no page knows another: their folders meet in `pages.shared` only."""
    graph = _graph()
    folder = f"pages.{page}"
    reached = _reached(graph, f"{folder}.page")
    elsewhere = [other for name in PAGES if name != page for other in _reached(graph, f"pages.{name}.page")]
    own = {name for name in reached if name.startswith("pages.") and name not in elsewhere}
    # what the app itself reaches serves all pages, though one alone may import it
    lodgers = {name for name in own - _reached(graph, "app") if not f"{name}.".startswith(f"{folder}.")}
    assert not lodgers, f"only the page {page} reaches {sorted(lodgers)}: move them to pages/{page}"
    for name in graph:
        if f"{name}.".startswith(f"{folder}."):
            strangers = {other for other in graph[name] if _is_of_another_page(other, page)}
            assert not strangers, f"{name} imports {sorted(strangers)} of another page"


def test_shared_holds_what_two_pages_reach() -> None:
    graph = _graph()
    shared = [name for name in graph if name.startswith("pages.shared.")]
    assert len(shared) <= 20, f"pages/shared holds {len(shared)} modules"
    unreached = set(shared) - _reached(graph, "app").union(*(_reached(graph, f"pages.{page}.page") for page in PAGES))
    assert not unreached, f"no page reaches {sorted(unreached)}"


def test_the_root_of_core_is_the_ground_floor() -> None:
    """A module beside the folders of core imports none of them."""
    modules = _modules()
    loose = [name for name, path in modules.items() if path.parent == PROJECT / "core" and name != "core"]
    for name in loose:
        above = [other for other in _imported(name, modules[name], modules) if other.count(".") > 1]
        assert not above, f"{name} imports {above}: it belongs into the folder of its subject"


def test_no_circle_of_imports() -> None:
    """Imports for types alone count too."""
    graph = _graph()
    for name in graph:
        assert name not in _reached(graph, name), f"{name} imports itself, through others"


def test_only_a_package_passes_on_what_it_imports() -> None:
    for name, path in _modules().items():
        if path.name != "__init__.py" and name not in PASSING_ON:
            assert "__all__" not in path.read_text(encoding="utf-8"), f"{name} passes on what others define"


@cache
def _graph() -> dict[str, set[str]]:
    """The project's imports by module; a package stands for what its own `__init__` imports."""
    modules = _modules()
    return {
        name: {other for other in _imported(name, path, modules) if other in modules} for name, path in modules.items()
    }


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """What a module imports, directly or through others."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in graph[waiting.pop()] - found:
            found.add(other)
            waiting.append(other)
    return found


def _is_of_another_page(name: str, page: str) -> bool:
    parts = name.split(".")
    return parts[0] == "pages" and len(parts) > 1 and parts[1] in PAGES and parts[1] != page


def test_no_attribute_is_read_by_a_name_in_a_variable() -> None:
    """Rows are typed: what mypy accepts is there at run time."""
    for name, path in _modules().items():
        for node in ast.walk(_parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
                assert isinstance(node.args[1], ast.Constant), f"{name}, line {node.lineno}: getattr by a variable"


def test_numbers_are_said_in_words_py_alone() -> None:
    """No other module has a sign of its own for what is undefined, nor words for an interval that is not there."""
    for name, path in _modules().items():
        if name == "core.words":
            continue
        for node in ast.walk(_parsed(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in ("–", "n.e."), f"{name}, line {node.lineno}: say it by core.words.UNDEFINED"


def test_core_names_no_streamlit() -> None:
    for name, path in _modules().items():
        if name.startswith("core"):
            roots = {other.split(".")[0] for other in _imported(name, path, {})}
            assert not roots & {"streamlit", "pages", "app"}, name


def test_core_loads_no_streamlit() -> None:
    """All of core, in a fresh process."""
    names = sorted(name for name in _modules() if name.startswith("core") and name != "core.__main__")
    code = f"import importlib\nfor name in {names!r}: importlib.import_module(name)\nimport core.__main__"
    assert "streamlit" not in _loaded_by(code)


def test_opening_a_study_loads_nothing_slow() -> None:
    """Every part of it is read, masks too."""
    code = f"""
from core.study import open_study
study = open_study({str(STUDY)!r})
study.images, study.labels, study.fingerprint, study.splits()
for setting in study.settings: study.scores(setting)
for encoder in study.encoders: study.image_embeddings(encoder), study.umap(encoder)
for annotation in study.annotations(): annotation.mask(), annotation.outlines()
"""
    assert _loaded_by(code) & set(SLOW) == set()


def test_asking_of_an_embedding_space_loads_nothing_slow() -> None:
    """Colours, selections, neighbours, separation, suspects, movements, maps that are there or under way."""
    code = f"""
from core.projection import cache, jobs, placing, record, request
from core.space import colouring, colourings, composition, label_review, movement, neighbours
from core.space import separation, study_model, suspects, text
from core.study import open_study
study = open_study({str(STUDY)!r})
rows = study.rows("all")
for entry in colourings.available_colourings(study):
    findings = ("Cardiomegaly", "Lung Opacity")
    colourings.colouring(study, colouring.ColourRequest(entry.name, findings[0], findings, "zero_shot"))
composition.composition(study.labels, study.classes, study.images["patient_id"], rows[:5], rows)
neighbours.film_neighbours(study, "frozen", 0), neighbours.agreement_of(study, "frozen", rows)
separation.separation_of(study, "frozen", "all", n_shuffles=5, n_resamples=5)
separation.class_separation_of(study, "frozen", "all", n_shuffles=5, n_resamples=5)
label_review.label_suspects(study, "frozen")
suspects.near_duplicates(study, "frozen"), suspects.outliers(study, "frozen")
movement.class_movements(study), text.modality_gap(study), study_model.why_not(study)
record.map_quality_of(study, "frozen"), jobs.map_progress(study, request.MapRequest("frozen"))
placing.place_film(study, "frozen", study.image_embeddings("frozen")[0])
"""
    assert _loaded_by(code) & set(SLOW) == set()


@pytest.mark.parametrize("command", ["check", "report"])
def test_commands_on_a_study_load_nothing_slow(command: str) -> None:
    code = f"from core.__main__ import main\nassert main([{command!r}, {str(STUDY)!r}]) == 0"
    assert _loaded_by(code) & set(SLOW) == set()


def test_thresholds_and_what_is_carried_away_load_nothing_slow() -> None:
    code = f"""
from core.exports.html import html_report
from core.exports.notebook import notebook
from core.exports.tables import metrics_csv
from core.study import open_study
from core.thresholds import fit_thresholds
from core.thresholds.spread import threshold_spread
import core.commands.decide, core.commands.fit, core.thresholds.packed_counts
study = open_study({str(STUDY)!r})
sets = {{setting: fit_thresholds(study, setting, exploratory=True) for setting in study.settings}}
html_report(study, "all", sets), notebook(study, "all", sets), metrics_csv(study, "all", sets)
threshold_spread(study, study.settings[0], split="all")
"""
    assert _loaded_by(code) & set(SLOW) == set()


def test_what_settings_say_of_themselves_loads_nothing_slow() -> None:
    assert _loaded_by("import core.settings.registry, core.settings.titles") & set(SLOW) == set()


def test_importing_a_study_loads_nothing_slow() -> None:
    assert _loaded_by("import core.commands.import_, core.building.importing") & set(SLOW) == set()


def _loaded_by(code: str) -> set[str]:
    """Top-level names in sys.modules of a fresh process that ran some code."""
    ending = "\nimport json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    command = [sys.executable, "-c", code + ending]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))
