"""Thresholds under other settings, as a table: a row per setting of the fit, a column per setting read."""

from __future__ import annotations

from typing import Final

import pandas as pd

from core.report.transfer import Transfer, TransferCell
from core.settings.titles import setting_title
from core.words import UNDEFINED, difference_words, number_words, signed_words, unbroken

MOST_WIDE: Final = 6
"""Settings up to which a cell has room for an interval."""


def transfer_table(found: Transfer) -> pd.DataFrame:
    """Tabulate the figure, and in a cell off the diagonal what it is less than the setting's own thresholds give.

    With more than MOST_WIDE settings intervals have no room; a star says where one leaves 0 out.
    """
    said = _words if len(found.settings) <= MOST_WIDE else _short
    columns = {
        setting_title(read): [said(found.cells[fitted, read]) for fitted in found.settings] for read in found.settings
    }
    return pd.DataFrame(columns, index=pd.Index([setting_title(one) for one in found.settings], name="Fitted under"))


def refusals(found: Transfer) -> tuple[str, ...]:
    """List why some thresholds are not read elsewhere, each sentence once."""
    return tuple(dict.fromkeys(cell.refused for cell in found.cells.values() if cell.refused))


def _short(cell: TransferCell) -> str:
    said = "refused" if cell.refused else number_words(cell.value)
    if cell.cost is None or said == UNDEFINED:
        return said
    return unbroken(f"{said}, {signed_words(cell.cost.value)}{' *' * cell.cost.is_clear}")


def _words(cell: TransferCell) -> str:
    if cell.refused:
        return "refused"
    said = number_words(cell.value)
    if cell.cost is not None and said != UNDEFINED:
        said += f", {difference_words(cell.cost.value, cell.cost.interval)}{' *' * cell.cost.is_clear}"
    return f"{said}, {cell.n_kept} of {cell.n_asked} classes" if cell.n_asked else said
