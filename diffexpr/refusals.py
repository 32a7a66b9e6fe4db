"""What has no derivative here, with the reason, and what to do instead."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from diffexpr.errors import ExpressionTypeError, MissingRuleError
from diffexpr.operands import FUNCTIONS

WAY_OUT = (
    "wrap it with autodiff.primitive and give it a rule with def_jvp and def_vjp, "
    "or differentiate numerically with numdiff"
)

_COUNTS = "its counts are piecewise constant: the derivative is 0 wherever it exists"
_WRITES = "it writes into its argument; use np.where, np.concatenate or an index instead"
_BITS = "it is a function of whole numbers"
_DATES = "it is a function of dates"
_FILES = "it writes a file; give it the value instead"

REASONS: dict[str, str] = {
    "histogram": _COUNTS,
    "histogram2d": _COUNTS,
    "histogramdd": _COUNTS,
    "histogram_bin_edges": "its edges depend on the data; compute them from values outside",
    **dict.fromkeys(("copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"),
                    _WRITES),
    **dict.fromkeys(("packbits", "unpackbits", "gcd", "lcm", "left_shift", "right_shift",
                     "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_count", "bitwise_not",
                     "bitwise_invert", "bitwise_left_shift", "bitwise_right_shift", "invert",
                     "unravel_index", "ravel_multi_index"), _BITS),
    **dict.fromkeys(("busday_count", "busday_offset", "is_busday", "datetime_as_string", "isnat"),
                    _DATES),
    **dict.fromkeys(("save", "savetxt", "savez", "savez_compressed"), _FILES),
    "frexp": "it takes a number apart into bits; multiply by a constant power of two instead",
    "nextafter": "it steps to the next number of the machine, which no derivative describes",
    "spacing": "it is the distance to the next number of the machine",
    "einsum_path": "it plans a product and gives no values; np.einsum plans its own",
    "sort_complex": "it makes real numbers complex; use np.sort",
    "polydiv": "its quotient drops leading zeros by value; write the division out",
    "unique_all": "use np.unique with return_index=, return_inverse= and return_counts=",
    "unique_counts": "use np.unique with return_counts=",
    "unique_inverse": "use np.unique with return_inverse=",
}  # fmt: skip
"""NumPy functions that are refused on purpose, by name, each with the reason."""


def no_rule(name: str, module: str = "numpy") -> NoReturn:
    """Raise the one error for what is not covered."""
    reason = REASONS.get(name)
    if reason in (_WRITES, _FILES):
        raise ExpressionTypeError(f"np.{name} of a value that is being differentiated: {reason}")
    because = f" ({reason})" if reason else ""
    raise MissingRuleError(f"{module}.{name} has no derivative rule{because}; {WAY_OUT}")


def refused(name: str) -> Any:
    """A function that refuses, for one reason."""

    def refuse(*args: Any, **options: Any) -> NoReturn:
        no_rule(name)

    refuse.__doc__ = f"Refuse ``np.{name}``."
    return refuse


for _name in REASONS:
    if not isinstance(getattr(np, _name), np.ufunc):
        FUNCTIONS[getattr(np, _name)] = refused(_name)
