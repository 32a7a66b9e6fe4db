"""Make any rule, translation, value or piece of machinery wrong: exactly its readers must show.

A sabotage counts as caught when the check is not ok, and as pinned when the backends it names
are those that read the sabotaged entry: forward and reverse for a partial, symbolic for a
translation, and for a value whichever backends really come out wrong by it, held against the 50
digits of before.
"""

from __future__ import annotations

import numpy as np
import pytest
from sabotage import ARRAYS, FACTORS, KINDS, array_subject, count, subjects

import autodiff
import symdiff
from autodiff import boxes, cotangents, rules, tape
from autodiff.operations import array_rules
from compare import cross_check
from compare.fault import as_float
from diffexpr import arrays, functions, parse, primitives, symbol
from numdiff import steps
from symdiff import arrays as sympy_arrays
from symdiff import translate
from symdiff.matrices import UNTRANSLATED

ROWS = sorted(primitives.TABLE)
AUTOMATIC = {"forward", "reverse"}


def differentiable(name: str) -> list[int]:
    """The arguments of a primitive that have a partial."""
    count = len(rules.PARTIALS.get(name, ()))
    return [i for i in range(count) if rules.is_differentiable(name, i)]


def judged(subject):
    """The check of a subject, by the four backends that always apply."""
    verb = "grad" if subject.f.shape == () else "jacobian"
    names = ("symbolic", "forward", "reverse", "numeric")
    return cross_check(subject.f, subject.at, verb, tuple(subject.at), names)


def gradient(module, subject):
    """The gradient of a subject by one backend, or None where it can no longer be had."""
    names = tuple(subject.at)
    verb = module.grad if subject.f.shape == () else module.jacobian
    try:
        parts = verb(subject.f, names)
        return np.concatenate([np.ravel(np.asarray(p(**subject.at), float)) for p in parts])
    except Exception:
        return None


def changed(before, after) -> bool:
    if before is None or after is None:
        return True
    with np.errstate(all="ignore"):
        return not np.allclose(before, after, rtol=1e-8, atol=0, equal_nan=True)


def caught_and_pinned(subject, expected, table) -> None:
    check = cross_check(subject.f, subject.at, "grad" if subject.f.shape == () else "jacobian",
                        tuple(subject.at))  # fmt: skip
    good = not check.ok and set(check.odd) == expected
    count(table, good)
    assert good, f"{sorted(expected)} should have been pinned\n{check}"


def assert_every_kind_bit(live: dict[str, int], name: str) -> None:
    assert sum(live.values()), f"no sabotage of {name} changes anything at any sample"


@pytest.mark.parametrize("name", [n for n in ROWS if differentiable(n)])
def test_partials(name, monkeypatch):
    for position in differentiable(name):
        live = dict.fromkeys(KINDS, 0)
        for kind in KINDS:
            for subject in _subjects_for_partial(name, position):
                before = gradient(autodiff.forward, subject)
                with monkeypatch.context() as patch:
                    patch.setitem(rules.PARTIALS, name, _wrong(name, position, kind))
                    if changed(before, gradient(autodiff.forward, subject)):
                        live[kind] += 1
                        caught_and_pinned(subject, AUTOMATIC, "partials")
                        break
        assert_every_kind_bit(live, f"partial {position} of {name}")


def _subjects_for_partial(name, position):
    if name == "heaviside" and position == 1:
        return subjects(name, {0: 0.0})
    return subjects(name)


def _wrong(name, position, kind):
    right = rules.PARTIALS[name]
    factor = FACTORS[kind]

    def partial(y, *args):
        found = right[position](y, *args)
        if type(found) is bool or getattr(found, "dtype", None) == np.dtype(bool):
            found = functions.where(found, 1.0, 0.0)  # a truth value selects
        wrong = factor(found, args[0])
        if type(wrong) is float or (type(wrong) is int and abs(wrong) > 1):
            return np.float64(wrong)  # of plain numbers, only -1, 0 and 1 stand in the table
        return wrong

    return (*right[:position], partial, *right[position + 1 :])


@pytest.mark.parametrize("name", [n for n in ROWS if len(differentiable(n)) > 1])
def test_swapped_partials(name, monkeypatch):
    first, second = differentiable(name)[:2]
    for subject in subjects(name):
        before = gradient(autodiff.forward, subject)
        wrong = list(rules.PARTIALS[name])
        wrong[first], wrong[second] = wrong[second], wrong[first]
        with monkeypatch.context() as patch:
            patch.setitem(rules.PARTIALS, name, tuple(wrong))
            if changed(before, gradient(autodiff.forward, subject)):
                caught_and_pinned(subject, AUTOMATIC, "partials")
                return
    # Both of add are 1, and both of heaviside are 0 wherever it has a derivative.
    assert name in ("add", "heaviside"), f"swapped partials of {name} change nothing"


