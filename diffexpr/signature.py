"""What a verb differentiates: a function or an expression, and with respect to which arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from diffexpr.errors import ExpressionTypeError, ExpressionValueError
from diffexpr.evaluate import as_number, function
from diffexpr.expr import Expr

Wrt = int | str | Expr | Sequence[int | str | Expr]


class Target(NamedTuple):
    """A function by position, with the positions to differentiate.

    Attributes
    ----------
    call : callable
        The function; of an expression, that of its variables in order of name.
    names : tuple of str
        Names of the parameters where they are known.
    positions : tuple of int
        Parameters to differentiate with respect to.
    single : bool
        True where ``wrt`` was one parameter, so that results are not wrapped in a tuple.
    expr : Expr or None
        The expression, where one was given.
    """

    call: Callable[..., Any]
    names: tuple[str, ...]
    positions: tuple[int, ...]
    single: bool
    expr: Expr | None = None

    @property
    def symbols(self) -> tuple[Expr, ...]:
        """The variables of the expression, in order of name."""
        return () if self.expr is None else self.expr.variables

    def chosen(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments to differentiate, as they were given."""
        for i in self.positions:
            if i >= len(args):
                raise ExpressionTypeError(
                    f"wrt names argument {i}, but the function was called with {len(args)}"
                )
        return tuple(args[i] for i in self.positions)

    def split(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments to differentiate, as numbers (integers promoted to float)."""
        labels = map(self.label, self.positions)
        chosen = zip(self.chosen(args), labels, strict=True)
        return tuple(as_number(x, label) for x, label in chosen)

    def join(self, args: tuple[Any, ...], values: Sequence[Any]) -> tuple[Any, ...]:
        """All arguments, with those to differentiate replaced."""
        joined = list(args)
        for i, value in zip(self.positions, values, strict=True):
            joined[i] = value
        return tuple(joined)

    def label(self, position: int) -> str:
        """What an error message calls a parameter."""
        return self.names[position] if position < len(self.names) else f"argument {position}"

    def pack(self, parts: Sequence[Any]) -> Any:
        """One result per ``wrt``: bare for a single one, a tuple for a tuple."""
        return parts[0] if self.single else tuple(parts)

    def finish(self, derivative: Callable[..., Any]) -> Any:
        """The same kind as went in: a function, or the expression it gives on the variables."""
        return derivative if self.expr is None else derivative(*self.symbols)


def resolve(f: Any, wrt: Wrt | None, *, one_variable: bool = False) -> Target:
    """Work out what ``f`` and ``wrt`` mean.

    Parameters
    ----------
    f : callable or Expr
    wrt : int, str, Expr, or a tuple of these
        A position, a parameter's name, or a symbol. None stands for the first parameter of a
        function, and for all variables of an expression, in order of name.
    one_variable : bool
        True for verbs that take one variable only: an expression then defaults to the only
        variable it has.

    Raises
    ------
    ExpressionTypeError
        If ``f`` is neither a function nor an expression.
    ExpressionValueError
        If ``wrt`` names no parameter.

    Examples
    --------
    >>> resolve(lambda x, y: x * y, "y").positions
    (1,)
    """
    if isinstance(f, Expr):
        names = tuple(v.name for v in f.variables)
        if wrt is None and one_variable and len(names) != 1:
            listed = ", ".join(names) or "none"
            raise ExpressionValueError(
                f"the expression has {len(names)} variables ({listed}); say which one with wrt="
            )
        single = one_variable if wrt is None else not isinstance(wrt, (tuple, list))
        positions = range(len(names)) if wrt is None else _positions(wrt, names)
        return Target(function(f, *names), names, tuple(positions), single, f)
    if not callable(f):
        raise ExpressionTypeError(
            f"{f!r} is neither a function nor an expression; parse text first"
        )
    wanted = 0 if wrt is None else wrt
    names = _parameters(f)
    return Target(f, names, _positions(wanted, names), not isinstance(wanted, (tuple, list)))


def _positions(wrt: Wrt, names: tuple[str, ...]) -> tuple[int, ...]:
    items = wrt if isinstance(wrt, (tuple, list)) else (wrt,)
    found = tuple(_position(item, names) for item in items)
    if len(set(found)) < len(found):
        raise ExpressionValueError(f"wrt={wrt!r} names a variable twice; name each once")
    return found


def _position(item: Any, names: tuple[str, ...]) -> int:
    if isinstance(item, int) and not isinstance(item, bool):
        if item < 0 and names:
            item += len(names)
        if item < 0 or (names and item >= len(names)):
            raise ExpressionValueError(
                f"wrt={item} is no position among {len(names)} ({', '.join(names)})"
            )
        return item
    name = item.name if isinstance(item, Expr) else item
    if isinstance(name, str):
        if name in names:
            return names.index(name)
        raise ExpressionValueError(
            f"wrt={name!r} is not a parameter; choose among {', '.join(names) or 'positions'}"
        )
    raise ExpressionTypeError(f"wrt={item!r}: give a position, a name or a symbol")


def _parameters(f: Callable[..., Any]) -> tuple[str, ...]:
    """The positional parameters of a function; none where Python cannot tell or it takes *args."""
    import inspect  # it takes longer to load than everything else here together

    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return ()
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return ()
    return tuple(
        p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    )
