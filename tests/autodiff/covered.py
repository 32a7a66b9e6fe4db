"""What is covered, as data: for every function a call on a sample, in all ways of differentiating.

Each case is one way to call one function, on real arrays without ties, away from kinks. The
tests differentiate it forward, in reverse, twice, and as an expression; the page
``docs/coverage.md`` is made from the same list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """One way to call a function.

    Attributes
    ----------
    name : str
        As it is called: ``np.sum``, ``np.linalg.inv``, ``ndarray.sum``, ``np.add.reduce``.
    call : callable
        Of the operands; its result is an array, or a tuple or list of arrays.
    operands : tuple of array
        Each of them is differentiated.
    expression : str
        Empty where an expression can be made of the call, else the reason why not.
    """

    name: str
    call: Callable[..., Any]
    operands: tuple[Any, ...]
    expression: str = ""


CASES: list[Case] = []
"""Every case, in the order of the modules that hold them."""

DECIDED = "which elements are meant is decided by their numbers"


def case(name: str, call: Callable[..., Any], *operands: Any, expression: str = "") -> None:
    """Enter one case."""
    CASES.append(Case(name, call, operands, expression))


def sample(*shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    """Numbers between 0.4 and 1.9, all different, in no order."""
    size = int(np.prod(shape, dtype=int))
    rng = np.random.default_rng([seed, size])
    return (0.4 + 1.5 * (rng.permutation(size) + rng.uniform(0.2, 0.8, size)) / size).reshape(shape)


V, W, X = sample(5), sample(5, seed=1), np.float64(0.7)
M, N = sample(2, 3), sample(2, 3, seed=1)
S, T = sample(3, 3), sample(2, 3, 2)


def all_cases() -> list[Case]:
    """The list, filled by the modules that hold the cases of each part."""
    import covered_elements  # noqa: F401
    import covered_grids  # noqa: F401
    import covered_matrices  # noqa: F401
    import covered_methods  # noqa: F401
    import covered_orders  # noqa: F401
    import covered_products  # noqa: F401
    import covered_reductions  # noqa: F401
    import covered_scipy  # noqa: F401
    import covered_shapes  # noqa: F401
    import covered_special  # noqa: F401

    return CASES
