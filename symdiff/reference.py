"""The value of an expression to as many digits as are asked for, by mpmath."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import numpy as np

from diffexpr import Expr, ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.frozen import Frozen
from diffexpr.primitives import TABLE as PRIMITIVES
from diffexpr.walk import topological
from symdiff import arrays
from symdiff.custom import written_out
from symdiff.programs import REALS, program, runner
from symdiff.translate import CONDITIONS

MAX_DIGITS = 10_000
MAX_OPERATIONS = 2_000_000
GUARD = 12
ROUNDS = 6
SETTLED = 900
"""Working digits at which numbers that are still equal count as equal: enough to hold a float64
beside any other and the square of one beside the square of another."""

# mpmath keeps its constants in module variables that are not written atomically, so one thread
# computes at a time.
_lock = threading.Lock()


def evaluate(expr: Expr, at: Mapping[str, Any], digits: int = 50) -> Any:
    """The value of an expression, correct to a number of decimal digits.

    The graph is evaluated at two precisions; where they do not agree to ``digits``, cancellation
    has eaten the rest, and it is evaluated again at a higher one.

    Parameters
    ----------
    expr : Expr
        A scalar or an array, in functions of the language.
    at : mapping from name to value
        Floats count as the binary numbers they are, decimal strings as the decimals they are;
        integers, mpf and arrays of these too. Names that the expression lacks are ignored.
    digits : int
        Significant digits wanted, up to 10,000.

    Returns
    -------
    mpmath.mpf or ndarray of mpf
        An object array where the expression is one. nan where a real function is undefined, and
        infinite where IEEE 754 arithmetic is. A value that shrinks with every gain in precision is
        returned as 0.

    Raises
    ------
    ExpressionValueError
        If a variable has no value, or the digits cannot be reached within the bounds.
    BoundError
        If array operations come to more than 2,000,000 on elements.

    Examples
    --------
    >>> from diffexpr import parse
    >>> import mpmath
    >>> mpmath.nstr(evaluate(parse("sqrt(x)"), {"x": 2}, digits=30), 30)
    '1.41421356237309504880168872421'
    >>> print(evaluate(parse("(1 + x) - 1"), {"x": "1e-30"}, digits=5))
    1.0e-30
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
        raise ExpressionValueError(f"digits={digits!r}: give an integer from 1 to {MAX_DIGITS}")
    order = topological(written_out(expr))
    given = {n.params[0]: n for n in order if n.op == "symbol"}
    missing = sorted(set(given) - set(at))
    if missing:
        listed = ", ".join(sorted(at)) or "none"
        raise ExpressionValueError(f"no value for variable {missing[0]!r}; values given: {listed}")
    with _lock:
        return _agreeing(order, {name: at[name] for name in given}, digits)


def _agreeing(order: Sequence[Expr], at: Mapping[str, Any], digits: int) -> Any:
    """Values at growing precision until two in a row agree."""
    work = digits + GUARD
    last = _pass(order, at, work)
    unsure: list[int] = []
    for _ in range(ROUNDS):
        work = 2 * work
        older, last = last, _pass(order, at, work)
        pairs = list(zip(older.flat, last.flat, strict=True))
        unsure = [i for i, (a, b) in enumerate(pairs) if not _agree(a, b, digits)]
        if not unsure and (not REALS.doubt or work >= SETTLED):
            return _result(last, digits)
        for i in unsure if work > SETTLED else ():
            if _vanishing(*pairs[i], work):
                last.flat[i] = REALS.zero
    if any(last.flat[i] != 0 for i in unsure):
        raise ExpressionValueError(
            f"the value does not settle to {digits} digits at {work} digits of working precision; "
            "move the point, or ask for fewer digits"
        )
    return _result(last, digits)


def _agree(a: Any, b: Any, digits: int) -> bool:
    if isinstance(b, bool):
        return a == b
    if b != b or a != a:
        return a != a and b != b
    if a == b:
        return True
    if abs(b) == REALS.inf or abs(a) == REALS.inf:
        return False
    return abs(a - b) * 10**digits <= abs(b)


