"""Sentences about a study, each held to every defensible choice: its effect, its interval, and what decides it."""
