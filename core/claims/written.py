"""Claims of one's own as a small JSON file: read, refused in sentences, and written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.claims.axes import AXES
from core.claims.claim import CHANCE, DIRECTION_WORDS, DIRECTIONS, Claim, Direction
from core.claims.figures import FIGURES, ClaimFigure, figure_named
from core.errors import CoreError
from core.files import read_json, write_whole
from core.settings.titles import setting_title
from core.study.layout import CLAIMS

OWN: Final = "a claim of one's own"
"""Where such a claim was said, unless it says itself."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_LONGEST: Final = 400
_MOST: Final = 200
_KEYS: Final = (
    "id", "sentence", "source", "figures", "first", "second", "direction", "margin", "films", "published", "choices",
    "at_least",
)  # fmt: skip
_REMEDY: Final = "core/README.md says what a claim holds."


class ClaimError(CoreError):
    """A claim that was written down cannot be asked."""


def own_claims(root: Path) -> tuple[Claim, ...]:
    """Read the claims that stand in a study's folder; () where it holds none. ClaimError where they are no claims."""
    path = root / CLAIMS
    return read_claims(path) if path.exists() else ()


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read the claims of a JSON file. ClaimError, saying which and why, where one of them is none."""
    content = read_json(path, remedy=_REMEDY, error=ClaimError)
    entries = content.get("claims") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ClaimError(f'{path}: holds no claims; expected {{"claims": [{{...}}, ...]}}.', remedy=_REMEDY)
    if not 0 < len(entries) <= _MOST:
        raise ClaimError(f"{path}: holds {len(entries)} claims; expected 1 to {_MOST}.", remedy=_REMEDY)
    claims = tuple(claim_from_json(one, f"{path}: claim {place}") for place, one in enumerate(entries, 1))
    names = [one.name for one in claims]
    for name in names:
        if names.count(name) > 1:
            raise ClaimError(f"{path}: two claims are called {name!r}.", remedy="Give every claim an id of its own.")
    return claims


def write_claims(root: Path, claims: Sequence[Claim]) -> None:
    """Write claims into a study's folder, in place of those that stand there; none takes the file away."""
    path = root / CLAIMS
    if not claims:
        path.unlink(missing_ok=True)
        return
    content = {"claims": [claim_to_json(one) for one in claims]}
    try:
        write_whole(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise ClaimError(f"{path}: cannot be written ({error.strerror}).", remedy="Check permissions.") from error


def claim_to_json(claim: Claim) -> dict[str, Any]:
    """Give plain values as a file holds them."""
    return {
        "id": claim.name,
        "sentence": claim.sentence,
        "source": claim.source,
        "figures": list(claim.figures),
        "first": claim.first,
        "second": claim.second,
        "direction": claim.direction,
        "margin": claim.margin,
        "films": claim.films,
        "published": dict(claim.published),
        "choices": {name: list(options) for name, options in claim.only.items()},
        "at_least": claim.at_least,
    }


def claim_from_json(told: Mapping[str, Any], where: str) -> Claim:
    """Read a claim. ClaimError, beginning with `where`, for what is none.

    >>> told = {"id": "mine", "sentence": "Ours ranks well.", "figures": ["auroc"], "first": "ours", "second": 0.8}
    >>> claim_from_json(told, "here").direction
    'above'
    """
    unknown = sorted(set(told) - set(_KEYS))
    if unknown:
        raise ClaimError(f"{where}: {unknown[0]!r} is unknown; a claim has {', '.join(_KEYS)}.", remedy=_REMEDY)
    name = _text(told, "id", where)
    if not _NAME.fullmatch(name):
        raise ClaimError(f"{where}: the id is {name!r}; expected small letters, digits and hyphens.", remedy=_REMEDY)
    claim = Claim(
        name=name,
        sentence=_text(told, "sentence", where),
        source=_text({"source": OWN, **told}, "source", where),
        figures=_figures(told, where),
        first=_text(told, "first", where),
        second=_second(told, where),
        direction=_one_of(told, "direction", DIRECTIONS, where),  # type: ignore[arg-type]
        margin=_number(told, "margin", where, 0.0, math.inf, 0.0),
        films=_one_of(told, "films", ("all", "several findings"), where),  # type: ignore[arg-type]
        published=_choices(told, "published", where),
        only=_lists(told, where),
        at_least=_number(told, "at_least", where, 0.0, 1.0, 0.5),
    )
    _require_sense(claim, where)
    return claim


def sentence_of(figure: str, first: str, direction: Direction, second: str | float) -> str:
    """Put a claim of one figure into a sentence.

    >>> sentence_of("f1", "zero_shot", "above", 0.5)
    'F1 of Zero-shot is above 0.5.'
    """
    other = f"{second:g}" if not isinstance(second, str) else "chance" if second == CHANCE else setting_title(second)
    return f"{figure_named(figure).title} of {setting_title(first)} {DIRECTION_WORDS[direction]} {other}."


def _require_sense(claim: Claim, where: str) -> None:
    """ClaimError where a claim says what no study could be asked."""
    figures = [figure_named(name) for name in claim.figures]
    if claim.second == CHANCE and (lost := [one.title for one in figures if not has_chance(one)]):
        raise ClaimError(f"{where}: chance is not known of {lost[0]}.", remedy="Name a setting or a number instead.")
    if claim.first == claim.second:
        raise ClaimError(f"{where}: {claim.first} is set against itself.", remedy="Name another setting.")
    if claim.direction in ("near", "apart") and not claim.margin:
        message = f"{where}: {claim.direction!r} needs a margin above 0, which says how near is near."
        raise ClaimError(message, remedy="Give a margin in units of the figure.")
    if any(one.kind == "maps" for one in figures) and not isinstance(claim.second, str):
        raise ClaimError(f"{where}: maps are compared between settings.", remedy="Name a setting as the second.")
    kinds = {one.kind in ("distances", "maps") and one.kind for one in figures}
    if len(kinds) > 1:
        message = f"{where}: its figures are of unlike things; distances and maps stand alone."
        raise ClaimError(message, remedy="Write a claim for each.")


def has_chance(figure: ClaimFigure) -> bool:
    """Tell whether it is known what a ranking that knows nothing would give."""
    return figure.by_chance is not None or figure.kind == "areas"


def _text(told: Mapping[str, Any], key: str, where: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise ClaimError(
            f"{where}: {key} is {_shown(value)}; expected a text of 1 to {_LONGEST} signs.", remedy=_REMEDY
        )
    return " ".join(value.split())


def _one_of(told: Mapping[str, Any], key: str, allowed: Sequence[str], where: str) -> str:
    value = told.get(key, allowed[0])
    if value not in allowed:
        raise ClaimError(f"{where}: {key} is {_shown(value)}; expected {' or '.join(allowed)}.", remedy=_REMEDY)
    return str(value)


def _number(told: Mapping[str, Any], key: str, where: str, low: float, high: float, default: float) -> float:
    value = told.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        wanted = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"
        raise ClaimError(f"{where}: {key} is {_shown(value)}; expected a number {wanted}.", remedy=_REMEDY)
    return float(value)


def _figures(told: Mapping[str, Any], where: str) -> tuple[str, ...]:
    names, known = told.get("figures"), [one.name for one in FIGURES]
    if not isinstance(names, list) or not names or not all(one in known for one in names):
        wanted = f"a list of {', '.join(known)}"
        raise ClaimError(f"{where}: figures is {_shown(names)}; expected {wanted}.", remedy=_REMEDY)
    return tuple(dict.fromkeys(names))


def _second(told: Mapping[str, Any], where: str) -> str | float:
    value = told.get("second")
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return _text(told, "second", where)


def _choices(told: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    value, known = told.get(key, {}), [axis.name for axis in AXES]
    if not isinstance(value, dict) or not all(one in known and isinstance(said, str) for one, said in value.items()):
        wanted = f"an option for some of {', '.join(known)}"
        raise ClaimError(f"{where}: {key} is {_shown(value)}; expected {wanted}.", remedy=_REMEDY)
    return dict(value)


def _lists(told: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    value, known = told.get("choices", {}), [axis.name for axis in AXES]
    lists = value.values() if isinstance(value, dict) else ()
    fine = all(isinstance(one, list) and one and all(isinstance(name, str) for name in one) for one in lists)
    if not isinstance(value, dict) or not fine or not set(value) <= set(known):
        wanted = f"a list of options for some of {', '.join(known)}"
        raise ClaimError(f"{where}: choices is {_shown(value)}; expected {wanted}.", remedy=_REMEDY)
    return {axis: tuple(options) for axis, options in value.items()}


def _shown(value: object) -> str:
    return "missing" if value is None else repr(value)[:80]
