"""The label budget under real keys: figures follow in the browser, are Python's, and stand in the address."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.label_budget.curves import figures_at, groups, used_films
from core.label_budget.films import budget_films
from core.label_budget.orders import random_order
from core.paths import STUDIES
from core.study import open_study
from core.words import count_words
from tests.browser.conftest import Looking


def test_keys_adapt_every_class_at_once_and_a_link_brings_the_same(looking: Looking, phantom: str) -> None:
    page = looking.page
    page.goto(f"{looking.address}/label_budget?study={phantom}&budget=300&measure=f1&draw=3")
    slider, root = page.locator(".budget input[type=range]"), page.locator(".budget")
    page.locator(".budget svg").wait_for(timeout=120_000)
    assert slider.input_value() == "300"
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("budget=305"))
    page.locator(".budget[data-budget='305']").wait_for()  # the hand's last step is drawn
    films = budget_films(open_study(STUDIES / phantom), "frozen")
    order = random_order(films.patients, 3)
    paid = used_films(films.labels["train"], order, 305, by_class=False)
    expected = figures_at(films, films.films["train"][order[:305]], paid)
    shown = float(root.get_attribute("data-mean") or "nan")
    assert shown == pytest.approx(float(np.mean(expected[groups(films)["all"], 2])), abs=1e-5)
    assert f"305 of {count_words(2670)} labelled films" in page.locator(".number").inner_text()
    cells = page.locator(".budget tbody tr").first.locator("td").all_inner_texts()
    assert cells[0] == films.classes[0]
    assert float(cells[2]) == pytest.approx(expected[0, 2], abs=6e-4)
    assert looking.errors == []
    assert looking.outside == []
