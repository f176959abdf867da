"""What a claim comes to, in sentences: how often it holds, which choice decides, how many intervals were looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.claims.axes import OpenAxis
from core.claims.claim import Claim
from core.claims.deciding import Leaf, Question
from core.claims.effects import CONTRADICTS, HOLDS, LEVEL
from core.claims.figures import figure_named
from core.claims.ledger import ClaimResult, Ledger
from core.claims.written import OWN
from core.metrics.arrays import IntArray
from core.metrics.intervals import Interval
from core.settings.titles import setting_title
from core.words import count_words, difference_words, figure_words, share_words

if TYPE_CHECKING:
    from core.study import Study

VARIANT_WORDS: Final = {1: "holds", -1: "contradicts", 0: "cannot be told"}
_MOST_NAMED: Final = 3
_MOSTLY: Final = 0.5


def verdict_words(result: ClaimResult) -> str:
    """Say what became of a claim, in one sentence."""
    if result.missing is not None:
        return f"Not asked. {result.missing}"
    n = len(result.codes)
    if not n:
        return "Not computed yet."
    n_holding, n_against = result.n_holding, result.n_contradicting
    if n_holding == n:
        return f"Holds in all {_variants(n)}."
    if n_against == n:
        return f"Contradicted in all {_variants(n)}."
    if result.n_untold == n:
        return f"Cannot be told in any of {_variants(n)}: no interval leaves the other side out."
    parts = [f"Holds in {count_words(n_holding)} of {_variants(n)}"]
    parts += [f"is contradicted in {count_words(n_against)}"] if n_against else []
    parts += [f"cannot be told in {count_words(result.n_untold)}"] if result.n_untold else []
    said = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    because = _because(result)
    return f"{said}{f'; {because}' if because else ''}."


def unasked_words(study: Study, claims: Sequence[Claim], lacking: Mapping[str, str]) -> str:
    """Say how many claims cannot be asked of a study, and why most of them cannot; "" where all can.

    lacking : what the study lacks, by the name of the claim.
    """
    if not lacking:
        return ""
    if len(lacking) < len(claims):
        reasons = Counter(lacking.values())
        others = " Others lack other parts." if len(reasons) > 1 else ""
        return f"{count_words(len(lacking))} more cannot be asked here. {reasons.most_common(1)[0][0]}{others}"
    about = list(dict.fromkeys(setting_title(name) for one in claims for name in one.settings))
    here = ", ".join(setting_title(name) for name in study.settings)
    whose = "" if any(one.source == OWN for one in claims) else " of the paper"
    return (
        f"None of the {count_words(len(claims))} claims{whose} can be asked here: they are about "
        f"{', '.join(about)}; this study {f'has the scores of {here}' if here else 'holds no scores'}."
    )


def decided_by(result: ClaimResult) -> str | None:
    """Name the axes that decide, such as "Cut rule, then Figure"; None where no two choices do."""
    if result.tree is None or not result.tree.decides:
        return None
    return ", then ".join(dict.fromkeys(result.axes[place].title for place in result.tree.axes))


def _because(result: ClaimResult) -> str:
    """What all that contradict, or all that hold, have in common; "" where that is nothing."""
    told = [(CONTRADICTS, "all that contradict it use"), (HOLDS, "all that hold use")]
    for verdict, words in told:
        rows = np.flatnonzero(result.verdict == verdict)
        others = np.flatnonzero(result.verdict == -verdict)
        if rows.size and others.size and (axis := _in_common(result, rows, others)) is not None:
            return f"{words} {_options(result, rows, axis)}"
    if result.tree is None:
        return ""
    if result.tree.decides:
        return f"what decides is {_tree_words(result)}"
    return f"no one or two choices decide it; most is told by {_tree_words(result)}"


def _in_common(result: ClaimResult, rows: IntArray, others: IntArray) -> int | None:
    """The axis on which some variants have few options that most of the others lack; None where there is none."""
    found: list[tuple[float, int, int]] = []
    for place in range(len(result.axes)):
        own = np.unique(result.codes[rows, place])
        apart = float(np.mean(~np.isin(result.codes[others, place], own)))
        if len(own) <= _MOST_NAMED and apart >= _MOSTLY:
            found.append((-apart, len(own), place))
    return min(found)[2] if found else None


def _options(result: ClaimResult, rows: IntArray, place: int) -> str:
    axis = result.axes[place]
    codes = sorted({int(code) for code in result.codes[rows, place]})
    return f"{_listed([axis.options[code].words for code in codes])} ({_small(axis.title)})"


def _tree_words(result: ClaimResult) -> str:
    """The questions of a tree, and the answers that speak against the claim."""
    tree = result.tree
    assert tree is not None
    title, options = _small(result.axes[tree.question.axis].title), _of(result, tree.question)
    if tree.applies.question is None and tree.others.question is None:
        return f"{title} ({options} against it)"
    sides = [_leaf_words(result, tree.applies, "there"), _leaf_words(result, tree.others, "elsewhere")]
    return f"{title} ({options}), {' and '.join(side for side in sides if side)}"


def _leaf_words(result: ClaimResult, leaf: Leaf, where: str) -> str:
    if leaf.question is None:
        return f"{where} all against it" if leaf.contradicts else ""
    title = _small(result.axes[leaf.question.axis].title)
    return f"{where} {title} ({_of(result, leaf.question)} against it)"


def _of(result: ClaimResult, question: Question) -> str:
    axis: OpenAxis = result.axes[question.axis]
    return _listed([axis.options[code].words for code in question.options])


def _listed(names: Sequence[str]) -> str:
    """Options in a sentence; of many, how many more there are."""
    small = [_small(name) for name in names] or ["none"]
    if len(small) > _MOST_NAMED:
        return f"{', '.join(small[:_MOST_NAMED])} or {len(small) - _MOST_NAMED} more"
    return small[0] if len(small) == 1 else f"{', '.join(small[:-1])} or {small[-1]}"


def _small(text: str) -> str:
    """A title within a sentence; abbreviations stay."""
    return text if text.split()[0].isupper() and len(text.split()[0]) > 1 else text[0].lower() + text[1:]


def _variants(n: int) -> str:
    return "1 variant" if n == 1 else f"{count_words(n)} variants"


def multiplicity_words(result: ClaimResult) -> str:
    """Say how many intervals were looked at, what chance alone gives, and how many hold all at once."""
    n_told = int(np.count_nonzero(~np.isnan(result.low)))
    if not n_told:
        return "No variant has an interval."
    chance = (1 - LEVEL) / 2 * n_told
    at_once = int(np.count_nonzero(result.holds_jointly))
    jointly = (
        f" With intervals wide enough for all at once, {count_words(at_once)} hold."
        if result.peak.size
        else " Intervals for all at once are not known."
    )
    return (
        f"{count_words(n_told)} intervals of {share_words(LEVEL)} were looked at; without any effect about "
        f"{count_words(round(chance))} would hold by chance, many together, for variants share films.{jointly}"
    )


def excluded_words(result: ClaimResult) -> str:
    """Say how many combinations make no sense, and why; "" where all do."""
    if not result.excluded:
        return ""
    total = sum(result.excluded.values())
    reasons = [f"{reason} ({count_words(number)})" for reason, number in result.excluded.items()]
    return f"{count_words(total)} combinations make no sense: {'; '.join(reasons)}."


def published_words(result: ClaimResult) -> str:
    """Say what became of the variant that was published."""
    if result.published is None:
        return "The published variant is not among them."
    verdict = VARIANT_WORDS[int(result.verdict[result.published])]
    return f"As published: {effect_words(result, result.published)}, {verdict}."


def effect_words(result: ClaimResult, variant: int) -> str:
    """Say the effect of a variant with its interval."""
    digits = figure_named(result.choices(variant)["metric"]).digits
    return difference_words(float(result.effect[variant]), interval_of(result, variant), digits)


def sides_words(result: ClaimResult, variant: int) -> tuple[str, str]:
    """Say the two figures of a variant."""
    digits = figure_named(result.choices(variant)["metric"]).digits
    return tuple(figure_words(float(one[variant]), None, digits) for one in (result.first, result.second))  # type: ignore[return-value]


def interval_of(result: ClaimResult, variant: int) -> Interval:
    """Give the interval of a variant's effect."""
    low, high = float(result.low[variant]), float(result.high[variant])
    return Interval(low, high, int(result.n[variant]), is_estimable=low == low)


