"""A lowered function in a language that Python does not run."""

from __future__ import annotations

from pathlib import Path

from compare.lower.calls.options import Options
from compare.lower.plans.plan import Plan
from compare.lower.scalars.javascript import javascript
from compare.lower.scalars.point import unrolled_plan
from compare.lower.source.saving import save
from diffexpr import MissingRuleError


class Script:
    """The text of a function in JavaScript, for a page.

    Made by `lower` with ``target="javascript"``. Numbers are numbers, arrays are (nested) arrays.

    Attributes
    ----------
    name : str
        What the function is called.
    parameters : tuple of str
        The names of what it takes, in order.
    source : str

    Examples
    --------
    >>> from compare.lower import lower
    >>> from diffexpr import symbols
    >>> x, y = symbols("x y")
    >>> print(str(lower(x * y**2, "grad", target="javascript")).rstrip())
    /** Gradient of x*y**2
     * with respect to x, y, derived by the reverse backend
     */
    function grad(x, y) {
      return [y * y, 2 * y * x];
    }
    """

    def __init__(self, plan: Plan, options: Options) -> None:
        found = unrolled_plan(plan, options)
        if found is None:
            raise MissingRuleError(
                f"{plan.name} has no form on single numbers: it is too long, or takes an operation "
                "on whole arrays; use target='numpy'"
            )
        self.name = plan.name
        self.parameters = tuple(p.name for p in plan.parameters)
        self.source = javascript(
            plan.name, found, plan.structure, subject=plan.subject, labels=plan.labels
        )

    def save(self, path: str | Path) -> None:
        """Write the source into a file.

        Raises
        ------
        OSError
            If the file cannot be written; an older one is then left as it was.
        """
        save(self.source, path)

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"<Script {self.name}({', '.join(self.parameters)})>"
