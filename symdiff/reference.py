"""The value of an expression to as many digits as are asked for, by mpmath."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from diffexpr import Expr, ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.frozen import Frozen
from diffexpr.primitives import TABLE as PRIMITIVES
from diffexpr.walk import topological
from symdiff import arrays, translate
from symdiff.constants import as_formula
from symdiff.mp_functions import Reals
from symdiff.named import native
from symdiff.translate import CONDITIONS, placeholders

MAX_DIGITS = 10_000
MAX_OPERATIONS = 2_000_000
GUARD = 12
ROUNDS = 6
SETTLED = 900
"""Working digits at which numbers that are still equal count as equal: enough to hold a float64
beside any other and the square of one beside the square of another."""

_reals = Reals(mpmath.MPContext())
# One context of our own, so that nobody's precision changes; mpmath's constants are kept in
# module variables that are not written atomically, so one thread computes at a time.
_lock = threading.Lock()

Step = tuple[Callable[..., Any], tuple[int, ...]]
Program = tuple[int, tuple[Any, ...], tuple[Step, ...]]
# The row a program was made from, and the program; a replaced row no longer matches.
_programs: dict[str, tuple[Any, Program]] = {}


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
    order = topological(expr)
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
        if not unsure and (not _reals.doubt or work >= SETTLED):
            return _result(last, digits)
        for i in unsure if work > SETTLED else ():
            if _vanishing(*pairs[i], work):
                last.flat[i] = _reals.zero
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
    if abs(b) == _reals.inf or abs(a) == _reals.inf:
        return False
    return abs(a - b) * 10**digits <= abs(b)


def _vanishing(a: Any, b: Any, work: int) -> bool:
    """Whether a value is rounding noise around 0: it has shrunk by nearly all the digits gained."""
    gained = work // 2
    if isinstance(b, bool) or a != a or b != b:
        return False
    least = _reals.one / 10**gained
    return abs(b) * 10 ** (gained - GUARD - gained // 4) < max(abs(a), least)


def _result(values: np.ndarray[Any, Any], digits: int) -> Any:
    """Values as mpmath's own mpf, with the digits that were asked for and a few to spare."""
    _reals.context.dps = digits + GUARD
    out = np.empty(values.shape, object)
    for i, value in enumerate(values.flat):
        out.flat[i] = value if isinstance(value, bool) else mpmath.mp.make_mpf((+value)._mpf_)
    return out[()]


def _pass(order: Sequence[Expr], at: Mapping[str, Any], work: int) -> np.ndarray[Any, Any]:
    """One evaluation of the graph at a working precision."""
    _reals.context.dps = work
    _reals.doubt = False
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
        return arrays.as_objects([_reals.context.mpf(x) for x in value.flat], value.shape)
    return _reals.context.mpf(value)


def _array(x: Any) -> np.ndarray[Any, Any]:
    return x if isinstance(x, np.ndarray) else arrays.as_objects([x], ())


class _Numbers:
    """The algebra of mpmath numbers."""

    def __init__(self) -> None:
        self.count = 0
        self._programs: dict[str, Callable[..., Any]] = {}
        context = _reals.context
        self._folds: dict[str, Callable[..., Any]] = {
            "max": _reals.largest,
            "min": _reals.smallest,
            "norm": lambda *xs: context.sqrt(context.fsum(x * x for x in xs)),
            "logsumexp": lambda *xs: _reals.log(sum((_reals.exp(x) for x in xs), _reals.zero)),
        }

    def primitive(self, op: str) -> Callable[..., Any]:
        """The function of a row at the current precision."""
        found = self._programs.get(op)
        if found is None:
            found = self._programs[op] = _runner(_program(op))
        return found

    def call(self, op: str, *elements: Any) -> Any:
        return (self._folds.get(op) or self.primitive(op))(*elements)

    def number(self, value: float) -> Any:
        return _reals.context.mpf(value)

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
    convert = _reals.context.mpf
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
    context = _reals.context
    if name in ("pi", "e"):
        return +(context.pi if name == "pi" else context.e)
    if isinstance(value, Frozen):
        items = [_constant(x.item()) for x in value.array.flat]
        found = arrays.as_objects(items, value.array.shape)
        return found if found.shape else found[()]
    if isinstance(value, complex):
        return _reals.nan if value.imag else context.mpf(value.real)
    return value if isinstance(value, bool) else context.mpf(value)


