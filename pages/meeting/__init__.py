"""A meeting around the app: one presents, everybody follows; who may come in, and how."""