def _wrong_value(right, kind):
    factor = FACTORS[kind]

    def value(*args):
        if kind == "zero":
            # Not asked for at all: differences look far away for a sign of life in a constant,
            # where SciPy's polygamma counts its way back.
            truth = np.asarray(right(*(1.0 for _ in args))).dtype == bool
            return np.zeros(np.broadcast_shapes(*map(np.shape, args)), bool if truth else float)[()]
        found = right(*args)
        if np.asarray(found).dtype == bool:
            return (
                np.logical_not(found) if kind == "sign" else np.logical_and(found, kind != "zero")
            )
        if kind == "wrong below zero":
            return np.where(np.less(args[0], 0), 3 * found, found)[()]
        return factor(found, args[0])

    return value


@pytest.mark.parametrize("name", ROWS)
def test_values(name, monkeypatch):
    row = primitives.TABLE[name]
    live = dict.fromkeys(KINDS, 0)
    for kind in KINDS:
        for subject in subjects(name):
            truth = _truth(subject)
            value = subject.f(**subject.at)
            with monkeypatch.context() as patch:
                wrong = row._replace(value=_wrong_value(row.value, kind))
                patch.setitem(primitives.TABLE, name, wrong)
                if changed(np.array(value), np.array(subject.f(**subject.at))):
                    live[kind] += 1
                    _caught_value(subject, truth, name)
                    break
    assert_every_kind_bit(live, f"the value of {name}")


def _truth(subject):
    names = tuple(subject.at)
    verb = symdiff.grad if subject.f.shape == () else symdiff.jacobian
    parts = zip(names, verb(subject.f, names), strict=True)
    return {n: as_float(symdiff.evaluate(part, subject.at)) for n, part in parts}


def _caught_value(subject, truth, name) -> None:
    check = judged(subject)
    wrong = {
        b.name
        for b in check.backends
        for label, right in truth.items()
        if b.values and changed(right, b.values[label])
    }
    good = (
        not check.ok
        and not check.value_ok
        and "NumPy's is wrong" in " ".join(check.notes)
        and check.node is not None
        and check.node.op == name
        and set(check.odd) == wrong
    )
    count("values", good)
    assert good, f"{sorted(wrong)} are wrong, at {name}\n{check}"


@pytest.mark.parametrize("name", ROWS)
def test_translations(name, monkeypatch):
    live = dict.fromkeys(KINDS, 0)
    right = translate.TABLE[name]
    for kind in KINDS:
        for subject in subjects(name):
            truth, before = _truth(subject), _values_of(subject)
            with monkeypatch.context() as patch:
                patch.setitem(translate.TABLE, name, _wrong_meaning(right, kind))
                if changed(before, _values_of(subject)):
                    live[kind] += 1
                    _caught_translation(subject, truth, name)
                    break
    assert_every_kind_bit(live, f"the translation of {name}")


def _values_of(subject):
    try:
        return as_float(symdiff.evaluate(subject.f, subject.at))
    except Exception:
        return None


def _wrong_meaning(right, kind):
    import sympy

    def meaning(*args):
        found = right(*args)
        if isinstance(found, sympy.logic.boolalg.Boolean):
            return sympy.Not(found) if kind == "sign" else sympy.And(found, kind != "zero")
        if kind == "wrong below zero":
            return sympy.Piecewise((3 * found, args[0] < 0), (found, True))
        scale = {"zero": 0, "sign": -1, "doubled": 2, "tiny": 1 + sympy.Rational(1, 10**6)}
        return found + 1 if kind == "shifted" else scale[kind] * found

    return meaning


def _caught_translation(subject, truth, name) -> None:
    check = judged(subject)
    # A wrong constant, or twice a floor, has the right derivative: only the value shows it, and
    # then it is SymPy's value that must be named.
    shows = (
        any(
            changed(right, b.values[label])
            for b in check.backends
            if b.name == "symbolic" and b.values
            for label, right in truth.items()
        )
        or not check["symbolic"].values
    )
    good = not check.ok and not check.value_ok and "SymPy's is wrong" in " ".join(check.notes)
    good &= set(check.odd) == ({"symbolic"} if shows else set())
    good &= check.node is not None and check.node.op == name
    count("translations", good)
    assert good, f"symbolic should have been pinned, at {name}\n{check}"


