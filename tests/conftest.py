"""Hypothesis profiles: ``default`` for every run, ``prove`` for ``make prove``, ``mutants`` to judge a mutant.

``prove_slow_engine`` is ``prove`` with fewer examples, for engines that are slower than dynoxide.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "prove", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("prove_slow_engine", settings.get_profile("prove"), max_examples=2_000)
settings.register_profile("mutants", settings.get_profile("default"), derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
