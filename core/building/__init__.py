"""A dataset and a model in, a study out: films prepared, encoded, scored in the three settings, projected, written."""