def _vanishing(a: Any, b: Any, work: int) -> bool:
    """Whether a value is rounding noise around 0: it has shrunk by nearly all the digits gained."""
    gained = work // 2
    if isinstance(b, bool) or a != a or b != b:
        return False
    least = REALS.one / 10**gained
    return abs(b) * 10 ** (gained - GUARD - gained // 4) < max(abs(a), least)


def _result(values: np.ndarray[Any, Any], digits: int) -> Any:
    """Values as mpmath's own mpf, with the digits that were asked for and a few to spare."""
    REALS.context.dps = digits + GUARD
    out = np.empty(values.shape, object)
    for i, value in enumerate(values.flat):
        out.flat[i] = value if isinstance(value, bool) else mpmath.mp.make_mpf((+value)._mpf_)
    return out[()]


def _pass(order: Sequence[Expr], at: Mapping[str, Any], work: int) -> np.ndarray[Any, Any]:
    """One evaluation of the graph at a working precision."""
    REALS.context.dps = work
    REALS.doubt = False
    algebra = _Numbers()
    held: dict[Expr, Any] = {}
    for n in order:
        if n.op == "symbol":
            held[n] = _given(n, at[n.params[0]])
        elif n.op == "constant":
            held[n] = _constant(*n.params)
        elif n.op in PRIMITIVES:
            operands = [_fitting(n.op, i, held[arg], arg) for i, arg in enumerate(n.args)]
            if any(isinstance(x, np.ndarray) for x in operands):
                held[n] = arrays.elementwise(algebra, n.op, [_array(x) for x in operands])
            else:
                held[n] = algebra.primitive(n.op)(*operands)
        else:
            operands = [_array(held[arg]) for arg in n.args]
            found = arrays.TABLE[n.op](algebra, *operands, *n.params)
            held[n] = found if found.shape else found[()]
    return _array(held[order[-1]])


def _fitting(op: str, position: int, value: Any, arg: Expr) -> Any:
    """A truth value as the number it counts as in arithmetic."""
    if arg.dtype.kind != "b" or (op, position) in CONDITIONS:
        return value
    if isinstance(value, np.ndarray):
        return arrays.as_objects([REALS.context.mpf(x) for x in value.flat], value.shape)
    return REALS.context.mpf(value)


def _array(x: Any) -> np.ndarray[Any, Any]:
    return x if isinstance(x, np.ndarray) else arrays.as_objects([x], ())


class _Numbers:
    """The algebra of mpmath numbers."""

    def __init__(self) -> None:
        self.count = 0
        self._programs: dict[str, Callable[..., Any]] = {}
        context = REALS.context
        self._folds: dict[str, Callable[..., Any]] = {
            "max": REALS.largest,
            "min": REALS.smallest,
            "norm": lambda *xs: context.sqrt(context.fsum(x * x for x in xs)),
            "logsumexp": lambda *xs: REALS.log(sum((REALS.exp(x) for x in xs), REALS.zero)),
        }

    def primitive(self, op: str) -> Callable[..., Any]:
        """The function of a row at the current precision."""
        found = self._programs.get(op)
        if found is None:
            found = self._programs[op] = runner(program(op))
        return found

    def call(self, op: str, *elements: Any) -> Any:
        return (self._folds.get(op) or self.primitive(op))(*elements)

    def number(self, value: float) -> Any:
        return REALS.context.mpf(value)

    def bound(self, count: int) -> None:
        self.count += count
        if self.count > MAX_OPERATIONS:
            raise arrays.too_many(
                "the reference, element by element", self.count, "operations", MAX_OPERATIONS
            )


def _given(n: Expr, value: Any) -> Any:
    """The value of a variable, exactly as it was given."""
    if isinstance(value, (list, tuple, np.ndarray)):
        array = np.asarray(value, object)
        if n.shape and array.shape != n.shape:
            raise ShapeError(
                f"{n.params[0]} has shape {n.shape}, got a value of shape {array.shape}"
            )
        found = arrays.as_objects([_exact(n.params[0], x) for x in array.flat], array.shape)
        return found if found.shape else found[()]
    if n.shape:
        raise ShapeError(f"{n.params[0]} has shape {n.shape}, got the scalar {value!r}")
    return _exact(n.params[0], value)


def _exact(name: str, value: Any) -> Any:
    convert = REALS.context.mpf
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return convert(int(value))
    if isinstance(value, (float, np.floating)):
        return convert(float(value))
    if isinstance(value, str) or hasattr(value, "_mpf_"):
        try:
            return convert(value)
        except ValueError:
            pass
    raise ExpressionTypeError(f"{name} is {value!r}; give a real number or its decimal text")


def _constant(value: Any, name: str = "") -> Any:
    context = REALS.context
    if name in ("pi", "e"):
        return +(context.pi if name == "pi" else context.e)
    if isinstance(value, Frozen):
        items = [_constant(x.item()) for x in value.array.flat]
        found = arrays.as_objects(items, value.array.shape)
        return found if found.shape else found[()]
    if isinstance(value, complex):
        return REALS.nan if value.imag else context.mpf(value.real)
    return value if isinstance(value, bool) else context.mpf(value)
