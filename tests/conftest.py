"""What every test shares: one Hypothesis profile, the same examples on every run, and no clock.

A slow machine, or one that measures coverage, must not turn a right answer red, so neither the
deadline nor the health check for speed is on. Timings live in ``benchmarks/``.
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "crossdiff",
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("crossdiff")
