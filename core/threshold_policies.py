"""The policies, under the name that pages import them by."""

from core.thresholds.policies import POLICIES, Policy, policy_named

__all__ = ["POLICIES", "Policy", "policy_named"]
