"""Label budget: what one more label buys."""
