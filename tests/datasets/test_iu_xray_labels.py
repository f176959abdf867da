"""Labels of IU-Xray: the rule table, and a user's tables."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.datasets.iu_xray.label_tables import LabelTable, read_label_table
from core.datasets.iu_xray.labels import derived_labels, rules_of, terms_of, unknown_heads
from core.datasets.iu_xray.rules import DENIALS, NO_CLASS, RULES
from core.errors import DatasetError
from core.findings import CLASSES, FINDINGS, NO_FINDING
from tests.datasets.iu_xray_files import write_labels


def _classes(coding: str) -> set[str]:
    return {name for name, label in zip(CLASSES, derived_labels([coding])[0], strict=True) if label == 1}


@pytest.mark.parametrize(
    ("coding", "classes"),
    [
        ("normal", {NO_FINDING}),
        ("No Indexing", {NO_FINDING}),
        ("No cardiomegaly", {NO_FINDING}),
        ("Technical Quality of Image Unsatisfactory ", {NO_FINDING}),
        ("Calcified Granuloma/lung/upper lobe/right", {NO_FINDING}),
        ("Cardiomegaly/borderline", {"Cardiomegaly"}),
        ("Cardiac Shadow/enlarged/mild", {"Cardiomegaly"}),
        ("Heart/small", {NO_FINDING}),
        ("Opacity/lung/base/left/streaky", {"Lung Opacity"}),
        ("Opacity/lung/hilum/left/round", {"Lung Lesion"}),
        ("Opacity/ribs/left/round", {NO_FINDING}),
        ("Opacity/mediastinum/right", {"Enlarged Cardiomediastinum"}),
        ("Nodule/breast", {NO_FINDING}),
        ("Nodule/lung/multiple;Cicatrix/lung/apex", {"Lung Lesion", "Lung Opacity"}),
        ("Cicatrix/pleura/apex", {"Pleural Other"}),
        ("Thickening/bronchi", {NO_FINDING}),
        ("Lung/hilum/lymph nodes/bilateral/enlarged", {"Enlarged Cardiomediastinum"}),
        ("Lung/hypoinflation", {NO_FINDING}),
        ("Markings/bronchovascular", {NO_FINDING}),
        ("Markings/lung/interstitial/prominent", {"Lung Opacity"}),
        ("Hydropneumothorax/left", {"Pneumothorax", "Pleural Effusion"}),
        ("Costophrenic Angle/left/blunted", {NO_FINDING}),
        ("Fractures, Bone/ribs/left/healed", {"Fracture"}),
        ("Deformity/ribs", {NO_FINDING}),
        ("Tube, Inserted/trachea", {"Support Devices"}),
        ("Medical Device", {NO_FINDING}),
        ("CARDIOMEGALY / severe ;; pulmonary  edema", {"Cardiomegaly", "Edema"}),
    ],
)
def test_a_coding_gives_its_classes(coding: str, classes: set[str]) -> None:
    assert _classes(coding) == classes


def test_an_uncoded_report_is_unread() -> None:
    assert np.isnan(derived_labels(["", " ; "])).all()


def test_every_finding_has_a_rule_and_every_name_stands_once() -> None:
    assert {rule.finding for rule in RULES} == set(FINDINGS)
    assert len({rule.name for rule in RULES}) == len(RULES)
    heads = frozenset().union(*(rule.heads for rule in RULES))
    assert not heads & NO_CLASS
    assert not heads & DENIALS


def test_every_rule_can_be_met() -> None:
    for rule in RULES:
        qualifiers = frozenset(next(iter(sorted(need))) for need in rule.needs)
        assert all(rule.fits(head, qualifiers) for head in rule.heads), rule.name
        assert not rule.unless or not rule.fits(next(iter(rule.heads)), qualifiers | {next(iter(rule.unless))})


def test_terms_that_no_rule_knows_are_counted() -> None:
    assert unknown_heads(["Opacity/lung;Gremlin/left", "gremlin", "normal"]) == {"gremlin": 2}
    assert [rule.name for rule in rules_of("Opacity/lung;Gremlin")] == ["opacity"]
    assert terms_of("Opacity/lung")[0].qualifiers == {"lung"}


ZERO = [0] * 14


def test_the_paper_s_form_is_read_by_film_and_an_empty_set_is_no_finding(tmp_path: Path) -> None:
    rows = [[0, 1, *ZERO[2:]], ZERO, ["", 0, *ZERO[2:]]]
    names = ["1_IM-0001-4001.dcm.png", "CXR2_IM-0002-1001", "3_IM-0003-1001"]
    path = write_labels(tmp_path / "labels.csv", {"uid": [1, 2, 3], "filename": names}, rows)
    table = read_label_table(path)
    assert (table.by, table.chexbert, table.keys[0]) == ("film", None, "1_IM-0001-4001")
    assert table.notes() == ("labels.csv: 1 is positive, 0 absent; blank counts as unlabelled.",)
    assert table.labels[0].tolist() == rows[0]
    assert table.labels[1].tolist() == [*ZERO[1:], 1]
    assert np.isnan(table.labels[2, 0])
    assert table.labels[2, -1] == 0
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert table.origin == {"source": "table", "file": "labels.csv", "sha256": digest}
    found = table.rows_of(["2_IM-0002-1001", "9_IM-0009-1001"], ["2", "9"])
    assert found[0, -1] == 1
    assert np.isnan(found[1]).all()


def _chexbert_table(path: Path, rows: list[list[object]]) -> LabelTable:
    """As CheXbert writes it, with the studies' uids beside."""
    numbers = list(range(1, len(rows) + 1))
    keys = {"uid": numbers, "Report Impression": [f"Impression {number}." for number in numbers]}
    return read_label_table(write_labels(path, keys, rows))


