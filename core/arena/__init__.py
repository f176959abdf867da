"""The arena: two maps of one film, blind, and which of them readers would trust."""
