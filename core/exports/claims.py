"""Claims to carry away: every variant as CSV, all verdicts as LaTeX, and a section of the report."""

from __future__ import annotations

import csv
import io

from core.claims.ledger import ClaimResult, Ledger
from core.claims.verdict import VARIANT_WORDS, decided_by, published_words, verdict_words
from core.exports.latex import NEEDS, latex_table
from core.exports.spreadsheets import as_text
from core.figures.claims import curve_words, specification_curve
from core.words import UNDEFINED, count_words

_HEAD = ("study", "fingerprint", "claim", "sentence")
_FIGURES = ("first", "second", "effect", "low", "high", "n", "verdict", "holds_jointly", "as_published")


def claims_csv(ledger: Ledger) -> str:
    """Write one row per variant of every claim: its choices, figures, interval and verdict; empty where undefined."""
    axes = list(dict.fromkeys(axis.name for one in ledger.results for axis in one.axes))
    out = io.StringIO()
    writer = csv.DictWriter(out, [*_HEAD, *axes, *_FIGURES], lineterminator="\n", restval="")
    writer.writeheader()
    for one in ledger.results:
        head = (ledger.study, ledger.fingerprint, one.claim.name, one.claim.sentence)
        said = dict(zip(_HEAD, map(as_text, head), strict=True))
        for variant in range(len(one.codes)):
            choices = {name: as_text(option) for name, option in one.choices(variant).items()}
            writer.writerow({**said, **choices, **_cells(one, variant)})
    return out.getvalue()


def _cells(result: ClaimResult, variant: int) -> dict[str, object]:
    numbers = {
        "first": result.first[variant],
        "second": result.second[variant],
        "effect": result.effect[variant],
        "low": result.low[variant],
        "high": result.high[variant],
    }
    return {
        **{name: "" if value != value else repr(float(value)) for name, value in numbers.items()},
        "n": int(result.n[variant]),
        "verdict": VARIANT_WORDS[int(result.verdict[variant])],
        "holds_jointly": int(result.holds_jointly[variant]),
        "as_published": int(variant == result.published),
    }


def claims_table(ledger: Ledger) -> tuple[list[str], list[list[str]]]:
    """Tabulate the verdicts: headings, and one row of words per claim."""
    heading = ["Claim", "Variants", "Hold", "Contradict", "Cannot be told", "Decided by", "Verdict"]
    return heading, [
        [
            one.claim.sentence,
            *(count_words(number) for number in (len(one.codes), one.n_holding, one.n_contradicting, one.n_untold)),
            decided_by(one) or UNDEFINED,
            verdict_words(one),
        ]
        for one in ledger.results
    ]


def claims_latex(ledger: Ledger) -> str:
    """Write the verdicts as a table (packages booktabs, tabularx not needed); -- is undefined."""
    heading, rows = claims_table(ledger)
    caption = (
        f"Claims about {ledger.study} (fingerprint {ledger.fingerprint}) under every choice. Not for clinical use."
    )
    cells = [row[:-1] for row in (heading, *rows)]
    table = latex_table(cells, caption, name="claims", columns="p{6cm}rrrrp{3cm}")
    return f"{NEEDS}\n{table}\n"


def curves_html(ledger: Ledger) -> list[tuple[str, str, str, str]]:
    """Draw every claim that was asked: sentence, verdict, what the figure shows in words, and the drawing."""
    parts = []
    for one in ledger.results:
        if len(one.codes):
            figure = specification_curve(one, with_words=False).update_layout(template="plotly_white")
            drawn = figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
            said = f"{verdict_words(one)} {published_words(one) if one.claim.published else ''}"
            parts.append((one.claim.sentence, said.strip(), curve_words(one), drawn))
    return parts
