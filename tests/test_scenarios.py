"""Every scenario against every backend alone, and then through `cross_check`."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from scenarios import SCENARIOS

import autodiff
import numdiff
import symdiff
from compare import cross_check
from diffexpr import Expr

BACKENDS = {
    "symbolic": symdiff,
    "forward": autodiff.forward,
    "reverse": autodiff.reverse,
    "automatic": autodiff,
    "numeric": numdiff,
}

CASES = [
    pytest.param(scenario, name, id=f"{scenario.name}-{name}")
    for scenario in SCENARIOS
    for name in BACKENDS
    if name not in scenario.absent and not (scenario.verdict == "kink" and name == "numeric")
]


def names_of(scenario) -> tuple[str, ...]:
    """The parameters to differentiate, in the order in which the answer is expected."""
    if scenario.wrt is not None:
        return scenario.wrt if isinstance(scenario.wrt, tuple) else (scenario.wrt,)
    target = scenario.target
    if isinstance(target, Expr):
        return tuple(v.name for v in target.variables) or tuple(scenario.at)
    return tuple(inspect.signature(target).parameters)


def run(module, scenario):
    """The parts of a verb's answer, flat."""
    target, names = scenario.target, names_of(scenario)
    if scenario.verb == "derivative":
        result = module.derivative(target, names[0], scenario.order)
    else:
        result = getattr(module, scenario.verb)(target, names)
    if isinstance(target, Expr):
        if module is numdiff:
            # It estimates, so of an expression it gives a function.
            result = result(**scenario.at)
        return [p(**scenario.at) if isinstance(p, Expr) else p for p in leaves(result)]
    found = result(*(scenario.at[n] for n in inspect.signature(target).parameters))
    return leaves(found)


def leaves(result):
    """The parts of nested tuples, in order."""
    stack, found = [result], []
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(reversed(item))
        else:
            found.append(item)
    return found


@pytest.mark.parametrize(("scenario", "name"), CASES)
def test_alone(scenario, name):
    found = run(BACKENDS[name], scenario)
    # Formulas and tapes are good to a few roundings of terms of this size; differences of values
    # to about ten digits (second and third ones to eight and six).
    relative = 1e-12 if name != "numeric" else 10.0 ** -(12 - 2 * max(scenario.order, 1))
    if "iterated" in scenario.tags:
        relative = 1e-6  # the iteration itself stops at 1e-12 of its residual
    if scenario.verb == "hessian" and name == "numeric":
        relative = 1e-7
    for part, expected in zip(found, scenario.expected, strict=True):
        expected = np.asarray(expected, float)
        assert np.shape(part) == expected.shape
        scale = max(
            1e-300, float(np.max(np.abs(expected))), float(np.max(np.abs(scenario.expected[0])))
        )
        # Where nothing but 0 is expected, there is no size to be relative to.
        np.testing.assert_allclose(part, expected, rtol=relative, atol=max(relative * scale, 1e-18))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_through_cross_check(scenario):
    check = cross_check(
        scenario.target, scenario.at, scenario.verb, scenario.wrt or names_of(scenario),
        order=scenario.order,
    )  # fmt: skip
    assert check.verdict == scenario.verdict, str(check)
    absent = {b.name for b in check.backends if not b.values}
    assert absent == set(scenario.absent)
    for label, expected in zip(check.problem.labels, scenario.expected, strict=True):
        for backend in check.backends:
            if backend.name in absent or backend.verdict == "inconclusive":
                continue
            if scenario.verdict == "kink" and backend.name == "numeric":
                continue
            bar = 2 * backend.errors[label] + 1e-13 * np.abs(expected)
            if "iterated" in scenario.tags:
                bar = bar + 1e-6
            assert np.all(np.abs(backend.values[label] - expected) <= bar), str(check)
