"""Edited prompts give what a build with them gives."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.building.plan import BuildOptions
from core.datasets.phantom.dataset import PhantomDataset
from core.errors import ModelError
from core.metrics.ranking import roc_auc
from core.models.load import load_clip
from core.paths import PROJECT
from core.settings import zero_shot
from core.space import study_model as model_module
from core.space.prompt_lab import auroc_gain, moves_of, similarity_to, stored_margins, try_prompts
from core.space.prompt_pairs import PromptError, PromptPair, lines_of, pair_from_templates, stored_pair
from core.space.study_model import prompt_notes, study_model, why_not
from core.study import Study, open_study
from tests.building.interrupted import first_dimensions
from tests.building.planned import built
from tests.golden.make_study_v1 import STUDY
from tests.models.tiny import make_tiny_clip
from tests.pages.embeddings_only import make_embeddings_only

EDITED = (("{} is seen", "a film with {}"), ("{} is not seen", "clear, no {}", "without {}"))
OPTIONS = BuildOptions("tiny", ("zero_shot",), limit=30)


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Study]:
    """One as built, and one built with the edited templates; both without a map."""
    folder = tmp_path_factory.mktemp("lab")
    model = load_clip(make_tiny_clip(folder / "tiny"))
    with pytest.MonkeyPatch.context() as patch:
        usual = built(PhantomDataset(), model, str(model.folder), folder / "usual", OPTIONS, project=first_dimensions)
        patch.setattr(zero_shot, "PRESENT", EDITED[0])
        patch.setattr(zero_shot, "ABSENT", EDITED[1])
        edited = built(PhantomDataset(), model, str(model.folder), folder / "edited", OPTIONS, project=first_dimensions)
    return usual, edited


def test_an_edited_prompt_s_scores_are_those_of_a_build_with_it(studies: tuple[Study, Study]) -> None:
    usual, edited = studies
    for index, finding in enumerate(usual.classes[:-1]):
        trial = try_prompts(usual, pair_from_templates(finding, *EDITED), "all")
        np.testing.assert_allclose(trial.scores, edited.scores("zero_shot")[:, index], atol=1e-5)
        np.testing.assert_allclose(trial.stored_scores, usual.scores("zero_shot")[:, index], atol=1e-6)
        assert np.abs(trial.scores - trial.stored_scores).max() > 1e-4


def test_the_stored_prompts_change_nothing(studies: tuple[Study, Study]) -> None:
    usual, _ = studies
    trial = try_prompts(usual, stored_pair(usual, "Cardiomegaly"), "test")
    np.testing.assert_allclose(trial.scores, trial.stored_scores, atol=1e-5)


def test_no_finding_has_prompts_of_its_own(studies: tuple[Study, Study]) -> None:
    assert stored_pair(studies[0], "No Finding").present == zero_shot.NORMAL


def test_figures_are_those_of_the_split(studies: tuple[Study, Study]) -> None:
    usual, _ = studies
    finding = "No Finding"
    trial = try_prompts(usual, stored_pair(usual, finding), "test")
    rows, index = usual.rows("test"), usual.classes.index(finding)
    labels = usual.labels[rows, index]
    assert trial.edited.auroc == pytest.approx(roc_auc(labels, trial.scores[rows]))
    assert trial.edited.at_zero.n_predicted == np.count_nonzero(trial.scores[rows] >= 0)
    assert trial.edited.n_positive == np.count_nonzero(labels == 1)
    positive, negative = moves_of(usual, trial)
    assert (len(positive), len(negative)) == (np.count_nonzero(labels == 1), np.count_nonzero(labels == 0))
    np.testing.assert_allclose([*positive, *negative], 0, atol=1e-5)
    assert trial.gain.value == pytest.approx(trial.edited.auroc - trial.stored.auroc, nan_ok=True)


def test_a_class_without_positives_is_undefined_not_zero(studies: tuple[Study, Study]) -> None:
    usual, _ = studies
    rows = usual.rows("test")
    empty = next(name for name in usual.classes if not (usual.labels[rows, usual.classes.index(name)] == 1).any())
    trial = try_prompts(usual, stored_pair(usual, empty), "test")
    assert math.isnan(trial.edited.auroc)


def test_similarity_is_the_cosine_to_the_encoded_prompt(studies: tuple[Study, Study]) -> None:
    usual, _ = studies
    got = similarity_to(usual, "rib fracture")
    text = study_model(usual).encode_texts(["rib fracture"])[0]
    films = np.asarray(usual.image_embeddings("frozen"), np.float64)
    expected = films @ text / np.linalg.norm(films, axis=1) / np.linalg.norm(text)
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_the_model_is_loaded_once(studies: tuple[Study, Study]) -> None:
    assert study_model(studies[0]) is study_model(studies[1])


def test_other_weights_are_refused(studies: tuple[Study, Study], tmp_path: Path) -> None:
    usual, _ = studies
    other = make_tiny_clip(tmp_path / "other", seed=1)
    assert usual.manifest.model is not None
    manifest = replace(usual.manifest, model={**usual.manifest.model, "source": str(other)})
    with pytest.raises(ModelError, match="not those"):
        try_prompts(Study(usual.root, manifest), stored_pair(usual, "Edema"))


def test_why_not_says_what_is_missing_and_never_asks_a_network(
    studies: tuple[Study, Study], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usual, _ = studies
    assert why_not(usual) is None
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(model_module, "resolve", lambda source: pytest.fail("resolve may ask the hub"))
    manifest = replace(usual.manifest, model={"name": "BiomedCLIP", "source": "biomedclip"})
    assert "core fetch" in str(why_not(Study(usual.root, manifest)))
    assert "does not say" in str(why_not(Study(usual.root, replace(usual.manifest, model=None))))
    assert "no prompts" in str(why_not(Study(usual.root, replace(usual.manifest, prompts=()))))


def test_words_that_the_model_does_not_know_and_prompts_it_cuts_are_said(studies: tuple[Study, Study]) -> None:
    model = study_model(studies[0])
    assert prompt_notes(model, ["rib fracture", "no edema"]) == ()
    unknown, cut = prompt_notes(model, ["a 日本 finding", "edema " * 40])
    assert "日本" in unknown
    assert "24 tokens" in cut


def test_asking_whether_prompts_can_be_tried_loads_no_model() -> None:
    code = f"""
