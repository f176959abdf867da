"""Thresholds: counts at every one, policies that choose them, sets with their provenance, what moving one costs."""

from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.films import SplitCounts, films_of
from core.thresholds.fitting import NATURAL_CUTS, count_thresholds, fit_thresholds
from core.thresholds.policies import POLICIES, ClassFit, Parameter, Policy, policy_named
from core.thresholds.sets import ThresholdSet, model_fingerprint, provenance

__all__ = [
    "NATURAL_CUTS",
    "POLICIES",
    "ClassFit",
    "Parameter",
    "Policy",
    "SplitCounts",
    "ThresholdCounts",
    "ThresholdSet",
    "count_thresholds",
    "films_of",
    "fit_thresholds",
    "model_fingerprint",
    "policy_named",
    "provenance",
]
