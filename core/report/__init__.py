"""The figures of a study, as pages and commands show them."""
