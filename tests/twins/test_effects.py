"""The effect of a finding: the score with it minus the score without; resumed, and stored with the study."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.errors import DatasetError, StudyError
from core.findings import CLASSES
from core.own_film.scorer import load_scorer
from core.study import check_study, open_study
from core.study.read import Study
from core.twins import effects as effects_module
from core.twins.effects import EffectsPlan, causes_of, compute_effects
from core.twins.effects_log import log_path
from core.twins.matrix import causal_matrix
from core.twins.pair import study_renderer
from core.twins.shortcuts import shortcuts
from core.twins.stored import RECORD, effects_part, store_effects, stored_effects
from tests.golden.make_study_v1 import STUDY
from tests.twins.planted_study import SETTING

CAUSES = ("Pneumothorax", "Support Devices")
PLAN = EffectsPlan(causes=CAUSES)


def test_scores_of_films_are_those_of_the_study(planted: Study) -> None:
    renderer, scorer = study_renderer(planted), load_scorer(planted)
    ids = planted.image_ids[:3]
    found = scorer.scores([renderer.film(image_id) for image_id in ids])
    assert np.allclose(found[SETTING], planted.scores(SETTING)[:3], atol=1e-4)


def test_an_effect_is_the_score_with_the_finding_minus_the_score_without(planted: Study) -> None:
    """Of a film that shows it, and of one that does not."""
    renderer, scorer = study_renderer(planted), load_scorer(planted)
    found = compute_effects(planted, PLAN)
    for row, image_id in enumerate(planted.image_ids[:4]):
        shown = renderer.shown(image_id)
        sides = [
            renderer.take(image_id, asked, renderer.take(image_id, shown)).pixels
            for asked in (shown.with_finding("Support Devices"), shown.without("Support Devices"))
        ]
        scores = scorer.scores(sides)[SETTING]
        assert found.by_setting[SETTING][row, 1] == pytest.approx(scores[0] - scores[1], abs=1e-4)
    assert found.by_setting[SETTING].dtype == np.float32
    inside, _, outside = found.grey["Support Devices"]
    assert inside > 10 * outside > 0


def test_the_matrix_names_a_probe_that_learnt_from_devices_alone(planted: Study) -> None:
    matrix = causal_matrix(planted, compute_effects(planted, PLAN), SETTING)
    row, column = matrix.cell("Support Devices", "Pneumothorax")
    assert matrix.effect.low[row, column] > 0.2
    (named,) = shortcuts(matrix)
    assert (named.finding, named.rival) == ("Pneumothorax", "Support Devices")
    assert named.sentence.startswith("'Pneumothorax'")


def test_an_interrupted_run_goes_on_where_it_was(planted: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = compute_effects(planted, PLAN)
    path = log_path(planted, (SETTING,), CAUSES)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]) + lines[-2][:50])
    asked = []
    inner = effects_module.film_effects

    def counted(*args: object) -> object:
        asked.append(args[2])
        return inner(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(effects_module, "film_effects", counted)
    again = compute_effects(planted, PLAN)
    assert asked == planted.image_ids[-2:]
    assert (again.by_setting[SETTING] == whole.by_setting[SETTING]).all()
    compute_effects(planted, PLAN)
    assert len(asked) == 2


def test_no_finding_is_all_findings_taken_away_and_nothing_where_there_is_none(planted: Study) -> None:
    found = compute_effects(planted, EffectsPlan(causes=("No Finding",), limit=8))
    renderer = study_renderer(planted)
    bare = np.array([not renderer.shown(image_id).names for image_id in found.image_ids])
    assert 0 < bare.sum() < 8
    assert (np.isnan(found.by_setting[SETTING]).all(axis=(1, 2)) == bare).all()


def test_causes_stand_in_the_order_of_the_classes(planted: Study) -> None:
    renderer = study_renderer(planted)
    assert causes_of(renderer, CLASSES) == CLASSES
    assert causes_of(renderer, planted.classes)[:2] == planted.classes
    assert len(causes_of(renderer, planted.classes)) == 13


def test_films_that_exist_once_have_no_twins() -> None:
    with pytest.raises(DatasetError, match="exist once"):
        compute_effects(open_study(STUDY))


def test_a_study_keeps_its_effects_and_stays_whole(planted: Study, tmp_path: Path) -> None:
    root = tmp_path / "with-effects"
    shutil.copytree(planted.root, root)
    effects = compute_effects(planted, PLAN)
    study = store_effects(root, effects)
    assert check_study(root) == []
    found = stored_effects(study)
    assert found is not None
    assert found.causes == CAUSES
    assert (found.by_setting[SETTING] == effects.by_setting[SETTING]).all()
    assert study.scores_fingerprint(SETTING) == planted.scores_fingerprint(SETTING)
    assert stored_effects(planted) is None


def test_effects_of_other_models_are_none_and_damaged_ones_are_named(planted: Study, tmp_path: Path) -> None:
    root = tmp_path / "damaged"
    shutil.copytree(planted.root, root)
    study = store_effects(root, compute_effects(planted, PLAN))
    record = (root / RECORD).read_text()
    other = record.replace('"key": "', '"key": "0')
    with pytest.raises(StudyError, match="expected float32"):
        _with(study, effects_part(SETTING), np.zeros((2, 2, 2), np.float32))
    assert _with(study, RECORD, other.encode()) is None


def _with(study: Study, part: str, content: bytes | np.ndarray) -> object:
    from core.study.rewrite import rewrite_study

    return stored_effects(rewrite_study(open_study(study.root), {part: content}))
