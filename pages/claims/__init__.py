"""Which sentences of a paper hold in a study, under every defensible choice."""
