"""Each way to colour the map, one short function each; `colourings` lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from core.findings import DOMAINS, NO_FINDING, SPLITS
from core.metrics.arrays import BoolArray, FloatArray
from core.metrics.classification import OUTCOME_TITLES, OUTCOMES, outcomes
from core.space.colouring import SEVERAL, UNREAD, Colouring, ColourRequest, of_values
from core.study.ages import exact_ages
from core.study.label_notes import one_case, one_spelling

if TYPE_CHECKING:
    from core.study import Study

MOST_GROUPS: Final = 8
"""Views, sexes or patients beyond these share the group "Other": more colours cannot be told apart."""
_GROUP_OF_OUTCOME: Final = {"TN": 0, "TP": 1, "FP": 2, "FN": 3, "": -1}


def by_class(study: Study, request: ColourRequest) -> Colouring:
    """Colour by a class: absent, unread, present."""
    finding = request.finding
    values = study.labels[:, study.classes.index(finding)]
    absent = f"No {finding}" if finding != NO_FINDING else "Some finding"
    codes = np.select([values == 0, np.isnan(values)], [0, 1], 2)
    return Colouring(finding, (absent, UNREAD, finding), codes.astype(np.int16), ground=0)


def by_findings(study: Study, request: ColourRequest) -> Colouring:
    """Colour by several findings at once; a film with more than one of them belongs to each."""
    labels = study.labels[:, [study.classes.index(name) for name in request.findings]]
    return _of_several(" and ".join(request.findings), "None of these", request.findings, labels == 1, _unread(labels))


def by_number(study: Study, request: ColourRequest) -> Colouring:
    """Colour by how many findings a film has; No Finding counts as none. With some unread, there may be more."""
    labels = study.labels[:, _is_finding(study)]
    numbers = np.minimum((labels == 1).sum(axis=1), 3)
    groups = ("No finding", "1 finding", "2 findings", "3 or more", UNREAD)
    codes = np.where(_unread_beside_no_finding(study, labels), 4, numbers)
    return Colouring("Number of findings", groups, codes.astype(np.int16), ground=0)


def by_domain(study: Study, request: ColourRequest) -> Colouring:
    """Colour by the domain of a film's findings; a film of several domains belongs to each."""
    names = np.array(study.classes)
    of_domain = [study.labels[:, np.isin(names, domain)] for domain in DOMAINS.values()]
    belongs = np.column_stack([(labels == 1).any(axis=1) for labels in of_domain])
    unread = _unread_beside_no_finding(study, np.column_stack(of_domain))
    return _of_several("Domain", "No finding of a domain", tuple(DOMAINS), belongs, unread)


def _of_several(title: str, nothing: str, names: tuple[str, ...], belongs: BoolArray, unread: BoolArray) -> Colouring:
    """Groups that a film may be several of (n, len(names)); unread counts only for films of none of them."""
    number = belongs.sum(axis=1)
    none, unread = (number == 0) & ~unread, (number == 0) & unread
    codes = np.select([none, number == 1, number > 1], [0, 1 + belongs.argmax(axis=1), len(names) + 1], len(names) + 2)
    members = np.column_stack([none, belongs, number > 1, unread])
    return Colouring(title, (nothing, *names, SEVERAL, UNREAD), codes.astype(np.int16), ground=0, members=members)


def _unread(labels: FloatArray) -> BoolArray:
    """(n,) films of which no positive is known and some label (n, C) was not read."""
    return np.asarray(np.isnan(labels).any(axis=1) & ~(labels == 1).any(axis=1))


def _unread_beside_no_finding(study: Study, labels: FloatArray) -> BoolArray:
    """The same, but a film that was read as No Finding has none of the findings, whoever left them blank."""
    if NO_FINDING not in study.classes:
        return _unread(labels)
    return np.asarray(_unread(labels) & (study.labels[:, study.classes.index(NO_FINDING)] != 1))


