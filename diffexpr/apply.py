"""The one door through which every operation passes, whatever its operands are.

Numbers and arrays go to NumPy. A class that wants to see operations on its objects (expressions,
dual numbers, tape values) has an attribute ``_level`` and a method
``_apply(op, operands, params)``; of several such operands the one with the highest level decides,
so that the innermost of nested differentiations acts first.
"""

from __future__ import annotations

from typing import Any

from diffexpr import arrays, primitives


def apply(op: Any, operands: tuple[Any, ...], params: tuple[Any, ...] = ()) -> Any:
    """Carry out the operation named ``op`` on operands of any kind.

    Parameters
    ----------
    op : str or custom.Primitive
        Name of a row of `primitives.TABLE` or `arrays.TABLE`, or an operation of a user's own.
    operands : tuple
        Numbers, arrays, expressions, or boxed values of a backend.
    params : tuple
        Static parameters of an array operation, already normalised.
    """
    chosen, level = None, -2
    for operand in operands:
        rank = getattr(operand, "_level", None)
        if rank is not None and rank > level:
            chosen, level = operand, rank
    if chosen is not None:
        return chosen._apply(op, operands, params)
    return value_of(op)(*operands, *params)


def value_of(op: Any) -> Any:
    """The NumPy function that carries out an operation on plain numbers and arrays."""
    row = primitives.TABLE.get(op)
    if row is not None:
        return row.value
    return arrays.TABLE[op].value if type(op) is str else op.value
