"""Sine and cosine from one tangent: how far off, over all sizes of angles."""

import mpmath as mp
import numpy as np
import pytest

from compare.lower.passes.halfangle import halfangle
from diffexpr import evaluate_all, parse, symbol, symbols
from diffexpr.walk import topological

x, y = symbols("x y")
GRAPHS = [np.sin(x), np.cos(x)]

RANGES = {
    "subnormal": (1e-320, 1e-308),
    "tiny": (1e-300, 1e-5),
    "small": (1e-5, 0.1),
    "around one": (0.1, 4.0),
    "turns": (4.0, 1e3),
    "large": (1e3, 1e15),
    "huge": (1e15, 1e300),
}


def angles(name, kind):
    low, high = np.log10(RANGES[name])
    rng = np.random.default_rng(3)
    if kind is np.float32:
        low, high = max(low, -44.0), min(high, 38.0)
    with np.errstate(under="ignore"):
        return (10.0 ** rng.uniform(low, high, 150) * rng.choice([-1, 1], 150)).astype(kind)


def multiples_of_a_quarter_turn(kind):
    near = np.arange(-40, 41) * (np.pi / 2)
    return np.concatenate([near, np.nextafter(near, 99), near * (1 + 1e-9)]).astype(kind)


def judge(points, kind) -> None:
    eps, floor = float(np.finfo(kind).eps), float(np.finfo(kind).smallest_subnormal)
    sine, cosine = evaluate_all(halfangle(GRAPHS), {"x": points})
    assert sine.dtype == cosine.dtype == kind
    for point, s, c in zip(points.tolist(), sine.tolist(), cosine.tolist(), strict=True):
        with mp.workprec(1200):
            exact_s, exact_c = mp.sin(mp.mpf(point)), mp.cos(mp.mpf(point))
            for value, exact, slope in ((s, exact_s, exact_c), (c, exact_c, exact_s)):
                apart = abs(mp.mpf(value) - exact)
                # A quarter turn away the one is all that the other has lost.
                assert apart <= 2 * eps * (abs(exact) + abs(point * slope)) + floor, point
                assert apart <= 2 * eps, point
            # Half an ulp for tan, and the rest: the sine keeps its digits at its zeros, too.
            assert abs(mp.mpf(s) - exact_s) <= 3 * eps * abs(exact_s) + floor, point


@pytest.mark.parametrize("kind", [float, np.float32])
@pytest.mark.parametrize("name", [name for name in RANGES if name != "huge"])
def test_errors_in_units_times_the_condition(name, kind) -> None:
    if kind is np.float32 and name == "tiny":
        judge(np.concatenate([angles("small", kind) * kind(1e-30), angles("small", kind)]), kind)
        return
    if kind is np.float32 and name == "subnormal":
        judge(angles("small", kind) * kind(1e-38), kind)
        return
    judge(angles(name, kind), kind)


def test_errors_of_huge_angles() -> None:
    judge(angles("huge", float), float)


@pytest.mark.parametrize("kind", [float, np.float32])
def test_errors_at_multiples_of_a_quarter_turn(kind) -> None:
    judge(multiples_of_a_quarter_turn(kind), kind)


@pytest.mark.parametrize("kind", [float, np.float32])
def test_zeros_infinities_and_nan(kind) -> None:
    points = np.array([0.0, -0.0, np.inf, -np.inf, np.nan], kind)
    sine, cosine = evaluate_all(halfangle(GRAPHS), {"x": points})
    assert np.array_equal(np.signbit(sine[:2]), [False, True])
    assert np.all(sine[:2] == 0)
    assert np.all(cosine[:2] == 1)
    assert np.isnan(sine[2:]).all()
    assert np.isnan(cosine[2:]).all()


def test_only_where_both_occur() -> None:
    graphs = (np.sin(x), np.cos(y), np.cos(x + y))
    assert halfangle(graphs) == graphs
    z = symbol("z", dtype=complex)
    graphs = (np.sin(z), np.cos(z))
    assert halfangle(graphs) == graphs


def test_one_tangent_for_each_angle_nested_ones_too() -> None:
    inner = parse("sin(x)*cos(x)")
    found = halfangle([np.sin(inner), np.cos(inner), np.sin(y)])
    ops = [node.op for node in topological(found)]
    assert ops.count("tan") == 2
    assert ops.count("sin") == 1
    assert ops.count("cos") == 0
    old = evaluate_all([np.sin(inner)], {"x": 0.7})[0]
    assert abs(found[0](x=0.7) - old) <= 4 * np.finfo(float).eps
