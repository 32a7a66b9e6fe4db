"""A module of source around a program: imports, constants, definitions, the function itself."""

from __future__ import annotations

import ast
import builtins
import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any

from compare.lower.loops.assembly import Assembly
from compare.lower.loops.body import Body
from compare.lower.loops.form import Loops
from compare.lower.loops.regions import Loop
from compare.lower.loops.writer import LoopWriter
from compare.lower.plans.plan import Plan, Structure
from compare.lower.source import definitions, runtime, syntax
from compare.lower.source.frame import docstring, packed
from compare.lower.source.lifetimes import with_deletions
from compare.lower.source.names import MODULE_NAMES, RESERVED, RUNTIME, Names
from compare.lower.source.runtime_source import runtime_source
from compare.lower.source.statements import Program
from diffexpr import Expr, symbol
from diffexpr.frozen import Frozen
from diffexpr.walk import topological


def function_name(plan: Plan) -> str:
    """The name of the function in the module of a plan."""
    taken = (*RESERVED, *MODULE_NAMES, *(p.name for p in plan.parameters))
    return Names(taken).fresh(plan.name)


class Module:
    """The source of one function and everything it needs, as a syntax tree.

    A bare function leaves out the conversion of its arguments: they are arrays of floats already.

    Attributes
    ----------
    name : str
        The name of the function in it.
    takes_out : bool
        Whether the function has a parameter for arrays to write its results into.
    bodies : list of Body
        The loops in it.
    """

    def __init__(self, plan: Plan, loops: Loops | None = None, *, bare: bool = False) -> None:
        self._names = Names(RESERVED)
        self._constants: dict[Frozen, tuple[str, list[ast.stmt]]] = {}
        self._definitions: dict[str, tuple[str, ast.FunctionDef]] = {}
        self.bodies: list[Body] = []
        self._labels = frozenset(plan.labels)
        self._special = False
        self._bare = bare
        self.takes_out = False
        parameters = self._parameter_names(plan)
        self.name = self._names.fresh(function_name(plan))
        function = self._function(plan, parameters, loops)
        lines: list[ast.stmt] = []
        for _, made in self._constants.values():
            lines.extend(made)
        lines.extend(definition for _, definition in self._definitions.values())
        self._lines = [*lines, *(body.function for body in self.bodies), function]

    def tree(self) -> ast.Module:
        """The module as text needs it: with the functions that it calls while it runs."""
        used = {node.id for line in self._lines for node in ast.walk(line)
                if isinstance(node, ast.Name)}  # fmt: skip
        imports, functions = runtime_source([name for name in RUNTIME if name in used])
        imports.append(ast.Import([ast.alias("numpy", syntax.NUMPY)]))
        if self._special:
            imports.append(ast.ImportFrom("scipy", [ast.alias(syntax.SPECIAL)], 0))
        return syntax.located(ast.Module([*imports, *functions, *self._lines], []))

    def function(self) -> Callable[..., Any]:
        """The function, compiled from the syntax tree."""
        imports: list[ast.stmt] = [ast.Import([ast.alias("numpy", syntax.NUMPY)])]
        if self._special:
            imports.append(ast.ImportFrom("scipy", [ast.alias(syntax.SPECIAL)], 0))
        namespace: dict[str, Any] = {name: getattr(runtime, name) for name in RUNTIME}
        namespace.update(__name__=f"lowered_{self.name}", __builtins__=builtins)
        tree = syntax.located(ast.Module([*imports, *self._lines], []))
        code = compile(tree, f"<lowered {self.name}>", "exec")
        # Calling the code of a module runs its definitions in the namespace given.
        types.FunctionType(code, namespace)()
        return namespace[self.name]

    # what operations ask for

    def array(self, value: Frozen) -> str:
        """The name of a constant array."""
        if value not in self._constants:
            name = self._names.numbered("c")
            while name in self._labels:
                # A function within the module may call its own value so.
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

    def _function(
        self, plan: Plan, parameters: dict[Expr, str], loops: Loops | None
    ) -> ast.FunctionDef:
        outputs = definitions.written_out(plan.outputs)
        used = {node for node in topological(outputs) if node.op == "symbol"}
        body: list[ast.stmt] = []
        if not self._bare:
            body += self._conversions([p for p in plan.parameters if p in used], parameters)
        out = self._names.fresh("out")
        if loops is not None and not loops.points:
            body += self._over_arrays(plan, parameters, loops, out)
        elif loops is not None:
            varying = [parameters[p] for p in plan.parameters if p in used - loops.fixed]
            body += self._over_points(plan, parameters, loops, varying, out)
        if loops is None or (loops.points and not (loops.alone and self.takes_out)):
            plain = self._plain(plan, outputs, parameters)
            body += _filled(plain, out) if self.takes_out else plain
        function = syntax.define(self.name, tuple(parameters.values()), body)
        told = docstring(plan, parameters, out if self.takes_out else "")
        body.insert(0, ast.Expr(ast.Constant(told)))
        if self.takes_out:
            body.insert(1, _skeleton(out, plan.structure))
            function.args.args.append(ast.arg(out))
            function.args.defaults.append(ast.Constant(None))
        quiet = syntax.call(syntax.numpy("errstate"), [], all=ast.Constant("ignore"))
        function.decorator_list.append(quiet)
        return function

    def _plain(
        self, plan: Plan, outputs: tuple[Expr, ...], parameters: dict[Expr, str]
    ) -> list[ast.stmt]:
        program = Program(self, self._names.inner(), parameters)
        values = program.run(outputs, plan.labels)
        return [*program.statements, ast.Return(packed(plan.structure, values))]

    def _over_points(
        self,
        plan: Plan,
        parameters: dict[Expr, str],
        loops: Loops,
        varying: list[str],
        out: str,
    ) -> list[ast.stmt]:
        """The branch for arrays of points that are large enough."""
        if not varying:
            return []
        self.takes_out = True
        names = self._names.inner()
        shape, kind = names.fresh("shape"), names.fresh("kind")
        steps, _ = loops.arrangement()
        writer = self._loop_writer(plan, loops, out)
        writer.shape = lambda loop: syntax.name(shape)
        writer.kind = lambda node: node.dtype.kind
        writer.dtype = lambda key: syntax.numpy("bool_") if key == "b" else syntax.name(kind)
        program = Program(self, names, parameters, write_loop=writer)
        values = program.run(loops.outputs, plan.labels, steps)
        whole = syntax.call(
            syntax.name("common_shape"),
            [syntax.number(loops.least), *map(syntax.name, varying)],
        )
        first = ast.Attribute(syntax.name(varying[0]), "dtype", ast.Load())
        taken = [
            syntax.assign(kind, first),
            *program.statements,
            *_filled([ast.Return(packed(plan.structure, values))], out),
        ]
        if loops.alone:
            return [syntax.assign(shape, whole), *taken]
        there = ast.Compare(syntax.name(shape), [ast.IsNot()], [ast.Constant(None)])
        return [syntax.assign(shape, whole), ast.If(there, taken, [])]

    def _over_arrays(
        self, plan: Plan, parameters: dict[Expr, str], loops: Loops, out: str
    ) -> list[ast.stmt]:
        steps, made = loops.arrangement()
        self.takes_out = bool(made) or any(isinstance(step, Loop) for step in steps)
        writer = self._loop_writer(plan, loops, out, made)
        program = Program(self, self._names, parameters, write_loop=writer)
        values = program.run(loops.outputs, plan.labels, steps)
        returned = ast.Return(packed(plan.structure, values))
        assert returned.value is not None
        lines = with_deletions(program.statements, program.held, returned.value)
        return [*lines, *(_filled([returned], out) if self.takes_out else [returned])]

    def _loop_writer(
        self, plan: Plan, loops: Loops, out: str, made: Sequence[Assembly] = ()
    ) -> LoopWriter:
        places = _places(plan.structure, syntax.name(out))
        given = {loops.outputs[i]: place for i, place in reversed(places)}
        return LoopWriter(self, self._enter, given, loops.size, loops.threads, made)

    def _enter(self, made: Callable[[str], Body]) -> Body:
        body = made(self._names.numbered(f"{self.name}_loop"))
        self.bodies.append(body)
        return body

    def _conversions(self, used: list[Expr], parameters: dict[Expr, str]) -> list[ast.stmt]:
        floats = [parameters[p] for p in used if p.dtype.kind != "b"]
        truths = [parameters[p] for p in used if p.dtype.kind == "b"]
        lines: list[ast.stmt] = []
        if floats:
            call = syntax.call(syntax.name("as_floats"), map(syntax.name, floats))
            lines.append(syntax.unpacked(floats, call))
        for name in truths:
            array = syntax.call(syntax.numpy("asarray"), [syntax.name(name)])
            lines.append(syntax.assign(name, syntax.taken_out(array)))
        return lines


