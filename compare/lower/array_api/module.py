"""A module of source around a program over any array namespace."""

from __future__ import annotations

import ast
import builtins
import importlib.util
import types
from collections.abc import Callable, Sequence
from typing import Any

from compare.lower.array_api import constants, error_functions, spelling
from compare.lower.array_api.matrices import BODIES, SUPPORT, parsed
from compare.lower.array_api.meanings import in_the_standard
from compare.lower.plans.plan import Plan
from compare.lower.source import syntax
from compare.lower.source.frame import docstring, packed
from compare.lower.source.names import Names
from compare.lower.source.statements import Dialect, Program
from diffexpr import Expr, ExpressionTypeError, MissingExtraError, MissingRuleError, symbol
from diffexpr.frozen import Frozen
from diffexpr.walk import topological

_COMPAT = "array_api_compat"
_IMPORTED = {
    "array": ("array",),
    "struct": ("iter_unpack", "unpack"),
    _COMPAT: ("array_namespace", "device"),
}
# Names with a meaning in the source, which a variable must not take.
_RESERVED = (
    spelling.NAMESPACE, spelling.KIND, spelling.PLACE, *SUPPORT,
    *(name for names in _IMPORTED.values() for name in names),
    "complex", "list", "__debug__",
)  # fmt: skip
_DIALECT = Dialect(spelling.operation, spelling.constant, shells=False)


