"""Thresholds: counts at every one, policies that choose them, sets with their provenance, what moving one costs."""

from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.policies import POLICIES, Policy, policy_named
from core.thresholds.sets import NATURAL_CUTS, ThresholdSet, count_thresholds, fit_thresholds

__all__ = [
    "NATURAL_CUTS",
    "POLICIES",
    "Policy",
    "ThresholdCounts",
    "ThresholdSet",
    "count_thresholds",
    "fit_thresholds",
    "policy_named",
]