import sys
from core.study import open_study
from core.space import prompt_lab, study_model
study = open_study({str(STUDY)!r})
study_model.why_not(study)
prompt_lab.stored_margins(study, "Cardiomegaly")
assert not {{"torch", "transformers", "open_clip", "sklearn", "scipy", "umap"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_stored_margins_are_the_stored_scores() -> None:
    golden = open_study(STUDY)
    index = golden.classes.index("Cardiomegaly")
    np.testing.assert_allclose(
        stored_margins(golden, "Cardiomegaly"), np.asarray(golden.scores("zero_shot"))[:, index], atol=1e-5
    )


def test_templates_are_filled_with_the_report_s_phrase() -> None:
    pair = pair_from_templates("Fracture", ["{}", "x-ray of {}"], ["no {}"])
    assert pair.present == ("rib fracture", "x-ray of rib fracture")
    assert pair.absent == ("no rib fracture",)
    assert pair_from_templates("Mass", ["{}"], ["no {}"]).present == ("mass",)


@pytest.mark.parametrize(
    ("present", "absent"),
    [((), ("a",)), (("a",), ()), ((" ",), ("a",)), (("a",), ("A ",)), (("x" * 401,), ("a",)), (("a",) * 21, ("b",))],
)
def test_pairs_that_cannot_be_scored_are_refused(present: tuple[str, ...], absent: tuple[str, ...]) -> None:
    with pytest.raises(PromptError):
        PromptPair("Edema", present, absent)


@pytest.mark.parametrize("template", ["edema", "{0}", "{name}", "{} {", "{{}}"])
def test_templates_without_a_place_are_refused(template: str) -> None:
    with pytest.raises(PromptError, match="Write"):
        pair_from_templates("Edema", [template], ["no {}"])


def test_a_text_field_is_read_line_by_line() -> None:
    assert lines_of("  edema \n\n no edema\n") == ("edema", "no edema")


def test_the_gain_is_the_difference_of_the_areas_and_clear_where_it_is_planted(tmp_path: Path) -> None:
    study = open_study(make_embeddings_only(tmp_path / "study", n_films=120))
    labels, rng = study.labels[:, 0], np.random.default_rng(0)
    good, bad = labels + 0.3 * rng.normal(size=labels.size), rng.normal(size=labels.size)
    gain = auroc_gain(study, study.classes[0], good, bad, "all")
    assert gain.value == pytest.approx(roc_auc(labels, good) - roc_auc(labels, bad))
    assert gain.interval.low <= gain.value <= gain.interval.high
    assert gain.is_clear
    same = auroc_gain(study, study.classes[0], bad, bad, "all")
    assert same.value == 0
    assert not same.is_clear