class ArrayModule:
    """The source of one function over any array namespace, as a syntax tree.

    Attributes
    ----------
    name : str
        The name of the function in it.
    """

    def __init__(self, plan: Plan) -> None:
        self._names = Names(_RESERVED)
        self._constants: dict[Frozen, tuple[str, ast.stmt]] = {}
        self._data: list[ast.stmt] = []
        self._definitions: dict[str, ast.FunctionDef] = {}
        parameters = self._parameter_names(plan)
        self.name = self._names.fresh(plan.name)
        function = self._function(plan, parameters)
        self._lines = [*self._data, *self._definitions.values(), function]

    def tree(self) -> ast.Module:
        """The module with its imports."""
        used = {node.id for line in self._lines for node in ast.walk(line)
                if isinstance(node, ast.Name)}  # fmt: skip
        imports: list[ast.stmt] = []
        for module, names in _IMPORTED.items():
            wanted = [ast.alias(name) for name in names if name in used]
            if wanted:
                imports.append(ast.ImportFrom(module, wanted, 0))
        return ast.fix_missing_locations(ast.Module([*imports, *self._lines], []))

    def function(self) -> Callable[..., Any]:
        """The function, compiled from the syntax tree."""
        if importlib.util.find_spec(_COMPAT) is None:
            raise MissingExtraError(
                "array-api-compat, which finds the namespace of an array, is not installed; "
                "pip install 'crossdiff[array-api]'"
            )
        # Libraries in C import what they need by way of the caller's builtins.
        namespace: dict[str, Any] = {
            "__name__": f"lowered_{self.name}",
            "__builtins__": builtins,
        }
        code = compile(self.tree(), f"<lowered {self.name}>", "exec")
        # Calling the code of a module runs its definitions in the namespace given.
        types.FunctionType(code, namespace)()
        return namespace[self.name]

    # what operations ask for

    def array(self, value: Frozen) -> str:
        """The name of a constant array, made on the device of the arguments at every call."""
        if value not in self._constants:
            name = self._names.numbered("c")
            data = ""
            if constants.is_long(value.array):
                data = self._names.fresh(f"{name}_data")
                self._data.append(syntax.assign(data, constants.unpacked(value.array)))
            made = constants.made(value.array, data)
            self._constants[value] = (name, syntax.assign(name, made))
        return self._constants[value][0]

    def definition(self, op: str) -> str:
        """The name of the function that stands for a row of several steps."""
        if op not in self._definitions:
            name = self._names.fresh(op)
            made = parsed(BODIES[op], name) if op in BODIES else self._in_the_language(op, name)
            self._definitions[op] = made
        return self._definitions[op].name

    def _in_the_language(self, op: str, name: str) -> ast.FunctionDef:
        operand = symbol("x")
        outputs = in_the_standard([error_functions.MEANINGS[op](operand)])
        program = Program(self, Names((*_RESERVED, "x")), {operand: "x"}, _DIALECT)
        (value,) = program.run(outputs, ("value",))
        body = [*program.statements, ast.Return(value)]
        return syntax.define(name, (spelling.NAMESPACE, "x"), body)

    def special(self) -> ast.expr:
        """Nothing: SciPy's functions take NumPy's arrays."""
        raise MissingRuleError("scipy.special is not in the array API standard; target='numpy' is")

    # the function

    def _parameter_names(self, plan: Plan) -> dict[Expr, str]:
        """Every variable under its own name, unless that means something else in the source."""
        kept = {p: p.name for p in plan.parameters if p.name not in _RESERVED}
        for name in kept.values():
            self._names.fresh(name)
        return {p: kept.get(p) or self._names.fresh(p.name) for p in plan.parameters}

    def _function(self, plan: Plan, parameters: dict[Expr, str]) -> ast.FunctionDef:
        outputs = in_the_standard(plan.outputs)
        program = Program(self, self._names, parameters, _DIALECT)
        values = program.run(outputs, plan.labels)
        used = {node for node in topological(outputs) if node.op == "symbol"}
        body: list[ast.stmt] = [ast.Expr(ast.Constant(docstring(plan, parameters)))]
        lines = [line for _, line in self._constants.values()]
        lines += [*program.statements, ast.Return(packed(plan.structure, values))]
        body += self._conversions([p for p in plan.parameters if p in used], parameters, lines)
        return syntax.define(self.name, tuple(parameters.values()), [*body, *lines])

    def _conversions(
        self, used: Sequence[Expr], parameters: dict[Expr, str], lines: Sequence[ast.stmt]
    ) -> list[ast.stmt]:
        """The namespace is found, and the arguments are brought into the form of evaluation."""
        asked = {n.id for line in lines for n in ast.walk(line) if isinstance(n, ast.Name)}
        if not used and not asked & {spelling.NAMESPACE, spelling.KIND, spelling.PLACE}:
            return []
        if not parameters:
            raise ExpressionTypeError(
                f"{self.name} takes no array whose namespace it could use; lower an expression "
                "with a variable, or use target='numpy'"
            )
        every = ", ".join(parameters.values())
        text = [f"xp = array_namespace({every})", f"kind, place = shared(xp, {every})"]
        self._definitions["shared"] = parsed(SUPPORT["shared"], "shared")
        floats = ", ".join(parameters[p] for p in used if p.dtype.kind != "b")
        if floats:
            self._definitions["as_floats"] = parsed(SUPPORT["as_floats"], "as_floats")
            target = floats if "," in floats else f"[{floats}]"
            text.append(f"{target} = as_floats(xp, kind, place, {floats})")
        for p in used:
            if p.dtype.kind == "b":
                array = f"xp.asarray({parameters[p]}, device=place)"
                text.append(f"{parameters[p]} = xp.astype({array}, xp.bool)")
        return ast.parse("\n".join(text)).body


def array_api_module(plan: Plan) -> tuple[ast.Module, str]:
    """The source of a plan over any array namespace, and the name of the function in it.

    Parameters
    ----------
    plan : Plan
        What is to be computed.

    Returns
    -------
    tree : ast.Module
        A module that needs ``array_api_compat`` alone.
    name : str

    Raises
    ------
    MissingRuleError
        If an operation has no form in the standard.
    ExpressionTypeError
        If arrays are to come out and no parameter tells of which namespace.

    Examples
    --------
    >>> from compare.lower.plans.plan import plan
    >>> from diffexpr import symbols
    >>> import numpy as np
    >>> x, y = symbols("x y")
    >>> tree, name = array_api_module(plan(np.arcsin(x) ** y, "value", None, "reverse", None))
    >>> print(*ast.unparse(tree).splitlines()[-4:], sep="\\n")
        xp = array_namespace(x, y)
        kind, place = shared(xp, x, y)
        x, y = as_floats(xp, kind, place, x, y)
        return xp.pow(xp.asin(x), y)
    """
    made = ArrayModule(plan)
    return made.tree(), made.name
