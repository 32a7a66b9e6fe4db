"""Passes over graphs: each makes a graph that means the same and costs less."""

from compare.lower.passes.registry import (
    PASSES,
    Pass,
    Record,
    chosen_passes,
    run_passes,
    run_passes_in_order,
)
from compare.lower.passes.selfcheck import HarmfulPassError, check_harmless

__all__ = [
    "PASSES",
    "HarmfulPassError",
    "Pass",
    "Record",
    "check_harmless",
    "chosen_passes",
    "run_passes",
    "run_passes_in_order",
]
