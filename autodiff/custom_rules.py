"""How an operation of a user's own is differentiated by its rule for tangents, or cotangents.

Partials are read where those of the table are (`lookup`); these rules come before them. A rule
sees one tangent or cotangent at a time: several along a leading axis are handed to it one by one.

Where there is a rule for tangents only, reverse mode transposes it: the rule is linear in the
tangents, so that it is taped in these and pulled back (Griewank and Walther 2008, *Evaluating
Derivatives*, section 3.3, on the adjoint of a tangent program).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.boxes import Level, settle
from autodiff.literals import full, written
from autodiff.sweep import pull
from autodiff.tape import Tape
from diffexpr import functions
from diffexpr.custom import Primitive
from diffexpr.errors import ExpressionTypeError, MissingRuleError, ShapeError
from diffexpr.operands import as_operand, shape_of
from diffexpr.static_options import options_of

# forward


def jvp_of(op: Primitive) -> Callable[..., Any]:
    """The forward rule of an operation, by its own rule for tangents.

    Raises
    ------
    MissingRuleError
        If it has none.
    """
    rule = op.jvp_rule
    if rule is None:
        where = ", or differentiate it in reverse mode" if op.vjp_rule else ""
        raise MissingRuleError(
            f"{op.name} has no forward rule; give it one with {op.name}.def_jvp, or "
            f"{op.name}.def_partials if it is elementwise{where}"
        )

    def pushed(y: Any, operands: Any, params: Any, tangents: Sequence[Any], lead: int) -> Any:
        primals, options = settle(operands, y), options_of(params)

        def one(k: int | None) -> Any:
            given = tuple(
                full(0, shape_of(x), x) if t is None else t if k is None else t[k]
                for x, t in zip(primals, tangents, strict=True)
            )
            return _tangent(op, rule(y, primals, given, **options), y)

        if not lead:
            return one(None)
        count = next(t.shape[0] for t in tangents if t is not None)
        return _together([one(k) for k in range(count)], y.shape, y)

    return pushed


def _tangent(op: Primitive, t: Any, y: Any) -> Any:
    """What a rule for tangents gave, of the shape of the result; None for zero."""
    if t is None:
        return None
    t = as_operand(t)
    if not hasattr(t, "shape"):
        t = as_operand([t])[0]
    if t.shape and t.shape != y.shape:
        raise ShapeError(
            f"{op.name}.def_jvp gave a tangent of shape {t.shape} for a result of shape {y.shape}"
        )
    return written(t, y.shape, y)


def _together(parts: list[Any], shape: tuple[int, ...], like: Any) -> Any:
    """Parts along a leading axis, those that are None zero; None if all are."""
    if not parts or all(part is None for part in parts):
        return full(0, (0, *shape), like) if not parts else None
    return functions.stack([written(part, shape, like) for part in parts], 0)


# reverse


def vjp_of(op: Primitive) -> Callable[..., Any]:
    """The reverse rule of an operation that is not pulled back by partials.

    It is its own, or its rule for tangents transposed.

    What is returned serves the operands of one record, all of whose cotangents come at once.

    Raises
    ------
    MissingRuleError
        If it has neither.
    """
    find = _transposed if op.vjp_rule is None else _by_rule
    if op.vjp_rule is None and op.jvp_rule is None:
        raise MissingRuleError(
            f"{op.name} has no reverse rule; give it one with {op.name}.def_vjp, or "
            f"{op.name}.def_partials if it is elementwise"
        )
    found: list[Any] = []

    def pulled(y: Any, operands: Any, params: Any, i: int, g: Any, lead: int) -> Any:
        if not found:
            primals = settle(operands, y)
            parts = find(op, y, primals, options_of(params), g, lead)
            shapes = map(shape_of, primals)
            found.extend(
                full(0, (*g.shape[:lead], *shape), x) if part is None else part
                for part, shape, x in zip(parts, shapes, primals, strict=True)
            )
        return found[i]

    return pulled


def _by_rule(
    op: Primitive, y: Any, primals: tuple[Any, ...], options: dict[str, Any], g: Any, lead: int
) -> list[Any]:
    """Cotangents of all operands by the operation's own rule."""
    rule: Any = op.vjp_rule
    if type(g) is np.ndarray:
        g = g.view()
        g.flags.writeable = False  # others may be waiting for the same cotangent
    if not lead:
        return _cotangents(op, rule(y, primals, g, **options), primals)
    rows = [_cotangents(op, rule(y, primals, g[k], **options), primals) for k in range(g.shape[0])]
    return [_together([row[i] for row in rows], shape_of(x), x) for i, x in enumerate(primals)]


def _cotangents(op: Primitive, found: Any, primals: tuple[Any, ...]) -> list[Any]:
    """What a rule for cotangents gave, one of the right shape for each operand or None."""
    if len(primals) == 1 and not (isinstance(found, (tuple, list)) and len(found) == 1):
        found = (found,)
    if not isinstance(found, (tuple, list)) or len(found) != len(primals):
        raise ExpressionTypeError(
            f"{op.name}.def_vjp gave {_counted(found)} for {len(primals)} arguments; return a "
            "tuple with the cotangent of each, None for zero"
        )
    return [_cotangent(op, g, x, i) for i, (g, x) in enumerate(zip(found, primals, strict=True))]


def _counted(found: Any) -> str:
    kind = type(found).__name__
    return f"a {kind} of {len(found)}" if isinstance(found, (tuple, list)) else f"a {kind}"


def _cotangent(op: Primitive, g: Any, x: Any, i: int) -> Any:
    if g is None:
        return None
    g, shape = as_operand(g), shape_of(x)
    if not hasattr(g, "shape"):
        g = as_operand([g])[0]
    if g.shape and g.shape != shape:
        raise ShapeError(
            f"{op.name}.def_vjp gave a cotangent of shape {g.shape} for argument {i} of shape "
            f"{shape}; sum over the axes along which it was broadcast"
        )
    return written(g, shape, x)


def _transposed(
    op: Primitive, y: Any, primals: tuple[Any, ...], options: dict[str, Any], g: Any, lead: int
) -> list[Any]:
    """Cotangents of all operands by the rule for tangents, taped in these."""
    rule: Any = op.jvp_rule
    tape = Tape(constants=False)
    tangents = [tape.variable(full(1, shape_of(x), x)) for x in primals]
    with Level(tape.level):
        t = _tangent(op, rule(y, primals, tuple(tangents), **options), y)
    sweep = pull(tape, [(t, g)], lead)
    found = [sweep.take(v.index) for v in tangents]
    return [
        None if g is None else written(g, v.shape, x, lead)
        for g, v, x in zip(found, tangents, primals, strict=True)
    ]
