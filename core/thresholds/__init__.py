"""Thresholds: counts at every one, policies that choose them, sets with their provenance, what moving one costs."""

from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.class_fit import ClassFit, PromiseFit
from core.thresholds.films import SplitCounts, films_of
from core.thresholds.fitting import NATURAL_CUTS, fit_thresholds
from core.thresholds.policies import POLICIES, Parameter, Policy, policy_named
from core.thresholds.sets import ThresholdSet, model_fingerprint, provenance

__all__ = [
    "NATURAL_CUTS",
    "POLICIES",
    "ClassFit",
    "Parameter",
    "Policy",
    "PromiseFit",
    "SplitCounts",
    "ThresholdCounts",
    "ThresholdSet",
    "films_of",
    "fit_thresholds",
    "model_fingerprint",
    "policy_named",
    "provenance",
]