BLANK: list[object] = [""] * 14


def test_chexbert_s_codes_are_read_as_it_means_them(tmp_path: Path) -> None:
    table = _chexbert_table(tmp_path / "c.csv", [[-1, "", 1.0, *BLANK[3:]], [0, *BLANK[1:]], [*BLANK[:-1], 1]])
    assert (table.by, table.chexbert, table.keys) == ("uid", "Report Impression", ("1", "2", "3"))
    assert table.labels[0, :4].tolist() == [1, 0, 1, 0]
    assert table.labels[1].tolist() == table.labels[2].tolist() == [*ZERO[1:], 1]
    assert table.notes() == (
        "c.csv: CheXbert's form (it has a column 'Report Impression'): blank (not mentioned) counts as absent; "
        "-1 (uncertain) counts as positive, cells: 1.",
    )


def test_what_a_blank_means_does_not_hang_on_a_minus_one_elsewhere(tmp_path: Path) -> None:
    """The same rows are read alike, whether or not one more row of the file is uncertain."""
    rows: list[list[object]] = [[1, *BLANK[1:]], [*BLANK[:-1], 1]]
    uncertain: list[object] = ["", -1, *BLANK[2:]]
    with_it = _chexbert_table(tmp_path / "a.csv", [*rows, uncertain]).labels[:2]
    np.testing.assert_array_equal(_chexbert_table(tmp_path / "b.csv", rows).labels, with_it)
    assert not np.isnan(with_it).any()
    own = [
        read_label_table(write_labels(tmp_path / f"{number}.csv", {"uid": list(range(len(some)))}, some))
        for number, some in enumerate((rows, [*rows, uncertain]))
    ]
    np.testing.assert_array_equal(own[0].labels, own[1].labels[:2])
    assert np.isnan(own[1].labels[0, 1:]).all()
    assert own[1].labels[2, 1] == 1
    assert own[1].notes() == (
        "1.csv: 1 is positive, 0 absent; blank counts as unlabelled; -1 (uncertain) counts as positive, cells: 1.",
    )


def test_rows_that_contradict_themselves_are_counted(tmp_path: Path) -> None:
    rows = [[1, *ZERO[2:], 1], [*ZERO[:-1], 1], [1, *ZERO[1:]]]
    table = read_label_table(write_labels(tmp_path / "own.csv", {"uid": [1, 2, 3]}, rows))
    assert table.n_both == 1
    assert table.notes()[1] == "own.csv: rows with No Finding and a finding, both kept: 1."


def test_no_finding_follows_from_the_others_where_it_is_no_column(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("\n".join([",".join(["uid", *FINDINGS]), "1" + ",0" * 13, "2,1" + ",0" * 12, "3," + ",0" * 12]))
    last = read_label_table(path).labels[:, -1]
    assert last[:2].tolist() == [1, 0]
    assert np.isnan(last[2])


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        ({"uid": [1]}, 2, "Enlarged Cardiomediastinum in row 1 is '2'"),
        ({"uid": [1]}, "yes", "is 'yes'; a label is"),
        ({"uid": ["x"]}, 0, "the uid 'x', which names no uid"),
        ({"filename": ["a.png"]}, 0, "which names no film"),
        ({"patient": [1]}, 0, "has no column filename, image_id, uid or id"),
    ],
)
def test_a_bad_label_table_is_named(keys: dict[str, list[object]], value: object, said: str, tmp_path: Path) -> None:
    path = write_labels(tmp_path / "labels.csv", keys, [[value, *ZERO[1:]]])
    with pytest.raises(DatasetError, match=said):
        read_label_table(path)


def test_a_table_that_is_not_there_lacks_a_class_or_repeats_a_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a CSV table"):
        read_label_table(tmp_path / "absent.csv")
    path = tmp_path / "labels.csv"
    path.write_text("uid,Edema\n1,0\n")
    with pytest.raises(DatasetError, match="has no column 'Enlarged Cardiomediastinum'"):
        read_label_table(path)
    write_labels(path, {"uid": [1, 1]}, [ZERO, ZERO])
    with pytest.raises(DatasetError, match="uid '1' stands in more than one row"):
        read_label_table(path)


def test_a_table_of_other_films_is_named(tmp_path: Path) -> None:
    table = read_label_table(write_labels(tmp_path / "labels.csv", {"uid": [1]}, [ZERO]))
    with pytest.raises(DatasetError, match="none of its 1 rows"):
        table.rows_of(["2_IM-0002-1001"], ["2"])
