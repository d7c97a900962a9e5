"""How hard Hypothesis tries: quick and repeatable by default, `HYPOTHESIS_PROFILE=deep` for a long random search."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick", max_examples=40, stateful_step_count=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
settings.register_profile("deep", settings.get_profile("quick"), max_examples=400, stateful_step_count=50, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
