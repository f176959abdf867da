"""Where a model looks: one film, all annotated films, a film of one's own."""
