"""The tape: every operation on a value that is being differentiated, in the order they ran.

Method: Griewank and Walther (2008), *Evaluating Derivatives*, sections 3.2 and 4.6. The tape is
one flat list whose records name their operands by position, so that neither the way back
(`sweep`) nor the deletion of a tape recurses.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import rules
from autodiff.allocation import keep_freed_memory
from autodiff.boxes import VIEWS, Box, Parts, has_parts, next_level, settle, stacked, with_part
from autodiff.lookup import is_constant, reverse_row, vjp_of
from autodiff.retention import LARGE, retained
from autodiff.snapshots import Lock, kept
from diffexpr.apply import apply
from diffexpr.frozen import Index
from diffexpr.indexing import getitem

Record = tuple[Any, Any, tuple[Any, ...], tuple[Any, ...], tuple[int, ...]]


def _is_large(x: Any) -> bool:
    return type(x) is np.ndarray and x.size > LARGE


class Tape:
    """The operations of one differentiation, in the order in which they ran.

    Attributes
    ----------
    level : int
    records : list
        One entry per taped value: None for a variable, else operation, result, operands, static
        parameters and the positions of the operands (-1 for one that is not on this tape).
    lock : Lock or None
        What holds large arrays of the caller as they are; None where the tape outlives the call
        and keeps copies instead.
    lean : bool
        Whether the tape is pulled back once, and keeps only what that reads.
    constants : bool
        Whether what is not on the tape is constant, so that a 0 among it stays 0. It is not where
        the way back is taped: partials come from the variables.
    selects : bool
        Whether some operation may leave entries out, so that their cotangents are 0 by selection.
    turn : threading.RLock or None
        Held by the thread that runs a checkpointed part again.
    """

    __slots__ = ("constants", "lean", "level", "lock", "records", "selects", "turn")

    def __init__(
        self, lock: Lock | None = None, lean: bool = False, *, constants: bool = True
    ) -> None:
        self.level = next_level()
        self.records: list[Record | None] = []
        self.lock = lock
        self.lean = lean
        self.selects = False
        self.constants = constants
        self.turn: Any = None

    def variable(self, value: Any) -> Taped:
        """A value to differentiate with respect to."""
        self.records.append(None)
        return Taped(self.level, kept(value, self.lock), self, len(self.records) - 1)

    def enter(self, op: Any, y: Any, operands: tuple[Any, ...], params: tuple[Any, ...],
              parents: tuple[int, ...]) -> Taped:  # fmt: skip
        """Record one operation; its result."""
        records = self.records
        if self.lean and (
            (type(y) is np.ndarray and y.size > LARGE) or (params and _is_large(operands[0]))
        ):
            records.append((op, *retained(op, y, operands, parents), params, parents))
        else:
            records.append((op, y, operands, params, parents))
        return Taped(self.level, y, self, len(records) - 1)

    def holds(self, value: Any) -> bool:
        return type(value) is Taped and value._level == self.level


class Taped(Box):
    """A value on a tape.

    Attributes
    ----------
    primal : number, array, Expr or box of a lower level
    tape : Tape
    index : int
        Its position on the tape.
    parts : tuple of weakref or None
        The values that share memory with it in NumPy.
    """

    __slots__ = ("__weakref__", "_level", "index", "parts", "primal", "tape")

    def __init__(self, level: int, primal: Any, tape: Tape, index: int) -> None:
        self._level = level
        self.primal = primal
        self.tape = tape
        self.index = index
        self.parts: Parts = None

    def _apply(self, op: Any, operands: tuple[Any, ...], params: tuple[Any, ...]) -> Any:
        level = self._level
        tape = self.tape
        values = []
        parents = []
        loose = False
        for x in operands:
            kind = type(x)
            if kind is Taped and x._level == level:
                values.append(x.primal)
                parents.append(x.index)
                continue
            if kind is np.ndarray:
                if x.dtype.hasobject:
                    return apply(op, tuple(map(stacked, operands)), params)
                x = kept(x, tape.lock)
            elif kind is float or kind is int or kind is complex:
                loose = True
            elif kind is list or kind is tuple:
                return apply(op, tuple(map(stacked, operands)), params)
            elif isinstance(x, np.ndarray):
                x = kept(x, tape.lock)
            values.append(x)
            parents.append(-1)
        primals = tuple(values)
        y = apply(op, primals, params)
        if op not in rules.PARTIALS:
            if is_constant(op):
                return y
            if type(op) is str or reverse_row(op, params) is None:
                vjp_of(op)
        if op not in PASSES:
            tape.selects = True
        found = tape.enter(op, y, settle(primals, y) if loose else primals, params, tuple(parents))
        if op in VIEWS and y.shape:
            operands[0].parts = with_part(operands[0].parts, found)
        return found

    def _is_part(self) -> bool:
        record = self.tape.records[self.index]
        return (record is not None and record[0] in VIEWS) or has_parts(self.parts)

    def _take(self, new: Taped) -> None:
        self.primal = new.primal
        self.index = new.index
        self.parts = None

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is not np.sum or kwargs or len(args) > 1 or type(args[0]) is not Taped:
            return super().__array_function__(func, types, args, kwargs)
        x = self.primal
        params = (tuple(range(len(x.shape))), False)
        y = np.add.reduce(x, axis=None) if type(x) is np.ndarray else apply("sum", (x,), params)
        return self.tape.enter("sum", y, (x,), params, (self.index,))

    # The shortest way for what programs are made of: the same records, less to look at.

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        op = _UNARY.get(ufunc)
        if op is None or kwargs or method != "__call__":
            return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        x = self.primal
        return self.tape.enter(op, ufunc(x), (x,), (), (self.index,))

    def __getitem__(self, index: Any) -> Any:
        x = self.primal
        kind = type(index)
        if type(x) is not np.ndarray or (kind is not slice and kind is not int):
            return getitem(self, index)
        tape = self.tape
        if tape.records[self.index] is not None:
            tape.selects = True
        y = x[index]
        part = tape.enter("getitem", y, (x,), (Index((index,), True),), (self.index,))
        if type(y) is np.ndarray:
            self.parts = with_part(self.parts, part)
        return part

    def __neg__(self) -> Any:
        x = self.primal
        return self.tape.enter("negative", -x, (x,), (), (self.index,))


_UNARY = {
    getattr(np, name): name
    for name in (
        *("sqrt", "square", "reciprocal", "exp", "expm1", "log", "log1p", "log2", "log10"),
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
        *("arcsinh", "arccosh", "arctanh", "negative"),
    )
}
"""The functions of one argument whose value is NumPy's own."""


