"""The script that counts while a hand drags, in Chromium, against scikit-learn on the same random tables."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from core.paths import PROJECT
from pages.shared.components import joined
from tests.thresholds.cases import N_CASES, as_json, case

pytestmark = pytest.mark.browser
_SHARED = PROJECT / "pages" / "shared"
SCRIPT = "\n".join(
    [
        joined(_SHARED / "components" / "bytes.js"),
        joined(PROJECT / "pages" / "thresholds" / "deck" / "metrics.js"),
        "export { Deck, unpack };",
    ]
)

COUNT = """async ({tables, thresholds}) => {
    const {Deck, unpack} = window.script;
    const deck = new Deck(unpack(Uint8Array.from(atob(tables), (one) => one.charCodeAt(0))));
    for (let move = 0; move < 40; move += 1) {  // there by detours: only what a move changes is counted anew
        const index = move % deck.classes.length;
        deck.setStep(index, (move * 7919) % deck.classes[index].nSteps);
    }
    deck.setThresholds(thresholds);
    return {
        overall: deck.overall(),
        classes: deck.classes.map((one) => ({...one.figures(), interval: one.f1Interval()})),
    };
}"""

LINK = """({tables, thresholds}) => {
    const {Deck, unpack} = window.script;
    const deck = new Deck(unpack(Uint8Array.from(atob(tables), (one) => one.charCodeAt(0))));
    deck.setThresholds(thresholds);
    const first = deck.steps(), from = first[0], to = Math.floor(from / 2);
    const predicted = () => deck.classes.map((one) => one.predictedAt(one.step));
    const found = {read: deck.classes.map((one) => one.nRead), before: predicted(), first};
    for (const mode of ["quantile", "score", "prevalence"]) {
        const steps = deck.linkedSteps(mode, 0, to, first, false);
        steps.forEach((step, index) => deck.setStep(index, step));
        const cuts = deck.classes.map((one, index) => [one.cuts[first[index]], one.cuts[one.step], one.edges.length]);
        found[mode] = {after: predicted(), back: deck.linkedSteps(mode, 0, from, first, false), cuts};
    }
    return found;
}"""


@pytest.fixture(scope="module")
def counting(browser: Browser) -> Page:
    """An empty page with the script loaded."""
    page = browser.new_page()
    page.evaluate(
        """async (text) => {
            const address = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
            window.script = await import(address);
        }""",
        SCRIPT,
    )
    return page


def same(browser_value: float | None, value: float | None) -> bool:
    """Equal but for the order in which a mean is summed; undefined equals undefined."""
    undefined = [one is None or math.isnan(one) for one in (browser_value, value)]
    if any(undefined):
        return all(undefined)
    return math.isclose(browser_value, value, rel_tol=1e-12, abs_tol=1e-15)  # type: ignore[arg-type]


def wrong(counted: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """The figures that differ."""
    pairs = [(f"overall {name}", value, expected["overall"][name]) for name, value in counted["overall"].items()]
    for place, (one, other) in enumerate(zip(counted["classes"], expected["classes"], strict=True)):
        names = ("tp", "fp", "fn", "tn", "precision", "recall", "specificity", "f1")
        pairs += [(f"{place} {name}", one[name], other[name]) for name in names]
        low, high = one["interval"] or (None, None)
        pairs += [(f"{place} f1 low", low, other["f1_low"]), (f"{place} f1 high", high, other["f1_high"])]
    return [f"{name}: {value} is not {other}" for name, value, other in pairs if not same(value, other)]


@pytest.mark.parametrize("tenth", range(10))
def test_every_figure_equals_scikit_learn(counting: Page, tenth: int) -> None:
    for seed in range(tenth, N_CASES, 10):
        written = as_json(case(seed))
        assert not wrong(counting.evaluate(COUNT, written), written["expected"]), seed


def test_linked_classes_move_by_the_same_share_score_or_factor(counting: Page) -> None:
    """On tables without ties, to within one film; going back gives where they were."""
    n_linked = 0
    for seed in range(3, 60):
        chosen = case(seed)
        if chosen.labels.shape[1] < 2 or any(math.isnan(value) for value in chosen.thresholds):
            continue
        found = counting.evaluate(LINK, as_json(chosen))
        for mode in ("quantile", "score", "prevalence"):
            assert found[mode]["back"] == found["first"], (seed, mode)
        if min(found["read"]) == 0 or len(found["read"]) < 2 or found["quantile"]["cuts"][1][2] < found["read"][1]:
            continue
        n_linked += 1
        before, read = found["before"], found["read"]
        after = found["quantile"]["after"]
        wanted = before[1] + (after[0] - before[0]) / read[0] * read[1]
        assert abs(after[1] - min(max(wanted, 0), read[1])) <= 1
        after = found["prevalence"]["after"]
        assert abs(after[1] - min(before[1] * after[0] / max(before[0], 1), read[1])) <= 1
    assert n_linked >= 3
