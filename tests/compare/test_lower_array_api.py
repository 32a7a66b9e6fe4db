"""One source runs over every array namespace and gives the interpreter's values there: rows."""

import itertools

import mpmath
import numpy as np
import pytest
from namespaces import NAMESPACES, close, run

from compare.lower.array_api import array_api_module
from compare.lower.array_api.error_functions import MEANINGS as ERRORS
from compare.lower.plans.plan import plan
from diffexpr import MissingRuleError, evaluate, primitives, symbol
from diffexpr.apply import apply
from diffexpr.domains import CONDITION


@pytest.fixture(params=NAMESPACES, scope="module")
def library(request):
    return NAMESPACES[request.param]()


BEYOND = {
    "erfi", "erfinv", "gamma", "loggamma", "gammaln", "digamma", "polygamma", "beta", "betaln",
    "gammainc", "gammaincc", "betainc", "betaincc", "expi", "exp1", "ndtri", "stdtr",
    "j0", "j1", "jv", "y0", "y1", "yv", "i0", "i1", "iv", "i0e", "i1e", "ive", "k0", "k1", "kv",
}  # fmt: skip
ROWS = [row for row in primitives.TABLE.values() if row.name not in BEYOND]
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def operands_of(row):
    kinds = [bool if d is CONDITION else float for d in row.domains]
    return [symbol(n, dtype=k) for n, k in zip("abcd", kinds, strict=False)]


SPECIAL_VALUES = (0.0, -0.0, 1.0, -1.0, 0.5, -3.0, np.inf, -np.inf, np.nan)
# Samples of the domain and the values above, in every combination, again and again up to a size
# that few rows have for themselves: XLA compiles anew for every size.
SIZES = {1: 32, 2: 512, 3: 4096}


def values_of(row):
    grid = np.array(
        [point
         for samples in ([d.samples for d in row.domains], [SPECIAL_VALUES] * row.arity)
         for point in itertools.product(*samples)]
    ).T  # fmt: skip
    assert grid.shape[1] <= SIZES[row.arity]
    return {
        o.name: np.resize(column > 0 if o.dtype.kind == "b" else column, SIZES[row.arity])
        for o, column in zip(operands_of(row), grid, strict=True)
    }


def scale_of(row, values):
    with np.errstate(all="ignore"):
        return np.nan_to_num(row.scale(*values.values())) if row.scale else 0.0


@each_row
def test_every_row_has_its_values_nan_and_infinity_in_place(row, library) -> None:
    expr = apply(row.name, tuple(operands_of(row)))
    values = values_of(row)
    for kind in library.kinds:
        given = {n: v if v.dtype == bool else v.astype(kind) for n, v in values.items()}
        (found,), wanted = run(library, [expr], given), evaluate(expr, given)
        close(found, wanted, row.ulps + library.ulps, scale_of(row, given))
        if library.zeros and found.dtype != bool:
            zero = found == 0
            assert np.array_equal(np.signbit(found[zero]), np.signbit(wanted[zero]))


@pytest.mark.parametrize("name", sorted(BEYOND))
def test_what_the_standard_lacks_is_refused_by_name(name) -> None:
    expr = apply(name, tuple(operands_of(primitives.TABLE[name])))
    with pytest.raises(MissingRuleError, match=rf"'{name}' is not in the array API standard"):
        array_api_module(plan(expr, "value", None, "reverse", None))


def test_error_functions_keep_their_digits() -> None:
    points = np.concatenate([np.linspace(-7, 7, 57), [1e-300, 1e-9, 0.999, 1.001, 12.3, 26.0, 1e8]])
    exact = {
        "erf": mpmath.erf,
        "erfc": mpmath.erfc,
        "erfcx": lambda v: mpmath.exp(v * v) * mpmath.erfc(v),
        "ndtr": mpmath.ncdf,
        "log_ndtr": lambda v: mpmath.log(mpmath.ncdf(v)),
    }
    assert set(exact) == set(ERRORS)
    for name, meant in exact.items():
        (operand,) = operands_of(primitives.TABLE[name])
        found = run(NAMESPACES["numpy"](), [apply(name, (operand,))], {"a": points})[0]
        with mpmath.workdps(60):
            wanted = np.array([float(meant(mpmath.mpf(v))) if abs(v) < 1e4 else np.nan
                               for v in points.tolist()])  # fmt: skip
        # The argument of the bell is rounded where it is scaled by the root of 2.
        scale = points**2 * np.abs(wanted) if "ndtr" in name else np.zeros(points.shape)
        normal = np.abs(wanted) > 1e-300
        close(found[normal], wanted[normal], 5, scale[normal])
