"""Twin films: the same patient with and without a finding."""
