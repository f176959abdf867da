"""Which maps of which films meet, in what order and on which side: the same questions for all readers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from core.arena.votes import Vote
from core.errors import SaliencyError
from core.files import digest
from core.saliency.imported import methods_for
from core.saliency.localization.pairs import MapKey
from core.saliency.localization.ranking import ranked_maps
from core.saliency.localization.store import annotated_films
from core.saliency.methods import method_of

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults
    from core.study import Study

SPLITS: Final = ("val", "test")
MOST_CONTENDERS: Final = 8
CHOSEN_BY: Final = "energy"
"""The figure by which a method's layer is chosen on val."""


@dataclass(frozen=True)
class Case:
    """A film, and the one of the findings drawn on it that is asked about."""

    image_id: str
    finding: str


@dataclass(frozen=True)
class Question:
    """Two maps of a case, on the sides on which a reader sees them."""

    case: Case
    left: MapKey
    right: MapKey

    @property
    def token(self) -> str:
        """Give 16 digits that stand for the question and tell nothing of what is asked."""
        return digest([self.case.image_id, self.case.finding, vars(self.left), vars(self.right)], 16)

    def answered(self, reader: str, answer: str) -> Vote:
        """Make a vote of an answer."""
        return Vote(reader, self.case.image_id, self.case.finding, self.left, self.right, answer)  # type: ignore[arg-type]


def draw_cases(study: Study, n_films: int) -> tuple[Case, ...]:
    """Draw films of val and test with masks, a finding of each: so many, or all that there are.

    The same for everyone and whatever competes; of more films the first are the same. Raises SaliencyError where no
    film of the study has a mask.
    """
    drawn: dict[str, set[str]] = {}
    for entry in study.annotations():
        if entry.finding in study.classes:
            drawn.setdefault(entry.image_id, set()).add(entry.finding)
    films = sorted(annotated_films(study, SPLITS), key=lambda name: digest(["arena", name]))
    cases = []
    for image_id in films[:n_films]:
        findings = sorted(drawn[image_id], key=lambda finding: digest([image_id, finding]))
        cases.append(Case(image_id, findings[0]))
    return tuple(cases)


def questions(cases: Sequence[Case], contenders: Sequence[MapKey], reader: str) -> tuple[Question, ...]:
    """List every pair of contenders on every case, in the order and on the sides for one reader.

    In a round every film is asked once, and every pair on as many films as every other, but for one: whoever ends after
    a round has judged all films. Sides and the order within a round are each reader's own.
    """
    pairs = list(combinations(contenders, 2))
    asked = []
    for turn in range(len(pairs)):
        one_round = [_sided(case, pairs[(place + turn) % len(pairs)], reader) for place, case in enumerate(cases)]
        asked += sorted(one_round, key=lambda question: digest([reader, turn, question.case.image_id]))
    return tuple(asked)


def unanswered(asked: Sequence[Question], votes: Sequence[Vote], reader: str) -> tuple[Question, ...]:
    """Keep the questions that a reader has not answered, on whatever side."""
    done = {vote.question for vote in votes}
    return tuple(one for one in asked if one.answered(reader, "unsure").question not in done)


def methods_against(
    setting: str, methods: Sequence[str], table: LocalizationResults | None = None
) -> tuple[MapKey, ...]:
    """Let methods compete in one setting.

    table : chooses for each the layer at which it agrees best with the masks of val; None takes its usual one.
    Raises SaliencyError for fewer than two or more than `MOST_CONTENDERS`.
    """
    chosen: dict[str, str] = {}
    for entry in () if table is None else ranked_maps(table, setting, CHOSEN_BY):
        chosen.setdefault(entry.of.method, entry.of.layer or "")
    return _counted([MapKey(setting, method, chosen.get(method) or None) for method in methods])


def settings_against(settings: Sequence[str], method: str) -> tuple[MapKey, ...]:
    """Let settings compete by one method, at its usual layer. Raises as `methods_against`."""
    return _counted([MapKey(setting, method) for setting in settings])


def competing_methods(study: Study, *, of_settings: bool) -> tuple[str, ...]:
    """List the methods that can compete; of settings, those that tell classes and models apart."""
    found = [method for method in methods_for(study) if not method.is_slow]
    if of_settings:
        found = [method for method in found if method.is_class_specific and not method.is_baseline]
    return tuple(method.name for method in found)


def _sided(case: Case, pair: tuple[MapKey, MapKey], reader: str) -> Question:
    turned = int(digest([reader, case.image_id, case.finding, *map(vars, pair)], 1), 16) % 2
    left, right = pair[::-1] if turned else pair
    return Question(case, left, right)


def _counted(contenders: Collection[MapKey]) -> tuple[MapKey, ...]:
    if not 2 <= len(contenders) <= MOST_CONTENDERS:
        raise SaliencyError(
            f"{len(contenders)} {'map' if len(contenders) == 1 else 'maps'} cannot compete; expected 2 to "
            f"{MOST_CONTENDERS}.",
            remedy="Choose at least two, and not more than can be judged in pairs.",
        )
    return tuple(contenders)


def contender_words(of: MapKey, setting_words: str) -> str:
    """Name a contender: its method, layer and setting."""
    layer = f", {of.layer}" if of.layer else ""
    return f"{method_of(of.method).title}{layer} ({setting_words})"
