"""Every class on its own: counts, figures, curves, calibration, groups."""
