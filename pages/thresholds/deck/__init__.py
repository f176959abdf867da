"""The threshold deck: a component whose figures follow the hand in the browser and are confirmed by Python."""

from pages.thresholds.deck.component import Move, deck, send_tables, send_truths

__all__ = ["Move", "deck", "send_tables", "send_truths"]
