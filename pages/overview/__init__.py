"""The study at a glance: results, how sure they are, what the study holds."""
