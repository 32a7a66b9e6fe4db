"""How many operations a graph has, and how many it would have if nothing were shared."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from diffexpr import Expr
from diffexpr.walk import topological


def operations_of(outputs: Sequence[Expr]) -> int:
    """The operations of a graph, each counted once.

    Examples
    --------
    >>> from diffexpr import symbols
    >>> x, y = symbols("x y")
    >>> operations_of([(x + y) * (x + y)]), written_out([(x + y) * (x + y)])
    (2, 3)
    """
    return sum(bool(node.args) for node in topological(outputs))


def written_out(outputs: Sequence[Expr]) -> int:
    """The operations of the formulas that a graph stands for, every repetition counted.

    What computer algebra calls the swell of an expression: up to exponential in the operations
    of the graph, so that the count is an integer of any length. A count is dropped after its
    last use; memory follows the width of the graph and not its length.
    """
    order = topological(outputs)
    uses = Counter(arg for node in order for arg in node.args)
    uses.update(outputs)
    counts: dict[Expr, int] = {}
    for node in order:
        counts[node] = bool(node.args) + sum(counts[arg] for arg in node.args)
        for arg in node.args:
            uses[arg] -= 1
            if not uses[arg]:
                del counts[arg]
    return sum(counts[output] for output in outputs)


def shown(count: int) -> str:
    """A count as people read it: in full up to a million, else by its magnitude.

    Examples
    --------
    >>> shown(12_345), shown(10**400 * 15 // 10)
    ('12345', '1.5e+400')
    """
    if count < 1_000_000:
        return str(count)
    exponent = int(math.log10(count))
    # The rounding of the logarithm may leave it one off at a power of ten.
    exponent += (count >= 10 ** (exponent + 1)) - (count < 10**exponent)
    tenths = (20 * count // 10**exponent + 1) // 2
    if tenths == 100:
        tenths, exponent = 10, exponent + 1
    return f"{tenths / 10:.1f}e+{exponent}"
