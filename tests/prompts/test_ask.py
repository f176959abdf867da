"""Asking a study's own text tower: what a build gives, kept with the study, by command and by job."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.building.plan import BuildOptions
from core.datasets.phantom.dataset import PhantomDataset
from core.errors import StudyError
from core.findings import NO_FINDING
from core.models.load import load_clip
from core.paths import PROJECT
from core.prompts import ask as module
from core.prompts import job
from core.prompts.ask import ask_and_keep
from core.prompts.films import films_asked
from core.prompts.stored import asked_prompts
from core.settings import zero_shot
from core.study import Study, check_study, layout, open_study
from tests.building.interrupted import first_dimensions
from tests.building.planned import built
from tests.models.tiny import make_tiny_clip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Built with one wording of the survey as its own prompts, and asked."""
    folder = tmp_path_factory.mktemp("asked")
    model = load_clip(make_tiny_clip(folder / "tiny"))
    options = BuildOptions("tiny", ("zero_shot",), limit=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zero_shot, "PRESENT", ("there is {}",))
        patch.setattr(zero_shot, "ABSENT", ("there is no {}",))
        built(PhantomDataset(), model, str(model.folder), folder / "study", options, project=first_dimensions)
    return ask_and_keep(folder / "study")[0]


def test_the_scores_of_a_wording_are_those_of_a_build_with_it(study: Study) -> None:
    asked = asked_prompts(study)
    assert asked is not None
    margins = films_asked(study, asked, "all").margins
    numbers = {(one.finding, one.style, one.phrase): number for number, one in enumerate(asked.wordings)}
    compared = 0
    for index, finding in enumerate(study.classes):
        number = numbers.get((finding, "sentence", zero_shot.PHRASES.get(finding, "")))
        if number is not None:
            expected = study.scores("zero_shot")[:, index]
            np.testing.assert_allclose(margins[:, number], expected, atol=1e-5)
            compared += 1
    assert compared >= 8
    assert NO_FINDING in {one.finding for one in asked.wordings}


def test_prompts_that_the_model_cannot_tell_apart_are_left_out_and_said(study: Study) -> None:
    """The tiny model reads 24 tokens, and spells words that it does not know."""
    asked = asked_prompts(study)
    assert asked is not None
    left = [note for note in asked.notes if note.startswith("Left out")]
    assert left
    assert not any(repr(text) in note for note in left for text in asked.texts)
    assert len(asked.wordings) < 14 * 30


def test_the_study_opens_with_it_and_without_it_and_its_files_are_hashed(study: Study, tmp_path: Path) -> None:
    assert check_study(study.root) == []
    copy = tmp_path / "copy"
    shutil.copytree(study.root, copy)
    path = copy / layout.WORDINGS
    path.write_text(path.read_text().replace("there is no", "there was no"))
    with pytest.raises(StudyError, match="wordings"):
        asked_prompts(open_study(copy))
    manifest = json.loads((copy / "manifest.json").read_text())
    for part in (layout.WORDINGS, layout.WORDING_EMBEDDINGS):
        (copy / part).unlink()
        del manifest["files"][part]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert asked_prompts(open_study(copy)) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content["wordings"][0].pop("present"), "does not list wordings"),
        (lambda content: content["wordings"][0].update(finding="Gout"), "Gout"),
        (lambda content: content["wordings"].pop(), "distinct prompts"),
    ],
)
def test_what_is_no_survey_of_this_study_is_a_sentence(study: Study, tmp_path: Path, change, said: str) -> None:
    from core.files import sha256_of

    copy = tmp_path / "copy"
    shutil.copytree(study.root, copy)
    path = copy / layout.WORDINGS
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"][layout.WORDINGS] |= {"sha256": sha256_of(path), "n_bytes": path.stat().st_size}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StudyError, match=said):
        asked_prompts(open_study(copy))


def test_the_command_does_not_ask_twice_and_prints_json(
    study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "encode_prompts", lambda *_: pytest.fail("asked again"))
    before = open_study(study.root).fingerprint
    assert main(["prompts", str(study.root), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["fingerprint"] == before == open_study(study.root).fingerprint
    assert set(content["classes"]) <= set(study.classes)
    assert main(["prompts", str(study.root)]) == 0
    assert "ways" in capsys.readouterr().out


def test_the_job_asks_and_ends_well(study: Study, tmp_path: Path) -> None:
    copy, progress = tmp_path / "copy", tmp_path / "x.progress.json"
    shutil.copytree(study.root, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["files"][layout.WORDINGS]
    (copy / layout.WORDINGS).unlink()
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert job.main([str(copy), str(progress)]) == 0
    asked, before = asked_prompts(open_study(copy)), asked_prompts(study)
    assert asked is not None
    assert before is not None
    np.testing.assert_allclose(asked.vectors, before.vectors, atol=1e-6)
    described = job.prompts_job(study)
    assert described.module == "core.prompts.job"
    assert study.fingerprint in described.path.name


def test_a_study_without_its_model_is_a_sentence_and_rc_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompts", str(PROJECT / "tests" / "golden" / "study_v2")]) == 2
    assert "Traceback" not in (said := capsys.readouterr().err)
    assert said.strip()


def test_reading_and_measuring_it_loads_nothing_slow(study: Study) -> None:
    code = f"""
import sys
from core.prompts.job import prompts_job
from core.prompts.stored import asked_prompts
from core.prompts.survey import survey
from core.prompts.told import to_json
from core.study import open_study
study = open_study({str(study.root)!r})
to_json(survey(study, asked_prompts(study))), prompts_job(study)
slow = {{"torch", "scipy", "sklearn", "transformers", "streamlit"}} & set(sys.modules)
assert not slow, slow
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