def by_abnormal(study: Study, request: ColourRequest) -> Colouring:
    """Colour by No Finding against any finding; unread where neither is known."""
    findings, is_finding = study.labels, _is_finding(study)
    abnormal = (findings[:, is_finding] == 1).any(axis=1)
    normal = findings[:, study.classes.index(NO_FINDING)] == 1
    codes = np.select([abnormal, normal], [1, 0], 2).astype(np.int16)
    return Colouring("No Finding or abnormal", (NO_FINDING, "Abnormal", "Neither known"), codes, ground=0)


def by_score(study: Study, request: ColourRequest) -> Colouring:
    """Colour by the score of a setting for a class."""
    column = study.scores(request.setting)[:, study.classes.index(request.finding)]
    kind = study.manifest.settings[request.setting].score_kind
    return of_values(f"Score for {request.finding}", column, kind.capitalize())


def by_outcome(study: Study, request: ColourRequest) -> Colouring:
    """Colour by outcome: true or false, positive or negative, at the thresholds of the request;
    -1 where unread or without threshold.
    """
    index = study.classes.index(request.finding)
    decided = np.full(len(study.image_ids), np.nan)
    if request.thresholds is not None:
        decided = request.thresholds.decided(np.asarray(study.scores(request.setting), dtype=np.float64))[:, index]
    codes = np.array([_GROUP_OF_OUTCOME[name] for name in OUTCOMES])[outcomes(study.labels[:, index], decided)]
    groups = tuple(OUTCOME_TITLES[name] for name in ("TN", "TP", "FP", "FN"))
    return Colouring(f"Decisions on {request.finding}", groups, codes.astype(np.int16), ground=0, foremost=3)


def by_split(study: Study, request: ColourRequest) -> Colouring:
    """Colour by split: train, val or test."""
    words = {"train": "Train", "val": "Validation", "test": "Test"}
    here = [split for split in SPLITS if split in study.splits()]
    split = study.images["split"].to_numpy()
    codes = np.select([split == name for name in here], range(len(here)), -1) if here else np.full(len(split), -1)
    return Colouring("Split", tuple(words[name] for name in here), codes.astype(np.int16))


def by_age(study: Study, request: ColourRequest) -> Colouring:
    """Colour by the patient's age in years, continuous; not known where only a bound is."""
    return of_values("Age", exact_ages(study.images["age"]))


def by_column(name: str, title: str) -> Callable[[Study, ColourRequest], Colouring]:
    """Colour by the most frequent values of a column of images.parquet, the others together."""

    def make(study: Study, request: ColourRequest) -> Colouring:
        column = study.images[name]
        values = one_case(one_spelling(column) if name == "sex" else column).astype("string")
        frequent = [str(value) for value in values.value_counts().index[:MOST_GROUPS]]
        codes = values.map({value: code for code, value in enumerate(frequent)}).to_numpy(float, na_value=np.nan)
        is_other = np.isnan(codes) & values.notna().to_numpy()
        codes = np.where(is_other, len(frequent), np.nan_to_num(codes, nan=-1)).astype(np.int16)
        groups = (*frequent, "Other") if is_other.any() else tuple(frequent)
        return Colouring(title, groups, codes)

    return make


def by_patient(study: Study, request: ColourRequest) -> Colouring:
    """Colour by the patients with most films, each with a colour; all others are ground."""
    ids, of_film, sizes = np.unique(
        study.images["patient_id"].to_numpy().astype(str), return_inverse=True, return_counts=True
    )
    most = [index for index in np.argsort(-sizes, kind="stable")[:MOST_GROUPS] if sizes[index] > 1]
    place = np.zeros(len(ids), dtype=np.int16)
    place[most] = np.arange(1, len(most) + 1)
    titles = (f"{ids[index]} ({sizes[index]} films)" for index in most)
    return Colouring("Patients with most films", ("Other patients", *titles), place[of_film], ground=0)


def _is_finding(study: Study) -> BoolArray:
    return np.array([name != NO_FINDING for name in study.classes])
