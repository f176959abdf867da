"""Moving thresholds: the deck, what flips, curves, exports."""
