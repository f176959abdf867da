"""Maps beside the one that the study holds: other parameters and methods, new films, and maps of a finished study."""
