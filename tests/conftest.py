"""What every test shares: one Hypothesis profile, the same examples on every run, and no clock.

A slow machine, or one that measures coverage, must not turn a right answer red, so neither the
deadline nor the health check for speed is on. Timings live in ``benchmarks/``.
"""

from hypothesis import HealthCheck, settings
from sabotage import SCORE

settings.register_profile(
    "crossdiff",
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("crossdiff")


def pytest_terminal_summary(terminalreporter):
    """Say how many sabotages were caught and pinned on their readers."""
    if SCORE:
        terminalreporter.section("sabotage: caught and pinned on exactly its readers")
        for table, (caught, total) in sorted(SCORE.items()):
            terminalreporter.write_line(f"{table:14} {caught:5} of {total:5}")
        caught, total = (sum(column) for column in zip(*SCORE.values(), strict=True))
        terminalreporter.write_line(f"{'all':14} {caught:5} of {total:5}  {caught / total:.1%}")
