"""What the converged linear probe is fitted with. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.settings.base import SettingOptions


@dataclass(frozen=True)
class ConvergedOptions(SettingOptions):
    """What the regression is fitted with.

    least_c, most_c, n_c : strengths tried, evenly in their logarithm; scikit-learn's C, of rows of length 1.
    c_without_val : the strength where no val film is labelled.
    tolerance : gradient norm at which a class is done; path_tolerance while strengths are tried.
    """

    least_c: float = 1e-2
    most_c: float = 1e5
    n_c: int = 8
    c_without_val: float = 1.0
    tolerance: float = 1e-8
    path_tolerance: float = 1e-5
    max_iterations: int = 100

    @property
    def strengths(self) -> tuple[float, ...]:
        """List the strengths, weakest fit first."""
        return tuple(float(c) for c in np.geomspace(self.least_c, self.most_c, self.n_c))
