"""Which multiples of the values at given nodes make the n-th derivative? Exact, by Fornberg."""

from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational

from numdiff.errors import InputError, InputTypeError

__all__ = ["stencil"]


def stencil(offsets: Sequence[int | Fraction | float], n: int) -> tuple[Fraction, ...]:
    """Exact weights of the values at `offsets` in the n-th derivative at 0.

    ``sum(w * f(x + o * h) for w, o in zip(weights, offsets)) / h**n`` is the derivative of the
    polynomial through those values; it is exact for polynomials of degree ``len(offsets) - 1``.

    Parameters
    ----------
    offsets : sequence of int, Fraction or float, length m
        Distinct nodes; floats are taken at their exact binary value.
    n : int
        Order of the derivative, 0 <= n < m.

    Returns
    -------
    tuple of Fraction, length m
        The weights, in the order of the offsets.

    Raises
    ------
    InputError
        If offsets repeat, are not finite, or are too few for n.
    InputTypeError
        If n is no integer, or an offset no number.

    Notes
    -----
    B. Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids",
    Math. Comp. 51 (1988) 699-706, equations (3.5) to (3.8), in rational arithmetic.

    Examples
    --------
    >>> [str(w) for w in stencil([-1, 0, 1], 2)]
    ['1', '-2', '1']
    >>> [str(w) for w in stencil([-2, -1, 0, 1, 2], 1)]
    ['1/12', '-2/3', '0', '2/3', '-1/12']
    """
    if isinstance(n, bool) or not isinstance(n, int):
        raise InputTypeError(
            f"the order of a derivative is an integer, got {n!r}; give n=1, 2, ..."
        )
    nodes = [_exact(offset) for offset in offsets]
    if len(set(nodes)) < len(nodes):
        raise InputError(f"offsets must differ from one another, got {list(offsets)}; drop repeats")
    if not 0 <= n < len(nodes):
        raise InputError(
            f"derivative {n} needs 0 <= n < number of offsets, got {len(nodes)}; give more offsets"
        )
    weights = [[Fraction(0)] * (n + 1) for _ in nodes]
    weights[0][0] = Fraction(1)
    scale = Fraction(1)
    for i in range(1, len(nodes)):
        product = Fraction(1)
        last = list(weights[i - 1])
        for j in range(i):
            gap = nodes[i] - nodes[j]
            product *= gap
            row = weights[j]
            for k in range(min(i, n), -1, -1):
                lower = k * row[k - 1] if k else Fraction(0)
                row[k] = (nodes[i] * row[k] - lower) / gap
        for k in range(min(i, n), -1, -1):
            lower = k * last[k - 1] if k else Fraction(0)
            weights[i][k] = scale / product * (lower - nodes[i - 1] * last[k])
        scale = product
    return tuple(row[n] for row in weights)


def _exact(offset: object) -> Fraction:
    if isinstance(offset, Rational | float):
        try:
            return Fraction(offset)
        except (OverflowError, ValueError):
            raise InputError(f"an offset must be finite, got {offset!r}; drop it") from None
    raise InputTypeError(f"an offset is a number, got {offset!r}; give ints, floats or Fractions")
