"""Twin films: pairs, effects, shortcuts, the audit, and maps judged by causes."""
