"""What a reader of a report must know beside its figures, one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import MIN_POSITIVES, FloatArray
from core.report.convergence import convergence_notes
from core.settings import registry
from core.study import layout
from core.study.label_notes import both_said, mostly_positive_words

if TYPE_CHECKING:
    from core.report.settings import SettingRead
    from core.study import Study


def report_notes(
    study: Study, split: str, protocol: str, labels: FloatArray, settings: Mapping[str, SettingRead]
) -> tuple[str, ...]:
    """Give all notes of a report; labels (n_films, n_classes) of the split."""
    conventions = _paper_conventions(labels) if protocol == "paper" else _sound_conventions(study.classes, labels)
    return (
        *_nature(study),
        *(report.basis for report in settings.values()),
        *(() if protocol == "paper" else _threshold_notes(split, settings)),
        *_split_notes(split, protocol, settings),
        *convergence_notes(study, split, [*settings]),
        *((study.labels_read,) if study.labels_read else ()),
        *both_said(study.classes, labels),
        *mostly_positive_words(study.classes, labels),
        *_never_trained(study, settings),
        *conventions,
        *_unread(labels),
        *_few_positives(study.classes, labels),
        *_distance_notes(study, protocol, settings),
    )


def untrained_note(study: Study, setting: str) -> str:
    """Say which classes a setting never learnt of, and what that means for them, in a sentence; "" where none."""
    why = study.untrained(setting)
    if len(why) < 2:
        return next(iter(why.values()), "")
    return (
        f"{setting} was never trained on {_listed([*why])}, for no train film is positive, or none is negative: its "
        "scores there are how training began, and all that rests on them is undefined."
    )


def _nature(study: Study) -> Iterable[str]:
    if study.manifest.synthetic:
        yield "The films are synthetic."


def _threshold_notes(split: str, settings: Mapping[str, SettingRead]) -> Iterable[str]:
    for setting, report in settings.items():
        chosen = report.thresholds
        if chosen is None or chosen.split is None or not (chosen.is_defined or chosen.fits):
            continue
        refused = [name for name in chosen.unfitted if name in chosen.fits and chosen.fits[name].promises]
        if refused:
            yield (
                f"{setting}: what was asked for cannot be promised of {_listed(refused)}; such a class has no "
                "threshold and is never predicted."
            )
        unfitted = [name for name in chosen.unfitted if name not in refused and name not in chosen.untrained]
        if unfitted:
            yield (
                f"{setting}: no threshold could be fitted for {_listed(unfitted)}, which no {chosen.split} film "
                "is positive for, or none is negative for; such a class is never predicted."
            )
        trained = {name: n for name, n in chosen.n_positive.items() if name not in chosen.untrained}
        few = [f"{name} ({n})" for name, n in trained.items() if 0 < n < MIN_POSITIVES]
        if few:
            yield (
                f"{setting}: thresholds fitted on fewer than {MIN_POSITIVES} positives may be far off: {_listed(few)}."
            )
        if split in (chosen.split, "all") and not chosen.is_exploratory:
            yield (
                f"{setting}: thresholds are read on films that they were fitted on ({chosen.split}), "
                "so every figure that rests on decisions is optimistic."
            )


def _split_notes(split: str, protocol: str, settings: Mapping[str, SettingRead]) -> Iterable[str]:
    known = [setting for name in settings if (setting := registry.known(name)) is not None]
    learnt = [setting.name for setting in known if setting.learns]
    if split in ("train", "all") and learnt:
        yield f"{_listed(learnt)} learnt from the train films, so their figures on them are optimistic."
    stopped = [setting.name for setting in known if setting.stops_on_val]
    if split in ("val", "all") and stopped:
        yield f"{_listed(stopped)} stopped early on the val films, so their figures on them are slightly optimistic."
    for setting in known:
        yield from (f"{setting.name}: {note}" for note in setting.notes)
    if split != "test" and protocol == "paper":
        yield f"The paper reports the test split; this is {split}."


def _never_trained(study: Study, settings: Mapping[str, SettingRead]) -> Iterable[str]:
    """Classes that a trained setting gives scores for though train told it nothing of them."""
    yield from (note for setting in settings if (note := untrained_note(study, setting)))
    recorded = study.manifest.settings
    trained = [
        setting
        for setting in settings
        if recorded[setting].trained_on is None and (known := registry.known(setting)) is not None and known.learns
    ]
    if not trained or not len(study.rows("train")):
        return
    for sign, missing in ((1, "positive"), (0, "negative")):
        has = (study.labels[study.rows("train")] == sign).any(axis=0)
        if without := [name for name, there in zip(study.classes, has, strict=True) if not there]:
            yield (
                f"{_listed(trained)} never saw a {missing} train film of {_listed(without)}: their scores, figures and "
                "thresholds for it come from how training began, and mean nothing."
            )


def _sound_conventions(classes: Sequence[str], labels: FloatArray) -> Iterable[str]:
    positives = (labels == 1).any(axis=0)
    negatives = (labels == 0).any(axis=0)
    without = [name for name, has in zip(classes, positives, strict=True) if not has]
    if without:
        yield (
            f"Macro F1 is the mean over the {int(positives.sum())} of {len(classes)} classes with a positive film; "
            f"left out: {_listed(without)}."
        )
    one_sided = [name for name, has in zip(classes, positives & negatives, strict=True) if not has]
    if one_sided:
        yield f"AUROC is undefined for {_listed(one_sided)}, where positives or negatives are missing."
    n_unlabelled = int(np.count_nonzero(~(labels == 1).any(axis=1)))
    if n_unlabelled:
        yield (
            f"{_films(n_unlabelled)} of {len(labels)} without a positive label: left out of LRAP and coverage error."
        )


def _paper_conventions(labels: FloatArray) -> Iterable[str]:
    yield (
        "The paper's evaluation: overall figures after scaling each film's scores to 0..1 and cutting at 0.5 (a film "
        "with equal scores gets no label), the per-class table after one cut for all classes, undefined figures as 0."
    )
    n_unlabelled = int(np.count_nonzero(~(labels == 1).any(axis=1)))
    if n_unlabelled:
        yield (
            f"{_films(n_unlabelled)} of {len(labels)} without a positive label: counted with LRAP 1 and coverage 0, "
            "as scikit-learn does, which flatters both."
        )


def _unread(labels: FloatArray) -> Iterable[str]:
    unread = np.isnan(labels)
    if unread.any():
        n_full = int(np.count_nonzero(~unread.any(axis=1)))
        yield (
            f"{int(unread.sum())} labels are missing and left out of their class; films are ranked among the "
            f"labels that they have, and exact match is based on the {_films(n_full)} labelled for every class."
        )


def _few_positives(classes: Sequence[str], labels: FloatArray) -> Iterable[str]:
    counts = np.count_nonzero(labels == 1, axis=0)
    few = [f"{name} ({n})" for name, n in zip(classes, counts, strict=True) if 0 < n < MIN_POSITIVES]
    if few:
        yield f"Fewer than {MIN_POSITIVES} positives, so that intervals are not estimable: {_listed(few)}."


def _distance_notes(study: Study, protocol: str, settings: Mapping[str, SettingRead]) -> Iterable[str]:
    sharing: dict[str, list[str]] = {}
    for setting, report in settings.items():
        if report.encoder is None or not study.has(layout.image_embeddings_part(report.encoder)):
            yield f"{setting}: class distances are undefined, because the study holds no image embeddings for it."
        else:
            sharing.setdefault(report.encoder, []).append(setting)
    for encoder, names in sharing.items():
        if len(names) > 1:
            yield f"{_listed(names)} share the encoder {encoder}: one embedding space, hence the same distances."
        if study.manifest.encoders[encoder].normalised and protocol == "paper":
            yield f"The embeddings of {encoder} were stored at unit length; the paper's distances are of raw ones."


def _films(n: int) -> str:
    return "1 film" if n == 1 else f"{n} films"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
