"""The arena: two maps of one film side by side, blind, and the votes on them."""
