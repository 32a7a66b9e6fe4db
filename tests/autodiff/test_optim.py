"""Optimisers against their published rules written out, and what they promise of nests."""

import dataclasses
import math
import pickle

import numpy as np
import pytest

from autodiff import forward, grad, optim, reverse
from autodiff.nests import flatten
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError

MAKERS = {
    "sgd": lambda rate: optim.sgd(rate),
    "momentum": lambda rate: optim.momentum(rate, 0.8),
    "nesterov": lambda rate: optim.nesterov(rate, 0.8),
    "rmsprop": lambda rate: optim.rmsprop(rate, 0.9),
    "rmsprop centered": lambda rate: optim.rmsprop(rate, 0.9, centered=True),
    "adam": lambda rate: optim.adam(rate),
    "adamw": lambda rate: optim.adamw(rate, decay=0.02),
    "lion": lambda rate: optim.lion(rate, decay=0.02),
}
each = pytest.mark.parametrize("name", MAKERS)


# The published rules, one number after the other, as plain Python.


def polyak(p, gs, rate, decay):
    v = 0.0
    for g in gs:
        v = decay * v + g
        p -= rate * v
    return p


def sutskever(p, gs, rate, decay):
    """Equations (3) and (4), which take the gradient ahead; p + decay*v is what is ahead."""
    v, ahead = 0.0, p
    for g in gs:
        before = ahead - decay * v
        v = decay * v - rate * g
        ahead = before + v + decay * v
    return ahead


def hinton(p, gs, rate, decay, epsilon):
    s = 0.0
    for g in gs:
        s = decay * s + (1 - decay) * g**2
        p -= rate * g / (math.sqrt(s) + epsilon)
    return p


def graves(p, gs, rate, decay, epsilon):
    s = m = 0.0
    for g in gs:
        s = decay * s + (1 - decay) * g**2
        m = decay * m + (1 - decay) * g
        p -= rate * g / (math.sqrt(s - m**2) + epsilon)
    return p


