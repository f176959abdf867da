"""Every command that the product names works in the state in which it names it.

The commands are collected from the texts of the product: one that has no case here fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.paths import PROJECT
from core.projection import beside
from core.saliency.localization.compute import saliency_table
from core.study import layout, open_study, write_study
from tests.building.interrupted import first_dimensions, write_films
from tests.models.tiny import make_tiny_clip
from tests.pages.embeddings_only import embeddings_only

TEXTS = ("README.md", "data/README.md", "checkpoints/README.md")
_COMMAND = re.compile(r"python -m core ([a-z]+)([^`\"\n,;:|]*)")
_SCENARIO = Callable[[Path, pytest.CaptureFixture[str]], None]


def recommended() -> set[str]:
    """What follows `python -m core` in every text that a user can see; a module's first docstring is for developers."""
    found: set[str] = set()
    for path in [*PROJECT.glob("core/**/*.py"), *PROJECT.glob("pages/**/*.py"), *(PROJECT / name for name in TEXTS)]:
        text = path.read_text(encoding="utf-8")
        text = re.sub(r'\A""".*?"""', "", text, count=1, flags=re.DOTALL) if path.suffix == ".py" else text
        found |= {f"{name}{rest}".strip(" .\\") for name, rest in _COMMAND.findall(text)}
    return found


def _films_with_marks(folder: Path, *, marked: tuple[int, ...]) -> Path:
    """Films of a folder dataset, and a box on some of them; every fifth is a test film, every sixth of val."""
    root = write_films(folder / "films", 30)
    first = pd.read_csv(root / "labels.csv").columns[2]
    images = [
        {"id": number, "file_name": f"f{number:04d}.png", "height": 90, "width": 76} for number in range(len(marked))
    ]
    for image, film in zip(images, marked, strict=True):
        image["file_name"] = f"f{film:04d}.png"
    boxes = [{"id": n, "image_id": n, "category_id": 1, "bbox": [10, 12, 30, 40]} for n in range(len(marked))]
    coco = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": first}]}
    (root / "masks.json").write_text(json.dumps(coco))
    return root


def _build(folder: Path, films: Path, *more: str) -> Path:
    out, model = folder / "built", make_tiny_clip(folder / "model")
    arguments = ["build", "folder", str(model), "--root", str(films), "--out", str(out), "--settings", "zero_shot"]
    assert main([*arguments, *more]) == 0
    return out