def _places(structure: Structure, out: ast.expr) -> list[tuple[int, ast.expr]]:
    """Each output and where its array is to be found in a nest of arrays."""
    if isinstance(structure, int):
        return [(structure, out)]
    parts = [(part, syntax.subscript(out, syntax.number(i))) for i, part in enumerate(structure)]
    return [place for part, at in parts for place in _places(part, at)]


def _skeleton(out: str, structure: Structure) -> ast.stmt:
    """The nest that stands for ``out`` where none is given."""
    missing = ast.Compare(syntax.name(out), [ast.Is()], [ast.Constant(None)])
    return ast.If(missing, [syntax.assign(out, _nones(structure))], [])


def _nones(structure: Structure) -> ast.expr:
    if isinstance(structure, int):
        return ast.Constant(None)
    return syntax.tuple_of(_nones(part) for part in structure)


def _filled(lines: list[ast.stmt], out: str) -> list[ast.stmt]:
    """The same lines, what they return at the end written into ``out``."""
    *before, last = lines
    assert isinstance(last, ast.Return)
    assert last.value is not None
    if not isinstance(last.value, (ast.Tuple, ast.Name)):
        before.append(syntax.assign("result", last.value))
        last.value = syntax.name("result")
    call = syntax.call(syntax.name("fill"), [syntax.name(out), last.value])
    return [*before, ast.Return(call)]