def choices_words(result: ClaimResult, variant: int) -> dict[str, str]:
    """Say the choices of a variant: by the title of the axis, the option."""
    codes = result.codes[variant]
    return {axis.title: axis.options[code].words for axis, code in zip(result.axes, codes, strict=True)}


def holds_on_check(result: ClaimResult) -> bool:
    """Tell whether a check passes: the claim was asked, and holds in as many variants as it says."""
    n = len(result.codes)
    return bool(n) and result.n_holding >= result.claim.at_least * n


def claim_lines(ledger: Ledger) -> list[str]:
    """Say every claim and what became of it, one line each."""
    return [f"{one.claim.sentence} {verdict_words(one)}" for one in ledger.results]


def claims_json(ledger: Ledger) -> list[dict[str, Any]]:
    """Give every claim as plain values: id, sentence, n_variants, n_holding, verdict, decided_by, and more."""
    return [_claim_json(one) for one in ledger.results]


def _claim_json(result: ClaimResult) -> dict[str, Any]:
    variant = result.published
    return {
        "id": result.claim.name,
        "sentence": result.claim.sentence,
        "n_variants": len(result.codes),
        "n_holding": result.n_holding,
        "verdict": verdict_words(result),
        "decided_by": decided_by(result),
        "source": result.claim.source,
        "n_contradicting": result.n_contradicting,
        "n_untold": result.n_untold,
        "n_holding_jointly": int(np.count_nonzero(result.holds_jointly)),
        "n_excluded": sum(result.excluded.values()),
        "published": None if variant is None else VARIANT_WORDS[int(result.verdict[variant])],
        "missing": result.missing,
    }
