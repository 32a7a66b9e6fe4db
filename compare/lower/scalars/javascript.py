"""Programs for web pages: a graph of scalars as one JavaScript function."""

from __future__ import annotations

from collections.abc import Sequence

from compare.lower.plans.plan import Structure
from compare.lower.scalars.function import written
from compare.lower.scalars.in_javascript import RESERVED, JavaScriptWords
from compare.lower.scalars.javascript_functions import FUNCTIONS
from compare.lower.scalars.javascript_text import INDENT, statements
from compare.lower.scalars.unroll import Unrolled
from compare.lower.source.names import Names


def javascript(
    name: str,
    unrolled: Unrolled,
    structure: Structure,
    subject: str = "",
    labels: Sequence[str] = (),
) -> str:
    """Write a graph of scalars as a JavaScript function that stands alone.

    It takes numbers for scalars, nested arrays of numbers for arrays and booleans for truth
    values, by position, and returns numbers and nested arrays; what is a tuple in Python is an
    array. NaN and infinities are as in NumPy. It can be pasted into a page as it is: it neither
    imports nor exports, and what it calls beyond ``Math`` is written inside.

    Parameters
    ----------
    name : str
        What the function is called; one that means something else gets an underscore.
    unrolled : Unrolled
        What `unroll` makes of the outputs.
    structure : int or nested tuples of int
        Positions among the outputs, as they are returned.
    subject : str, optional
        What is computed, for the comment above.
    labels : sequence of str, optional
        A name for each output, used where they do not all fit into one line.

    Raises
    ------
    MissingRuleError
        If an operation has no form in JavaScript.

    Examples
    --------
    >>> from diffexpr import symbols
    >>> from compare.lower.scalars.unroll import unroll
    >>> x, y = symbols("x y")
    >>> text = javascript("f", unroll([x**2 * abs(y)], [x, y]), 0, "Value of x^2 |y|.")
    >>> print(text, end="")
    /** Value of x^2 |y|. */
    function f(x, y) {
      return x * x * Math.abs(y);
    }
    """
    names = Names((*RESERVED, *FUNCTIONS))
    name = names.fresh(name)
    words = JavaScriptWords()
    function = written(unrolled, structure, words, names, labels)
    lines = _comment(subject)
    lines.append(f"function {name}({', '.join(function.parameters)}) {{")
    for text in words.functions():
        lines += [INDENT + line for line in text.split("\n")]
    return "\n".join([*lines, *statements(function.body), "}"]) + "\n"


def _comment(subject: str) -> list[str]:
    """What is computed, in a comment that nothing in it can end."""
    if not subject:
        return []
    first, *rest = subject.strip().replace("*/", "* /").split("\n")
    if not rest:
        return [f"/** {first} */"]
    return [f"/** {first}", *(f" * {line.strip()}".rstrip() for line in rest), " */"]
