"""Readers of a study in its report: who they are, what they said under the convention, and settings beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.metrics.agreement import cohen_kappa
from core.report.readers import several_readers, study_annotators, study_readers
from core.report.report import compute_report
from core.study import Study, open_study, write_study
from core.thresholds import fit_thresholds
from tests.golden import make_study_v1, make_study_v2
from tests.study.test_marks import box


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(make_study_v2.STUDY)


def test_the_readers_are_those_of_the_source_in_use(study: Study) -> None:
    assert several_readers(study) == ("radiologists", ("R1", "R2", "R3"))
    assert several_readers(open_study(make_study_v1.STUDY)) is None


def test_words_are_read_under_the_convention(study: Study) -> None:
    """R1 and R2 on the films that both read: an uncertain word is left out, as in the labels."""
    found = study_readers(study, "all", ())
    assert found is not None
    table = study.readings_table
    assert table is not None
    rows = table.to_pylist()
    edema = {
        name: {row["image_id"]: row["Edema"] for row in rows if row["reader"] == name} for name in ("R1", "R2", "R3")
    }
    said = np.array(
        [[edema[name].get(image) if edema[name].get(image) in (0, 1) else np.nan for image in study.image_ids]
         for name in edema],
        dtype=float,
    )  # fmt: skip
    one = found.per_class[study.classes.index("Edema")]
    looked = (~np.isnan(said)).sum(axis=0)
    assert one.n_films == int((looked >= 2).sum())
    assert one.kind == "fleiss"
    pairs = [(a, b) for a in range(3) for b in range(3) if a != b]
    own, others = (np.concatenate([said[pair[place]] for pair in pairs if pair[0] == 0]) for place in (0, 1))
    assert one.readers[0].kappa.value == pytest.approx(cohen_kappa(own, others), nan_ok=True)


def test_settings_stand_beside_the_readers_at_their_thresholds(study: Study) -> None:
    sets = [fit_thresholds(study, name) for name in study.settings]
    found = study_readers(study, "all", sets)
    assert found is not None
    assert [rater.name for rater in found.per_class[0].settings] == list(study.settings)
    chosen = sets[0]
    with_cut = [value is not None for value in chosen.values.values()]
    assert 0 < sum(with_cut) < len(with_cut)
    decided = chosen.decided(study.scores(chosen.setting))
    for place, has_cut in enumerate(with_cut):
        row = found.per_class[place].settings[0]
        assert (row.n_films > 0) == has_cut  # what decides nothing stands beside nobody
        if has_cut and not decided[:, place].any():
            assert row.sensitivity.value == 0


def test_the_report_has_them_under_keys_of_their_own(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(study.root), "--split", "all", "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["convention"] == {
        "blank": "negative", "uncertain": "left out", "readers": "majority", "source": "radiologists"
    }  # fmt: skip
    readers = written["readers"]
    assert (readers["source"], readers["names"]) == ("radiologists", ["R1", "R2", "R3"])
    found = study_readers(study, "all", [fit_thresholds(study, name) for name in study.settings])
    assert found is not None
    for one in found.per_class:
        row = readers["per_class"][one.finding]
        assert row["n_films"] == one.n_films
        assert row["kappa"]["value"] == (None if np.isnan(one.kappa.value) else one.kappa.value)
        assert list(row["settings"]) == list(study.settings)
    assert any("most decide" in note for note in written["notes"])
    assert main(["report", str(study.root), "--split", "all"]) == 0
    printed = capsys.readouterr().out
    assert "3 readers (radiologists)" in printed
    assert "Fleiss' kappa" in printed


def test_they_are_computed_only_where_asked_for(study: Study) -> None:
    assert compute_report(study).readers is None
    assert compute_report(open_study(make_study_v1.STUDY), readers=True).readers is None


def test_what_readers_drew_is_united_by_film_and_compared(tmp_path: Path) -> None:
    """Two boxes of R1 side by side are the one of R2; R3 drew on one of the films for another class alone."""
    contents = make_study_v1.golden_contents()
    one, other = make_study_v1.IDS[:2]
    drawn = [
        box(one, reader="R1", geometry="[4,8,8,12]"),
        box(one, reader="R1", geometry="[12,8,8,12]"),
        box(one, reader="R2", geometry="[4,8,16,12]"),
        box(other, reader="R2"),
        box(one, reader="R3", finding="Pneumonia"),
    ]
    study = open_study(write_study(tmp_path / "drawn", replace(contents, annotations=tuple(drawn))))
    found = study_annotators(study, "all")
    assert found is not None
    assert found.names == ("R1", "R2", "R3")
    assert {one.finding for one in found.per_class} == {"Edema", "Pneumonia"}
    edema = next(one for one in found.per_class if one.finding == "Edema")
    assert edema.overlap.n_films == 1
    assert edema.overlap.dice.value == edema.overlap.iou.value == 1
    assert list(edema.pairs) == [("R1", "R2")]
    assert edema.presence.n_films == 1
    assert edema.presence.agreement.value == pytest.approx(1 / 3)
