"""Public collections as their makers publish them: one file each."""