def saliency_after_a_build(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Films of train, val and test are drawn on, and those of test alone are stored, as by default."""
    out = _build(folder, _films_with_marks(folder, marked=(0, 1, 5, 6, 12)))
    said = capsys.readouterr().out
    assert f"`python -m core saliency {out}`" in said
    assert "Left out: 2 annotated films of val and test that the study does not store" in said
    assert main(["saliency", str(out)]) == 0
    assert "Left out: 2 annotated films" in capsys.readouterr().out
    table = saliency_table(open_study(out))
    assert table is not None
    assert sorted(set(table.rows["image_id"])) == ["f0000", "f0005"]
    assert main(["saliency", str(out), "--layers", "all"]) == 0


def no_saliency_where_no_film_is_stored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command is not recommended; what would have to be done is."""
    films = _films_with_marks(folder, marked=(1, 6))
    out = _build(folder, films)
    said = capsys.readouterr().out
    assert "core saliency" not in said
    assert "none of them is stored" in said
    assert "--films all" in said
    assert main(["saliency", str(out)]) == 2
    assert main(["build", "folder", str(folder / "model"), "--root", str(films), "--out", str(out), "--replace",
                 "--settings", "zero_shot", "--films", "all"]) == 0  # fmt: skip
    assert main(["saliency", str(out)]) == 0


def from_import_to_decisions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The README's way: import, check, report, fit, decide, report with these thresholds; then marks are added."""
    films = _films_with_marks(folder, marked=(0, 5))
    table = pd.read_csv(films / "labels.csv")
    scores = table.drop(columns="split").set_index("image_id").astype(float)
    (scores * 0.5 + np.random.default_rng(0).random(scores.shape) * 0.4).to_csv(folder / "scores.csv")
    out, thresholds = str(folder / "mine"), str(folder / "thresholds.json")
    named = ["--out", out, "--name", "Mine", "--labels", str(films / "labels.csv")]
    unscored = write_study(folder / "unscored", embeddings_only(40))
    assert main(["fit", str(unscored), "--out", thresholds]) == 2
    assert "no scores" in capsys.readouterr().err
    assert not Path(thresholds).exists()
    scored = ["--scores", f"zero_shot={folder / 'scores.csv'}", "--images", str(films)]
    assert main(["import", *named, *scored]) == 0
    assert main(["annotate", out, str(films / "masks.json"), "--reader", "Reader 1"]) == 0
    for command in (
        ["check", out],
        ["report", out, "--split", "test"],
        ["fit", out, "--setting", "zero_shot", "--policy", "max-f1", "--out", thresholds],
        ["decide", out, thresholds, "--scores", str(folder / "scores.csv"), "--out", str(folder / "decisions.csv")],
        ["report", out, "--thresholds", thresholds],
    ):
        assert main(command) == 0, command


def maps_of_an_import(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A study with embeddings and without maps; of saliency it is said at once what no marks would mend."""
    root = write_study(folder / "study", replace(embeddings_only(40), umaps={}))
    assert main(["saliency", str(root)]) == 2
    said = capsys.readouterr().err
    assert "core annotate" not in said
    assert "`python -m core build DATASET MODEL --out DIR`" in said
    assert not open_study(root).has(layout.umap_part("frozen", 2))
    assert main(["project", str(root)]) == 0
    assert open_study(root).has(layout.umap_part("frozen", 2))


def a_first_study(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the app says where there is no study, in small."""
    out = folder / "phantom"
    few = ["--limit", "24", "--settings", "zero_shot,linear_probe", "--rate-scale", "4"]
    assert main(["build", "phantom", "phantom-clip", "--out", str(out), *few]) == 0
    assert main(["check", str(out)]) == 0


def more_settings_for_a_build(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings that are added to a study later; what none of them needs, the films, is not asked for."""
    out = folder / "phantom"
    few = ["--limit", "24", "--settings", "zero_shot"]
    assert main(["build", "phantom", "phantom-clip", "--out", str(out), *few]) == 0
    assert main(["adapt", str(out), "--settings", "linear_probe_converged,ss_text"]) == 0
    assert open_study(out).settings == ("zero_shot", "linear_probe_converged", "ss_text")


def what_a_finished_study_takes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wordings, twin films, maps by causes, the table of maps and claims: each is found in the study afterwards."""
    out = folder / "phantom"
    few = ["--limit", "24", "--settings", "zero_shot"]
    assert main(["build", "phantom", "phantom-clip", "--out", str(out), *few]) == 0
    for command in (
        ["prompts", str(out)],
        ["prompts", str(out), "--again"],
        ["twins", str(out)],
        ["saliency", str(out), "--store"],
        ["twins", str(out), "--maps"],
        ["claims", str(out)],
        ["check", str(out)],
    ):
        assert main(command) == 0, command
    kept = {path.relative_to(out).parts[0] for path in out.rglob("*")}
    assert {"prompts", "twins", "saliency"} <= kept


ELSEWHERE = {
    "arena": "tests/arena/test_arena_exports.py",
    "build folder biomedclip checkpoints/medsiglip-448": "tests/building/test_side_by_side.py",
    "build folder biomedclip --root FILMS --out data/studies/mine --engine ray": "tests/building/test_ray.py",
    "build mimic-cxr biomedclip --root MIMIC --out STUDY --engine ray": "tests/building/test_ray.py",
    "fetch": "tests/fetching",
    "describe": "tests/commands/test_describe.py",
    "pretrain": "tests/pretraining",
    "build iu-xray": "tests/commands/test_build_iu_xray.py",
    "build nih": "tests/commands/test_build_collection.py",
    "import --maps": "tests/saliency/test_imported.py",
    "migrate": "tests/study/test_readings.py",
}
"""Commands that need a network, a collection, votes, several models, maps from elsewhere, an old study or an hour, and
their tests.
"""

CASES: dict[str, _SCENARIO] = {
    "adapt STUDY --settings all": more_settings_for_a_build,
    "adapt data/studies/phantom --settings linear_probe_converged": more_settings_for_a_build,
    "adapt STUDY --settings {known.converged}": more_settings_for_a_build,
    "annotate STUDY FILE": from_import_to_decisions,
    "annotate STUDY FILE --reader ChestX-Det": from_import_to_decisions,
    "annotate STUDY FILE --reader NAME": from_import_to_decisions,
    "annotate data/studies/iu-xray marks.json --reader": from_import_to_decisions,
    "build": saliency_after_a_build,
    "build DATASET MODEL --out DIR": saliency_after_a_build,
    "build folder biomedclip --root FILMS --out data/studies/mine": saliency_after_a_build,
    "build phantom phantom-clip --out data/studies/phantom": a_first_study,
    "build phantom phantom-clip --rate-scale 4 --out data/studies/phantom": a_first_study,
    "build phantom MODEL --out DIR": a_first_study,
    "check": from_import_to_decisions,
    "check data/studies/mine": from_import_to_decisions,
    "decide data/studies/mine thresholds.json --scores new.csv --out decisions.csv": from_import_to_decisions,
    "fit": from_import_to_decisions,
    "report": from_import_to_decisions,
    "fit STUDY --out FILE": from_import_to_decisions,
    "fit data/studies/mine --setting zero_shot --policy max-f1 --out thresholds.json": from_import_to_decisions,
    "import": from_import_to_decisions,
    "import --out DIR --name NAME --labels FILE --scores SETTING=FILE": from_import_to_decisions,
    "import --out data/studies/mine --name": from_import_to_decisions,
    "import --out data/studies/mine --name 'My films' --labels labels.csv --scores model=scores.csv": (
        from_import_to_decisions
    ),
    "project STUDY": maps_of_an_import,
    "report data/studies/mine --split test": from_import_to_decisions,
    "report data/studies/mine --thresholds thresholds.json": from_import_to_decisions,
    "saliency STUDY": saliency_after_a_build,
    "saliency STUDY --layers all": saliency_after_a_build,
    "saliency {out}": saliency_after_a_build,
    "saliency {study.root}": no_saliency_where_no_film_is_stored,
    "claims STUDY": what_a_finished_study_takes,
    "claims {study.root}": what_a_finished_study_takes,
    "prompts STUDY": what_a_finished_study_takes,
    "prompts STUDY --again": what_a_finished_study_takes,
    "prompts data/studies/phantom": what_a_finished_study_takes,
    "prompts {study.root}": what_a_finished_study_takes,
    "saliency STUDY --layers all --store": what_a_finished_study_takes,
    "saliency STUDY --store": what_a_finished_study_takes,
    "twins STUDY": what_a_finished_study_takes,
    "twins data/studies/phantom": what_a_finished_study_takes,
    "twins {study.root}": what_a_finished_study_takes,
    "twins {study.root} --maps": what_a_finished_study_takes,
}


def _is_elsewhere(command: str) -> bool:
    return any(f"{command} ".replace("{", " ").startswith(f"{name} ") for name in ELSEWHERE)


def test_every_command_that_is_named_has_a_case() -> None:
    found = {command for command in recommended() if not _is_elsewhere(command)}
    assert found == set(CASES)
    assert all((PROJECT / where).exists() for where in ELSEWHERE.values())


@pytest.mark.parametrize("scenario", sorted(set(CASES.values()), key=lambda one: one.__name__))
def test_it_works_where_it_is_named(
    scenario: _SCENARIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(beside, "umap_beside", lambda: nullcontext(first_dimensions))
    scenario(tmp_path, capsys)
