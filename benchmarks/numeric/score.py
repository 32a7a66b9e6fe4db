"""Right digits, honest bars and cost: the figures of one answer, and of a set of answers."""

import math
import statistics

import mpmath

from numeric.methods import NO_BAR, RAISED

CAP = 16.0
FAILED = 8.0

CONTEXT = mpmath.mp.clone()
CONTEXT.dps = 60


# Truths are known to 30 digits or more. A float that agrees with one to 25 is the truth itself:
# what is left of the difference is the truth's own rounding, and no error that a bar has to cover.
SAME = CONTEXT.mpf(10) ** -25


def distance(value, truth):
    """How far a float lies from its truth, in mpmath: neither 1e-300 nor 1e300 costs a digit."""
    if not math.isfinite(value):
        return CONTEXT.inf
    off = abs(CONTEXT.mpf(value) - truth)
    return off if off > SAME * abs(truth) else CONTEXT.zero


def digits(value, truth, scale=None):
    """Correct digits from 0 to 16: relative to `scale`, else to the truth, absolute where it is 0.

    What is not finite has none.
    """
    off = distance(value, truth) / (abs(truth if scale is None else scale) or 1)
    return CAP if off == 0 else min(CAP, max(0.0, float(-CONTEXT.log10(off))))


def covered(value, bar, truth):
    """Whether a finite value lies within its finite bar."""
    return math.isfinite(value) and math.isfinite(bar) and distance(value, truth) <= bar


def width(value, bar, truth):
    """The bar over the true error; None where there is no bar or no error."""
    off = distance(value, truth)
    return float(bar / off) if off and math.isfinite(value) and math.isfinite(bar) else None


def figures(name, outcomes, truths):
    """The row of one method over a set of truths, as numbers."""
    pairs = list(zip(outcomes, truths, strict=True))
    right = [digits(o.value, t) for o, t in pairs]
    widths = [w for o, t in pairs if (w := width(o.value, o.bar, t)) is not None]
    costs = [o.evaluations for o in outcomes]
    inside = None if name in NO_BAR else sum(covered(o.value, o.bar, t) for o, t in pairs)
    return {
        "method": name,
        "median": statistics.median(right),
        "mean": statistics.mean(right),
        "worst": min(right),
        "under 8": sum(d < FAILED for d in right),
        "raised": sum(o.status == RAISED for o in outcomes),
        "covered": inside,
        "of": len(pairs),
        "share": None if inside is None else f"{inside / len(pairs):.2%}",
        "bar/error": statistics.median(widths) if widths else None,
        "evals": f"{statistics.median(costs):g}",
        "max evals": max(costs),
    }


def written(row):
    """Numbers as a reader wants them: two decimals, large or small ones in powers of ten."""
    return {key: _text(value) for key, value in row.items()}


def _text(value):
    if value is None:
        return "n/a"
    if not isinstance(value, float):
        return str(value)
    plain = value == 0 or 0.01 <= abs(value) < 1e5
    return f"{value:.2f}" if plain or not math.isfinite(value) else f"{value:.2e}"
