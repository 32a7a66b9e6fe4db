"""Every elementwise row: its values against mpmath, its domain, its kinks, its complex values."""

import itertools

import mpmath as mp
import numpy as np
import pytest
from truth import VALUES

import diffexpr
from diffexpr import elementwise, parse, special, symbol
from diffexpr.apply import apply
from diffexpr.primitives import NAMES, TABLE, is_smooth
from diffexpr.values import SELU_ALPHA, SELU_SCALE

# The constants of selu are the float64 numbers themselves, which is what the row means by them.
ALPHA, SCALE = mp.mpf(SELU_ALPHA), mp.mpf(SELU_SCALE)


every_row = pytest.mark.parametrize("name", TABLE)


def sample_points(name: str):
    return itertools.product(*(domain.samples for domain in TABLE[name].domains))


def arguments(name: str, point):
    """A sampled point with truth values where conditions are wanted."""
    wanted = [d.text == "true or false" for d in TABLE[name].domains]
    return [bool(p) if w else p for p, w in zip(point, wanted, strict=True)]


def truth(name: str, point) -> complex:
    with mp.workdps(40):
        return VALUES[name](*(p if isinstance(p, bool) else mp.mpmathify(p) for p in point))


@every_row
def test_the_value_is_right_at_every_sample(name: str) -> None:
    row = TABLE[name]
    variables = [
        symbol(f"x{i}", (), bool if d.text == "true or false" else float)
        for i, d in enumerate(row.domains)
    ]
    made = apply(name, tuple(variables))
    for sampled in sample_points(name):
        point = arguments(name, sampled)
        wanted = truth(name, point)
        got = made(**{v.name: p for v, p in zip(variables, point, strict=True)})
        if row.kind == "bool":
            assert bool(got) is bool(wanted)
        else:
            size = max(abs(float(wanted)), float(row.scale(*point)) if row.scale else 0.0)
            room = row.ulps * float(np.spacing(size)) + 1e-300
            assert abs(mp.mpf(float(got)) - wanted) <= room, (point, got, wanted)


@every_row
def test_the_samples_are_inside_the_domain_and_off_the_kink(name: str) -> None:
    row = TABLE[name]
    for domain in row.domains:
        if domain.text != "true or false":
            assert all(bool(domain.contains(np.float64(s))) for s in domain.samples)
    if row.kink is None:
        assert is_smooth(name)
        return
    margins = [abs(row.kink.margin(*map(np.float64, p))) for p in sample_points(name)]
    assert max(margins) > 0.01
    assert row.kink.where
    assert row.kink.convention


@every_row
def test_an_analytic_row_takes_complex_numbers(name: str) -> None:
    row = TABLE[name]
    if not row.analytic:
        return
    for point in list(sample_points(name))[:10]:
        moved = [complex(p, 1e-3) for p in point]
        got = apply(name, tuple(map(np.complex128, moved)))
        assert np.iscomplexobj(got)
        wanted = complex(truth(name, moved))
        assert got == pytest.approx(wanted, rel=1e-12), (point, got, wanted)


@every_row
def test_a_row_keeps_float32_and_shape(name: str) -> None:
    row = TABLE[name]
    conditions = [d.text == "true or false" for d in row.domains]
    columns = [
        np.full((2, 1), d.samples[0], bool if c else np.float32)
        for d, c in zip(row.domains, conditions, strict=True)
    ]
    got = apply(name, tuple(columns))
    assert got.shape == (2, 1)
    variables = [symbol(f"x{i}", c.shape, c.dtype) for i, c in enumerate(columns)]
    made = apply(name, tuple(variables))
    assert made.dtype == got.dtype
    assert made.shape == got.shape


@every_row
def test_every_spelling_parses_to_the_row(name: str) -> None:
    row = TABLE[name]
    variables = symbol("x"), symbol("y"), symbol("z")
    args = ", ".join(v.name for v in variables[: row.arity])
    made = apply(name, variables[: row.arity])
    spellings = [spelling for spelling, meant in NAMES.items() if meant == name]
    assert name in spellings
    for spelling in spellings:
        if spelling not in ("max", "min"):
            assert parse(f"{spelling}({args})") is made
    if row.defaults:
        short = ", ".join(v.name for v in variables[: row.arity - len(row.defaults)])
        assert parse(f"{name}({short})") is apply(name, (*variables[:1], *row.defaults))


OWN = [n for n in diffexpr.__all__ if n in TABLE and hasattr(elementwise, n)]
SPECIAL = [n for n in special.__all__ if n in TABLE and n not in OWN]


@pytest.mark.parametrize("name", OWN + SPECIAL)
def test_functions_take_numbers_lists_and_expressions(name: str) -> None:
    row, function = TABLE[name], getattr(diffexpr if name in OWN else special, name)
    point = tuple(d.samples[0] for d in row.domains)
    lists = [[p, p] for p in point]
    single = function(*point)
    assert function(*lists).tolist() == [single, single]
    names = symbol("x"), symbol("y"), symbol("z")
    assert function(*names[: row.arity]) is apply(name, names[: row.arity])
    if row.defaults:
        assert function(names[0]) is apply(name, (names[0], *row.defaults))


def test_every_row_that_numpy_lacks_has_a_function() -> None:
    of_numpy = {n for n in TABLE if hasattr(np, n)}
    assert set(TABLE) - of_numpy <= {*OWN, *SPECIAL}


def test_edges_neither_overflow_nor_cancel() -> None:
    with np.errstate(all="raise", under="ignore"):
        assert apply("sigmoid", (-800.0,)) == 0.0
        assert apply("sigmoid", (800.0,)) == 1.0
        assert apply("softplus", (-40.0,)) == pytest.approx(np.exp(-40.0), rel=1e-15)
        assert apply("softplus", (800.0,)) == 800.0
        assert apply("elu", (800.0, 1.0)) == 800.0
        assert apply("gelu", (-10.0,)) == pytest.approx(-7.619853024160527e-23, rel=1e-13)
        assert apply("silu", (-700.0,)) == pytest.approx(-700 * np.exp(-700.0), rel=1e-13)
        assert apply("relu", (np.array([-1.0, np.inf]),)).tolist() == [0.0, np.inf]
        assert apply("power", (2, -1)) == 0.5
        assert apply("heaviside", (0.0, 0.5)) == 0.5


def test_without_scipy_an_error_names_the_extra(monkeypatch) -> None:
    import importlib

    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(diffexpr.MissingExtraError, match=r"crossdiff\[special\]"):
        diffexpr.erf(1.0)