ARRAY_KINDS = ("zero", "sign", "doubled", "tiny")
TRANSLATED = sorted(set(ARRAYS) - set(UNTRANSLATED))
"""The array operations that have a value in SymPy, against which NumPy's can be judged."""


@pytest.mark.parametrize("name", sorted(ARRAYS))
@pytest.mark.parametrize(("column", "reader"), [("JVP", "forward"), ("VJP", "reverse")])
def test_array_rules(name, column, reader, monkeypatch):
    table = getattr(array_rules, column)
    right = table[name]
    subject = array_subject(name)
    for kind in ARRAY_KINDS:
        with monkeypatch.context() as patch:
            factor = FACTORS[kind]
            patch.setitem(table, name, lambda *a, f=factor: f(right(*a), None))
            caught_and_pinned(subject, {reader}, "array rules")


@pytest.mark.parametrize("name", TRANSLATED)
def test_array_values(name, monkeypatch):
    row = arrays.TABLE[name]
    subject = array_subject(name)
    truth = _truth(subject)
    for kind in ARRAY_KINDS:
        with monkeypatch.context() as patch:
            factor = FACTORS[kind]
            wrong = row._replace(value=lambda *a, f=factor: f(row.value(*a), None))
            patch.setitem(arrays.TABLE, name, wrong)
            _caught_value(subject, truth, name)


@pytest.mark.parametrize("name", TRANSLATED)
def test_array_translations(name, monkeypatch):
    right = sympy_arrays.TABLE[name]
    subject = array_subject(name)
    truth = _truth(subject)
    for kind in ARRAY_KINDS:
        with monkeypatch.context() as patch:
            factor = FACTORS[kind]
            patch.setitem(
                sympy_arrays.TABLE,
                name,
                lambda *a, f=factor: np.asarray(f(right(*a), None), object),
            )
            _caught_translation(subject, truth, name)


def test_every_array_operation_has_a_subject():
    assert set(ARRAYS) == set(arrays.TABLE)


def test_accumulation(monkeypatch):
    monkeypatch.setattr(cotangents, "accumulate", lambda old, new, owned=False: new)
    check = cross_check(parse("x*x*x + sin(x)"), {"x": 0.7})
    good = check.verdict == "disagree" and check.odd == ("reverse",) and check.node is None
    count("machinery", good)
    assert good, str(check)
    assert "machinery" in str(check)


def test_broadcasting(monkeypatch):
    right = cotangents.unbroadcast

    def wrong(g, shape, lead=0):
        return (
            right(g, shape, lead) if g.shape[lead:] == tuple(shape) else 2 * right(g, shape, lead)
        )

    monkeypatch.setattr(cotangents, "unbroadcast", wrong)
    a, b = symbol("a", (3, 1)), symbol("b", (4,))
    at = {"a": np.array([[1.0], [2.0], [3.0]]), "b": np.array([0.5, 1.0, 1.5, 2.0])}
    check = cross_check(np.sum(np.sin(a * b)), at)
    good = check.verdict == "disagree" and check.odd == ("reverse",)
    count("machinery", good)
    assert good, str(check)


def test_tags(monkeypatch):
    def f(x):
        return x * autodiff.forward.derivative(lambda y: x + y)(1.0) + x * x

    assert cross_check(f, 3.0).ok
    for module in (boxes, tape):
        monkeypatch.setattr(module, "next_level", lambda: 7)
    check = cross_check(f, 3.0)
    confused = {
        b.name for b in check.backends if b.values and abs(float(b.values["x"]) - 7.0) > 1e-6
    }
    good = not check.ok and set(check.odd) == confused == AUTOMATIC
    count("machinery", good)
    assert good, str(check)


def test_step(monkeypatch):
    right = steps.exact

    def wrong(x, h, dtype):
        above, below, step = right(x, h, dtype)
        return above, below, step * 1.001

    monkeypatch.setattr(steps, "exact", wrong)
    check = cross_check(parse("x^2 sin(x)"), {"x": 0.7}, backends=["symbolic", "forward",
                        "reverse", "numeric"])  # fmt: skip
    good = check.verdict == "disagree" and check.odd == ("numeric",)
    count("machinery", good)
    assert good, str(check)
