"""Twin films: the same patient with and without one finding, so that what moved a score is known."""
