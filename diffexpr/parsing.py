"""Text as an expression: Python's syntax and the shorthand of mathematics, read and never run."""

from __future__ import annotations

from collections.abc import Iterable

from diffexpr.errors import ExpressionTypeError, ParseError
from diffexpr.expr import Expr
from diffexpr.parse_calls import FUNCTIONS
from diffexpr.parse_limits import Limits
from diffexpr.parse_pieces import Cutter
from diffexpr.parse_products import CONSTANTS, completed
from diffexpr.parse_tokens import Token, brief, place, tokens
from diffexpr.parse_tree import Reader

__all__ = ["Limits", "parse"]


def parse(text: str, symbols: Iterable[Expr] | Expr = (), *, limits: Limits | None = None) -> Expr:
    """Read an expression from text.

    Parameters
    ----------
    text : str
        Python's syntax, and besides: ``^`` for powers; products without a sign (``2x``,
        ``x sin(y)``, ``2(x + 1)``, ``x y``), which bind as ``*`` does, so that ``1/2x`` is
        ``(1/2)*x``; ``|x|``; ``ln``, ``asin`` and the like beside NumPy's names. ``pi``,
        ``e``, ``inf`` and ``nan`` are numbers. ``beta``, ``gamma`` and ``psi`` are variables
        where they are not called. Conditions are joined by ``&``, ``|``, ``~`` or ``and``,
        ``or``, ``not``, and chosen by ``where(c, a, b)`` or ``a if c else b``. A repeated part
        may be named first: ``t = x + 1; t*t``.
    symbols : Expr or iterable of Expr, optional
        Variables that the text may use, with their shapes; they come before constants of the
        same name. Any other name is a scalar variable.
    limits : Limits, optional
        Bounds on the text, so that no text can exhaust the machine.

    Returns
    -------
    Expr

    Raises
    ------
    ParseError
        If the text is not an expression; the message gives the column.
    BoundError
        If it passes a bound; the message names the bound and how to raise it.
    ShapeError
        If shapes do not fit.

    Examples
    --------
    >>> parse("x^2 sin(y)")
    x**2*sin(y)
    >>> parse("|x - 1| / 2e-3")
    abs(x - 1)/0.002
    >>> from diffexpr import symbol
    >>> parse("sum(A @ x, axis=0)", [symbol("A", (2, 3)), symbol("x", 3)]).shape
    ()
    """
    if not isinstance(text, str):
        raise ExpressionTypeError(f"parse reads text, got {text!r}")
    bounds = Limits() if limits is None else limits
    bound = _by_name(symbols)
    found = tokens(text, bounds)
    statements = _statements(found)
    reader = Reader(bound, bounds)
    cutter = Cutter(bounds)
    _check_names(statements, bound)
    names = [s[0].text for s in statements[:-1]]
    whole = completed(found, {*bound, *names})
    for statement in _statements(whole):
        target = statement[0].text if _is_assignment(statement) else None
        parts = cutter.pieces(statement[2:] if target else statement)
        for piece in parts[:-1]:
            reader.read_piece(piece)
        result = reader.read_piece(parts[-1])
        if target:
            reader.define(target, result)
        else:
            return result
    raise AssertionError("the last statement is an expression")  # pragma: no cover


def _by_name(symbols: Iterable[Expr] | Expr) -> dict[str, Expr]:
    given = (symbols,) if isinstance(symbols, Expr) else tuple(symbols)
    bound: dict[str, Expr] = {}
    for s in given:
        if not isinstance(s, Expr) or s.op != "symbol":
            raise ExpressionTypeError(f"symbols= takes variables made by symbol(), got {s!r}")
        if bound.setdefault(s.name, s) is not s:
            raise ParseError(f"symbols= holds two variables named {s.name!r}")
    return bound


def _is_assignment(statement: list[Token]) -> bool:
    return len(statement) > 1 and statement[1].text == "="


def _statements(found: list[Token]) -> list[list[Token]]:
    """The statements of a text, divided by semicolons; the last one is its value."""
    statements: list[list[Token]] = [[]]
    for token in found:
        if token.text == ";":
            statements.append([])
        else:
            statements[-1].append(token)
    return statements


def _check_names(statements: list[list[Token]], bound: dict[str, Expr]) -> None:
    """Refuse statements that are not definitions of fresh names followed by an expression."""
    if [] in statements:
        where = "the text is empty" if len(statements) == 1 else "nothing stands beside a ';'"
        raise ParseError(f"{where}; write an expression, as in x^2 sin(y)")
    seen: set[str] = set(bound)
    for i, statement in enumerate(statements):
        last = i == len(statements) - 1
        first = statement[0]
        assigns = _is_assignment(statement) and first.kind == "name"
        if assigns and last:
            raise ParseError(
                f"{place(statement[1].at)}'=' makes no expression; leave out "
                f"'{brief(first.text)} =', or compare with =="
            )
        if not assigns and not last:
            raise ParseError(
                f"{place(first.at)}only a definition may stand before ';', as in t = x + 1; t*t"
            )
        used = statement[2:] if assigns else statement
        seen |= {token.text for token in used if token.kind == "name"}
        if assigns:
            if first.text in seen or first.text in CONSTANTS or first.text in FUNCTIONS:
                raise ParseError(f"{place(first.at)}{brief(first.text)!r} already has a meaning")
            if len(statement) == 2:
                raise ParseError(f"{place(first.at)}{brief(first.text)!r} is given no value")
            seen.add(first.text)
