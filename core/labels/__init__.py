"""What a label means: what was said of a film, by whom, and the convention that turns it into 0 and 1."""
