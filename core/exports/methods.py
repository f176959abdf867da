"""How the figures were made, as a paragraph to go into a paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.claims.effects import LEVEL
from core.claims.ledger import Ledger
from core.exports.tables import PROVENANCE_WORDS, basis_words
from core.metrics.patients import number_patients
from core.metrics.resampling import n_resamples_for
from core.report.notes import untrained_note
from core.settings.titles import setting_title
from core.thresholds.sets import ThresholdSet, provenance
from core.thresholds.titles import with_titles
from core.words import count_words, share_words, split_words

if TYPE_CHECKING:
    from core.study import Study


def methods_paragraph(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """Describe films, thresholds, undefined figures and intervals, in full sentences."""
    rows = study.rows(split)
    n_patients = number_patients(study.patient_numbers(rows), len(rows)).n
    thresholds = " ".join(
        f"{setting_title(setting)}: {basis_words(study, chosen)} {PROVENANCE_WORDS[provenance(chosen, split)]}"
        for setting, chosen in sets.items()
    )
    notes = [with_titles(note, study.settings) for setting in sets if (note := untrained_note(study, setting))]
    untrained = "".join(f"{note} " for note in notes)
    resamples = f"{n_resamples_for(n_patients):,}"
    kind = "synthetic films" if study.manifest.synthetic else "films"
    labels_read = f"{study.labels_read} " if study.labels_read else ""
    return (
        f"Figures are of {len(rows):,} {split_words(split)} {kind} of {n_patients:,} patients from the study "
        f"{study.name} (fingerprint {study.fingerprint}), {len(study.classes)} classes; films that nobody labelled for "
        f"a class are left out of it. {labels_read}A film is called positive for a class where its score is at least "
        "the threshold of the class. "
        f"{thresholds} {untrained}{_promise_words(sets)}"
        "Macro F1 is the mean over the classes that have a positive film; exact match is over the films labelled for "
        "every class; undefined figures are left undefined. Intervals are 95 %: Wilson's for precision, recall and "
        "specificity; for F1 Wilson's interval of tp / (tp + fp + fn), carried over; in both the number of films is "
        "divided by the design effect where patients have several films. For the area under the ROC curve, DeLong's "
        "variance summed by patient on the logit scale, half a positive film added at either end. For figures over "
        f"all classes, percentiles of resamples of patients ({resamples}, seed 42). Below 5 positives an interval is "
        "not estimable. Not for clinical use."
    )


def _promise_words(sets: Mapping[str, ThresholdSet]) -> str:
    """How promises were made, where any were; ends with a space."""
    promised = any(fit.promises for chosen in sets.values() for fit in chosen.fits.values())
    if not promised:
        return ""
    return (
        "What thresholds promise is of patients, each counted once and for the worst film: sensitivity, specificity "
        "and false alarms by the exact binomial bound on an order statistic, precision and negative predictive value "
        "by Learn-then-Test with Bonferroni over cuts set beforehand. "
    )


def claims_paragraph(ledger: Ledger) -> str:
    """Describe how claims were asked, in full sentences."""
    asked = [one for one in ledger.results if len(one.codes)]
    axes = dict.fromkeys(axis.title for one in asked for axis in one.axes if len(axis.options) > 1)
    listed = ", ".join(title[0].lower() + title[1:] for title in axes) or "one choice"
    numbers = f"{count_words(len(asked))} claims were asked under {count_words(sum(len(one.codes) for one in asked))}"
    return (
        f"{numbers} variants, every combination that makes sense of: {listed}. A variant holds where the "
        f"{share_words(LEVEL)} interval of the difference lies on the claimed side, and contradicts where it lies on "
        "the other. Intervals are percentiles over resamples of patients, the same for all variants on the same films; "
        "of distances between class centres, which a resample drives apart, the basic bootstrap. Thresholds were "
        "fitted on films of other patients than those that they were read on. Which variants hold with all intervals "
        "at once follows from the largest studentised deviation over the resamples. The choice that decides is that of "
        "the best tree of two questions. Not for clinical use."
    )
