"""A module of source around a program: imports, constants, definitions, the function itself."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import types
from collections.abc import Callable
from typing import Any

from compare.lower import definitions, syntax
from compare.lower.arguments import as_floats, converted
from compare.lower.plan import Plan, Structure
from compare.lower.statements import Names, Program
from diffexpr import Expr, MissingExtraError, symbol
from diffexpr.frozen import Frozen
from diffexpr.walk import topological

# Names with a meaning in the source, which a variable must not take.
RESERVED = (syntax.NUMPY, syntax.SPECIAL, "complex", "__debug__")


class Module:
    """The source of one function and everything it needs, as a syntax tree.

    Attributes
    ----------
    tree : ast.Module
    name : str
        The name of the function in it.
    """

    def __init__(self, plan: Plan) -> None:
        self._names = Names(RESERVED)
        self._constants: dict[Frozen, tuple[str, list[ast.stmt]]] = {}
        self._definitions: dict[str, tuple[str, ast.FunctionDef]] = {}
        self._special = False
        parameters = self._parameter_names(plan)
        self.name = self._names.fresh(plan.name)
        function = self._function(plan, parameters)
        body: list[ast.stmt] = [ast.Import([ast.alias("numpy", syntax.NUMPY)])]
        if self._special:
            body.append(ast.ImportFrom("scipy", [ast.alias(syntax.SPECIAL)], 0))
        for _, lines in self._constants.values():
            body.extend(lines)
        body.extend(definition for _, definition in self._definitions.values())
        self.tree = ast.fix_missing_locations(ast.Module([*body, function], []))

    def function(self) -> Callable[..., Any]:
        """The function, compiled from the syntax tree."""
        if self._special and importlib.util.find_spec("scipy") is None:
            raise MissingExtraError(
                "the values of special functions come from SciPy, which is not installed; "
                "pip install 'crossdiff[special]'"
            )
        namespace: dict[str, Any] = {"__name__": f"lowered_{self.name}"}
        code = compile(self.tree, f"<lowered {self.name}>", "exec")
        # Calling the code of a module runs its definitions in the namespace given.
        types.FunctionType(code, namespace)()
        return namespace[self.name]

    # what operations ask for

    def array(self, value: Frozen) -> str:
        """The name of a constant array."""
        if value not in self._constants:
            name = self._names.numbered("c")
            made = syntax.array(value.array)
            flags = ast.Attribute(syntax.name(name), "flags", ast.Load())
            writeable = ast.Attribute(flags, "writeable", ast.Store())
            # It may be returned, whole or in part, and must outlive what is done with that.
            locked = ast.Assign([writeable], syntax.number(False))
            self._constants[value] = (name, [syntax.assign(name, made), locked])
        return self._constants[value][0]

    def definition(self, op: str) -> str:
        """The name of the function that stands for a row which NumPy lacks."""
        if op not in self._definitions:
            if op in definitions.BODIES:
                words, body = definitions.BODIES[op](self.special())
            elif op in definitions.IN_NUMPY:
                words, body = definitions.IN_NUMPY[op]()
            else:
                words, body = self._in_the_language(definitions.FUNCTIONS[op])
            name = self._names.fresh(op)
            self._definitions[op] = (name, syntax.define(name, words, body))
        return self._definitions[op][0]

    def _in_the_language(
        self, meaning: Callable[..., Any]
    ) -> tuple[tuple[str, ...], list[ast.stmt]]:
        words = tuple(inspect.signature(meaning).parameters)
        symbols = tuple(symbol(word) for word in words)
        given = dict(zip(symbols, words, strict=True))
        program = Program(self, Names((*RESERVED, *words)), given)
        (value,) = program.run((meaning(*symbols),), ("value",))
        return words, [*program.statements, ast.Return(value)]

    def special(self) -> ast.expr:
        """The name of ``scipy.special``, which is then imported."""
        self._special = True
        return syntax.name(syntax.SPECIAL)

    # the function

    def _parameter_names(self, plan: Plan) -> dict[Expr, str]:
        """Every variable under its own name, unless that means something else in the source."""
        kept = {p: p.name for p in plan.parameters if p.name not in RESERVED}
        for name in kept.values():
            self._names.fresh(name)
        return {p: kept.get(p) or self._names.fresh(p.name) for p in plan.parameters}

    def _function(self, plan: Plan, parameters: dict[Expr, str]) -> ast.FunctionDef:
        outputs = definitions.written_out(plan.outputs)
        program = Program(self, self._names, parameters)
        values = program.run(outputs, plan.labels)
        used = {node for node in topological(outputs) if node.op == "symbol"}
        body: list[ast.stmt] = [ast.Expr(ast.Constant(_docstring(plan, parameters)))]
        body += self._conversions([p for p in plan.parameters if p in used], parameters)
        body += program.statements
        body.append(ast.Return(_packed(plan.structure, values)))
        function = syntax.define(self.name, tuple(parameters.values()), body)
        quiet = syntax.call(syntax.numpy("errstate"), [], all=ast.Constant("ignore"))
        function.decorator_list.append(quiet)
        return function

    def _conversions(self, used: list[Expr], parameters: dict[Expr, str]) -> list[ast.stmt]:
        floats = [parameters[p] for p in used if p.dtype.kind != "b"]
        truths = [parameters[p] for p in used if p.dtype.kind == "b"]
        lines: list[ast.stmt] = []
        if floats:
            maker = self._names.fresh("as_floats")
            self._definitions["as_floats"] = (maker, as_floats(maker))
            lines.append(converted(floats, maker))
        for name in truths:
            array = syntax.call(syntax.numpy("asarray"), [syntax.name(name)])
            lines.append(syntax.assign(name, syntax.taken_out(array)))
        return lines


def _packed(structure: Structure, values: list[ast.expr]) -> ast.expr:
    if isinstance(structure, int):
        return values[structure]
    return syntax.tuple_of(_packed(part, values) for part in structure)


def _docstring(plan: Plan, parameters: dict[Expr, str]) -> str:
    lines = [*plan.subject.split("\n")]
    lines[-1] += "."
    if parameters:
        lines.append("")
    for parameter, name in parameters.items():
        kind = f"array of shape {parameter.shape}" if parameter.shape else "number or array"
        lines.append(f"{name}: {kind}")
    if len(lines) == 1:
        return lines[0]
    return "\n".join([lines[0], *(f"    {line}" if line else "" for line in lines[1:]), "    "])
