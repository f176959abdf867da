"""Prompts as a source of error: every class asked about in many wordings, and what becomes of zero-shot under each."""
