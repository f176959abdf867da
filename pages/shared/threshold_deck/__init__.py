"""The threshold deck: a component whose figures follow the hand in the browser and are confirmed by Python."""

from pages.shared.threshold_deck.component import Move, deck, send_tables

__all__ = ["Move", "deck", "send_tables"]