PASSES = frozenset(_UNARY.values()) | {
    *("add", "subtract", "divide", "power", "sum", "mean", "reshape", "transpose", "concatenate"),
    *("stack", "broadcast_to", "logsumexp", "softmax", "cumsum"),
}
"""Operations, among those that take the long way, behind which no entry is left out."""


def _operator(
    op: str, run: Callable[[Any, Any], Any], reads: bool, settled: tuple[type, ...] = ()
) -> Any:
    """``taped op other`` and ``other op taped``.

    ``reads`` says whether the partials read the operands. Python numbers of a ``settled`` type
    become NumPy's: Python's own arithmetic could raise, and a bare int would be a literal partial.
    """

    def method(self: Taped, other: Any) -> Any:
        kind = type(other)
        x, tape = self.primal, self.tape
        if kind is Taped and other.tape is tape:
            b = other.primal
            return tape.enter(op, run(x, b), (x, b), (), (self.index, other.index))
        if kind is float or kind is int or kind is np.float64:
            y = run(x, other)
            pair = settle((x, other), y) if kind in settled else (x, other)
            if other == 0:
                tape.selects = True
            return tape.enter(op, y, pair, (), (self.index, -1))
        if kind is np.ndarray and not other.dtype.hasobject:
            y = run(x, other)
            b = kept(other, tape.lock) if reads else other
            tape.selects = tape.selects or reads
            return tape.enter(op, y, (x, b), (), (self.index, -1))
        return apply(op, (self, other))

    def reflected(self: Taped, other: Any) -> Any:
        kind = type(other)
        if kind is float or kind is int or kind is np.float64:
            x, tape = self.primal, self.tape
            y = run(other, x)
            pair = settle((other, x), y) if kind in settled else (other, x)
            if other == 0:
                tape.selects = True
            return tape.enter(op, y, pair, (), (-1, self.index))
        return apply(op, (other, self))

    return method, reflected


Taped.__add__, Taped.__radd__ = _operator("add", operator.add, False)
Taped.__sub__, Taped.__rsub__ = _operator("subtract", operator.sub, False)
Taped.__mul__, Taped.__rmul__ = _operator("multiply", operator.mul, True, (int,))
Taped.__truediv__, Taped.__rtruediv__ = _operator("divide", operator.truediv, True, (int, float))
Taped.__pow__, _ = _operator("power", operator.pow, True)

keep_freed_memory()
