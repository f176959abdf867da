"""A film that is not in the study."""