def _program(op: str) -> Program:
    """The row of a primitive as steps on numbered places: arguments, constants, results."""
    row = translate.TABLE[op]
    held = _programs.get(op)
    if held is not None and held[0] is row:
        return held[1]
    with translate.SYMPY_LOCK:
        dummies = placeholders(op, PRIMITIVES[op].arity)
        program = _compiled(native(as_formula(row(*dummies))), dummies)
    _programs[op] = (row, program)
    return program


def _compiled(formula: Any, dummies: Sequence[Any]) -> Program:
    nodes = [n for n in sp.postorder_traversal(formula) if not isinstance(n, sp.Tuple)]
    place: dict[Any, int] = {d: i for i, d in enumerate(dummies)}
    constants = [n for n in dict.fromkeys(nodes) if n.is_Atom and n not in place]
    for n in constants:
        place[n] = len(place)
    steps: list[Step] = []
    for n in nodes:
        if n in place:
            continue
        for function, *operands in _steps(n):
            inputs = tuple(place[x] for x in operands)
            steps.append((function, inputs))
            place[n] = len(dummies) + len(constants) + len(steps) - 1
    if not steps:
        steps.append((lambda x: x, (place[formula],)))
    return len(dummies), tuple(constants), tuple(steps)


def _steps(n: Any) -> list[tuple[Any, ...]]:
    """What computes a node from its arguments; sums and products of many, one at a time."""
    if n.is_Add or n.is_Mul:
        first, *rest = n.args
        function = _reals.add if n.is_Add else _reals.multiply
        if n.is_Mul and len(n.args) == 2:
            for divisor, other in ((n.args[0], n.args[1]), (n.args[1], n.args[0])):
                if divisor.is_Pow and divisor.exp == -1:
                    return [(_reals.divide, other, divisor.base)]
        steps = [(function, first, rest[0])]
        return [*steps, *((function, n, x) for x in rest[1:])]
    if n.is_Pow:
        if n.exp == sp.S.Half:
            return [(_reals.sqrt, n.base)]
        if n.exp == -1:
            return [(_reals.reciprocal, n.base)]
        return [(_reals.power, n.base, n.exp)]
    if isinstance(n, sp.Piecewise):
        return [(_choose, *(part for piece in n.args for part in piece.args))]
    return [(_reals.function(type(n)), *n.args)]


def _choose(*parts: Any) -> Any:
    """The first value whose condition holds."""
    for i in range(0, len(parts), 2):
        if parts[i + 1]:
            return parts[i]
    return _reals.nan


def _runner(program: Program) -> Callable[..., Any]:
    """The program with its constants at the current precision."""
    count, symbols, steps = program
    constants = [_value(c) for c in symbols]
    if len(steps) == 1 and steps[0][1] == tuple(range(count)):
        return steps[0][0]

    def run(*args: Any) -> Any:
        places = [*args, *constants]
        for function, inputs in steps:
            places.append(function(*[places[i] for i in inputs]))
        return places[-1]

    return run


def _value(constant: Any) -> Any:
    context = _reals.context
    if constant in (sp.true, sp.false):
        return bool(constant)
    if constant.is_Rational:
        return context.mpf(int(constant.p)) / int(constant.q)
    named = {sp.pi: context.pi, sp.E: context.e, sp.oo: context.inf, -sp.oo: -context.inf}
    return +named[constant] if constant in named else context.nan