def kingma(p, gs, rate, beta1, beta2, epsilon, decay=0.0):
    """Algorithm 1; with a decay, algorithm 2 of Loshchilov and Hutter."""
    m = s = 0.0
    for t, g in enumerate(gs, 1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
        p = p - rate * (m_hat / (math.sqrt(s_hat) + epsilon) + decay * p)
    return p


def chen(p, gs, rate, beta1, beta2, decay):
    m = 0.0
    for g in gs:
        c = beta1 * m + (1 - beta1) * g
        p = p - rate * (math.copysign(1.0, c) * (c != 0) + decay * p)
        m = beta2 * m + (1 - beta2) * g
    return p


PUBLISHED = {
    "sgd": (optim.sgd(0.1), lambda p, gs: p - 0.1 * math.fsum(gs)),
    "momentum": (optim.momentum(0.1, 0.8), lambda p, gs: polyak(p, gs, 0.1, 0.8)),
    "nesterov": (optim.nesterov(0.1, 0.8), lambda p, gs: sutskever(p, gs, 0.1, 0.8)),
    "rmsprop": (optim.rmsprop(0.1, 0.8), lambda p, gs: hinton(p, gs, 0.1, 0.8, 1e-8)),
    "rmsprop centered": (
        optim.rmsprop(0.1, 0.8, centered=True, epsilon=1e-2),
        lambda p, gs: graves(p, gs, 0.1, 0.8, 1e-2),
    ),
    "adam": (
        optim.adam(0.1, 0.8, 0.95, 1e-6),
        lambda p, gs: kingma(p, gs, 0.1, 0.8, 0.95, 1e-6),
    ),
    "adamw": (
        optim.adamw(0.1, 0.8, 0.95, 1e-6, decay=0.2),
        lambda p, gs: kingma(p, gs, 0.1, 0.8, 0.95, 1e-6, 0.2),
    ),
    "lion": (
        optim.lion(0.1, 0.8, 0.95, decay=0.2),
        lambda p, gs: chen(p, gs, 0.1, 0.8, 0.95, 0.2),
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_rule(name):
    optimiser, published = PUBLISHED[name]
    gs = np.random.default_rng(2).normal(size=(40, 5)) * [1e-3, 1.0, 1.0, 1e3, 0.0]
    start = np.array([1.0, -2.0, 0.0, 3.0, 0.5])
    params, state = start, optimiser.init(start)
    for g in gs:
        state, params = optimiser.update(state, params, g)
    columns = [[float(g) for g in column] for column in gs.T]
    wanted = [published(float(p), column) for p, column in zip(start, columns, strict=True)]
    # Forty steps of some ten roundings of 1e-16, on sums of up to 1e3 times their size.
    np.testing.assert_allclose(params, wanted, rtol=1e-12, atol=1e-12)
    assert state.step == 40


# what every optimiser promises


@dataclasses.dataclass(frozen=True)
class Layer:
    w: np.ndarray
    b: np.ndarray
    name: str = dataclasses.field(default="layer", metadata={"static": True})


def nest():
    return {"layers": [Layer(np.ones((2, 2)), np.zeros(2)), Layer(np.ones(2), 0.5)], "scale": 2.0}


def slope():
    half, quarter = np.full((2, 2), 0.5), np.array([0.25, -0.25])
    return {"scale": -1.0, "layers": [Layer(half, quarter, "other"), Layer(quarter, 0.0)]}


@each
def test_nests_go_in_and_come_out(name):
    optimiser = MAKERS[name](0.1)
    before = nest()
    state = optimiser.init(before)
    new, after = optimiser.update(state, before, slope())
    new, after = optimiser.update(new, after, slope())
    assert list(after) == ["layers", "scale"]
    assert [layer.name for layer in after["layers"]] == ["layer", "layer"]
    assert after["layers"][0].w.shape == (2, 2)
    assert after["scale"] > 2.0 - 0.1
    assert all(type(moment) is dict for moment in new.moments)
    # Each number by itself: the entries of a nest move as they would alone.
    alone = optimiser.init(2.0)
    p = 2.0
    for _ in range(2):
        alone, p = optimiser.update(alone, p, -1.0)
    assert p == after["scale"]


@each
def test_nothing_is_changed_in_place(name):
    optimiser = MAKERS[name](0.1)
    before, g = nest(), slope()
    state = optimiser.init(before)
    kept = pickle.dumps((before, g, state))
    for _ in range(2):
        first = optimiser.update(state, before, g)
        after_one = pickle.dumps(first)
        optimiser.update(first[0], first[1], g)
        assert pickle.dumps(first) == after_one
        first[1]["layers"][0].w[...] = 99.0
        assert pickle.dumps((before, g, state)) == kept


@each
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
def test_precision_is_kept(name, kind):
    # A schedule of NumPy's doubles must not widen, nor a gradient that was computed wider.
    optimiser = MAKERS[name](lambda step: np.float64(0.1))
    params = {"w": np.ones(3, kind), "s": kind(2.0)}
    state = optimiser.init(params)
    for g in ({"w": np.ones(3), "s": 1.0}, {"w": np.ones(3, kind), "s": kind(1.0)}):
        state, params = optimiser.update(state, params, g)
    for tree in (params, *state.moments):
        assert [tree["w"].dtype, np.asarray(tree["s"]).dtype] == [kind, kind]


@each
def test_integers_become_floats(name):
    optimiser = MAKERS[name](0.5)
    _, params = optimiser.update(optimiser.init([1, 2]), [1, 2], [1, 1])
    assert params.dtype == np.float64
    assert params[0] < 1


@each
def test_empty_and_shapeless_parameters(name):
    optimiser = MAKERS[name](0.5)
    params = {"e": np.zeros((0, 3)), "z": np.array(1.0), "n": [], "s": "text"}
    state, after = optimiser.update(optimiser.init(params), params, {**params})
    assert after["e"].shape == (0, 3)
    assert np.shape(after["z"]) == ()
    assert (after["n"], after["s"]) == ([], "text")
    assert optimiser.update(optimiser.init({}), {}, {})[1] == {}
    assert state.step == 1


@each
def test_finds_the_minimum_of_a_valley(name):
    matrix = np.array([[3.0, 1.0], [1.0, 1.0]])

    def f(p):
        v = p["v"] - np.array([1.0, -1.0])
        return 0.5 * v @ matrix @ v + (p["s"] - 2.0) ** 2

    fine = {"sgd": 0.3, "momentum": 0.1, "nesterov": 0.1}.get(name, 0.05)
    optimiser = MAKERS[name](optim.cosine(fine, 400))
    params = {"v": np.zeros(2), "s": 0.0}
    state = optimiser.init(params)
    for _ in range(400):
        state, params = optimiser.update(state, params, grad(f)(params))
    # What decays by itself ends beside the minimum.
    close = 0.1 if name in ("adamw", "lion") else 1e-4
    np.testing.assert_allclose(params["v"], [1, -1], atol=close)
    np.testing.assert_allclose(params["s"], 2, atol=close)


def test_a_run_can_be_saved_and_taken_up():
    optimiser = optim.adam(optim.exponential(0.1, 0.9))
    params = nest()
    state = optimiser.init(params)
    for _ in range(5):
        state, params = optimiser.update(state, params, slope())
    again = pickle.loads(pickle.dumps((state, params)))
    one, other = (optimiser.update(s, p, slope()) for s, p in ((state, params), again))
    assert one[0].step == other[0].step == 6
    ravelled = [flatten((*new[0].moments, new[1]))[0] for new in (one, other)]
    for a, b in zip(*ravelled, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("mode", [forward, reverse])
@each
def test_a_run_is_itself_differentiated_by_its_rate(name, mode):
    """The derivative of the last loss by the rate."""

    def last(rate):
        optimiser = MAKERS[name](rate)
        p = np.array([1.0, 2.0])
        state = optimiser.init(p)
        for _ in range(4):
            state, p = optimiser.update(state, p, p * np.array([1.0, 3.0]))
        return np.sum(p**2)

    h = 1e-5
    # Central differences: h**2 of truncation, 1e-16/h of rounding.
    wanted = (last(0.05 + h) - last(0.05 - h)) / (2 * h)
    assert mode.grad(last)(0.05) == pytest.approx(wanted, rel=1e-6)


# errors


@each
def test_a_gradient_that_does_not_fit_is_refused_with_its_path(name):
    optimiser = MAKERS[name](0.1)
    params = nest()
    state = optimiser.init(params)
    with pytest.raises(ExpressionTypeError, match=r"^\['layers'\]\[1\]: wanted a Layer"):
        optimiser.update(state, params, {**slope(), "layers": [slope()["layers"][0], None]})
    wide = {**slope(), "layers": [slope()["layers"][0], Layer(np.ones((2, 1)), 0.0)]}
    with pytest.raises(ShapeError, match=r"^\['layers'\]\[1\]\.w has shape \(2,\), but its grad"):
        optimiser.update(state, params, wide)
    with pytest.raises(ShapeError, match=r"^the parameter has shape \(\), but its gradient has"):
        optimiser.update(optimiser.init(1.0), 1.0, np.ones(2))


def test_a_state_that_does_not_fit_is_refused():
    one, two = optim.sgd(0.1), optim.adam(0.1)
    with pytest.raises(
        ExpressionTypeError, match="the state has 0 moments, wanted 2; make it with"
    ):
        two.update(one.init(1.0), 1.0, 1.0)
    with pytest.raises(ShapeError, match=r"but its state has shape \(2,\)"):
        two.update(two.init(np.ones(2)), np.ones(3), np.ones(3))


def test_complex_parameters_are_refused():
    with pytest.raises(ExpressionTypeError, match=r"\['z'\] has dtype complex128; optimisers move"):
        optim.sgd(0.1).init({"z": np.ones(2, complex)})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optim.sgd(-0.1), "rate must be a number from 0 up, finite, got -0.1"),
        (lambda: optim.sgd(math.nan), "rate must be a number from 0 up, finite, got nan"),
        (lambda: optim.sgd("fast"), "rate must be a number from 0 up, finite, got 'fast'"),
        (lambda: optim.momentum(0.1, 1.0), "decay must be a number from 0 to below 1, got 1.0"),
        (lambda: optim.adam(0.1, beta2=1.5), "beta2 must be a number from 0 to below 1, got 1.5"),
        (lambda: optim.staircase(0.1, 0.5, 0), "every must be a number of steps, 1 or more, got 0"),
        (lambda: optim.cosine(0.1, 2.5), "steps must be a number of steps, 1 or more, got 2.5"),
        (lambda: optim.cosine(0.1, True), "steps must be a number of steps, 1 or more, got True"),
        (lambda: optim.warmup_cosine(0.1, 10, 10), "steps=10 leaves no step after warmup=10"),
        (lambda: optim.clip_by_norm(1.0, -1), "limit must be a number from 0 up, finite, got -1"),
        (lambda: after(lambda step: -1.0), "the rate of step 1 must be a number from 0 up, finit"),
    ],
)
def test_numbers_out_of_range_are_refused(make, message):
    with pytest.raises(ExpressionValueError) as error:
        make()
    assert str(error.value).startswith(message)


def after(schedule):
    optimiser = optim.sgd(schedule)
    return optimiser.update(optimiser.init(1.0), 1.0, 1.0)
