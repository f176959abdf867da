"""Tables as LaTeX."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from core.words import MINUS, UNDEFINED

NEEDS: Final = "% Needs \\usepackage{booktabs}. Not for clinical use."
"""What every file with such tables begins with."""


def latex_table(
    rows: Sequence[Sequence[str]],
    caption: str,
    *,
    name: str,
    columns: str = "",
    bold: Collection[tuple[int, int]] = (),
) -> str:
    r"""Write rows, headings first, as a table (package booktabs); what is undefined becomes --.

    name : what a reference calls it, "tab:" in front of it.
    columns : LaTeX's letters of the columns; empty for the first to the left and the others to the right.
    bold : cells, by row and column from 0, the headings being row 0.

    >>> print(latex_table([["Class", "F1"], ["A & B", "0.5"]], "Made up.", name="f1", bold={(1, 1)}))
    \begin{table}
    \caption{Made up.}
    \label{tab:f1}
    \begin{tabular}{lr}
    \toprule
    Class & F1 \\
    \midrule
    A \& B & \textbf{0.5} \\
    \bottomrule
    \end{tabular}
    \end{table}
    """
    written = [
        [rf"\textbf{{{escaped(cell)}}}" if (line, place) in bold else escaped(cell) for place, cell in enumerate(row)]
        for line, row in enumerate(rows)
    ]
    head, *cells = [" & ".join(row) + r" \\" for row in written]
    letters = columns or "l" + "r" * (len(rows[0]) - 1)
    begin = [r"\begin{table}", rf"\caption{{{escaped(caption)}}}", rf"\label{{tab:{name.replace('_', '-')}}}"]
    begin += [rf"\begin{{tabular}}{{{letters}}}", r"\toprule"]
    end = [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join([*begin, head, r"\midrule", *cells, *end])


def escaped(text: str) -> str:
    """Write out LaTeX's own characters; a bracket or star in front is kept from the line break before."""
    special = {
        "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
        ">": r"\textgreater{}", "|": r"\textbar{}", MINUS: r"\textminus{}", UNDEFINED: "--",
        "\N{UPWARDS ARROW}": r"$\uparrow$", "\N{DOWNWARDS ARROW}": r"$\downarrow$", "\N{NO-BREAK SPACE}": "~",
    }  # fmt: skip
    written = "".join(special.get(char, f"\\{char}" if char in "&%$#_{}" else char) for char in text)
    return f"{{}}{written}" if written.lstrip().startswith(("[", "*")) else written
