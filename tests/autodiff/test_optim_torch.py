"""Optimisers, clipping and schedules step by step against PyTorch's, where it is installed."""

import numpy as np
import pytest

from autodiff import grad, optim

torch = pytest.importorskip("torch", reason="torch is not installed")

STEPS = 60
# Both make the same dozen operations of one rounding each in another order, and a step feeds the
# next: 60 steps of 1e-16 times the growth of a difference along the way.
CLOSE = {"rtol": 1e-12, "atol": 1e-13}

RNG = np.random.default_rng(5)
A, TARGET = RNG.normal(size=(6, 4)), RNG.normal(size=6)


def start():
    rng = np.random.default_rng(11)
    return {"w": rng.normal(size=(4, 3)), "v": rng.normal(size=3), "b": np.float64(0.3)}


def loss(p):
    hidden = np.tanh(A @ p["w"])
    return np.mean((hidden @ p["v"] + p["b"] - TARGET) ** 2)


def gradients(count=STEPS):
    """Gradients that no optimiser has chosen: noise, and entries that are 0 for a while."""
    rng = np.random.default_rng(3)
    for k in range(count):
        g = {name: rng.normal(size=np.shape(x)) for name, x in start().items()}
        g["w"] = g["w"] * (k % 3 > 0) * np.array([1e-6, 1.0, 1e6])
        yield g


def tensors(p):
    return {name: torch.tensor(np.asarray(x), requires_grad=True) for name, x in p.items()}


def compare(optimiser, other, given, reference, after=None):
    """Give both the same gradients and demand the same parameters at each step."""
    params = start()
    state = optimiser.init(params)
    for g in given:
        state, params = optimiser.update(state, params, g)
        for name, x in reference.items():
            x.grad = torch.tensor(np.asarray(g[name]))
        other.step()
        if after is not None:
            after.step()
        for name, x in reference.items():
            np.testing.assert_allclose(params[name], x.detach().numpy(), **CLOSE, err_msg=name)


PAIRS = {
    "sgd": (optim.sgd(0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    "momentum": (optim.momentum(0.05, 0.9), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    "nesterov": (
        optim.nesterov(0.05, 0.8),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True),
    ),
    "rmsprop": (optim.rmsprop(0.01), lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9)),
    "rmsprop centered": (
        # Where the gradient has not changed, the variance is rounding alone; this epsilon is
        # above the root of it.
        optim.rmsprop(0.01, 0.95, centered=True, epsilon=1e-3),
        lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.95, centered=True, eps=1e-3),
    ),
    "adam": (optim.adam(), torch.optim.Adam),
    "adam with other numbers": (
        optim.adam(0.02, 0.8, 0.99, 1e-4),
        lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.99), eps=1e-4),
    ),
    "adamw": (optim.adamw(), torch.optim.AdamW),
    "adamw with other numbers": (
        optim.adamw(0.02, 0.8, 0.99, 1e-6, decay=0.3),
        lambda p: torch.optim.AdamW(p, lr=0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.3),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_each_step_on_given_gradients(name):
    optimiser, make = PAIRS[name]
    reference = tensors(start())
    compare(optimiser, make([*reference.values()]), gradients(), reference)


@pytest.mark.parametrize("name", PAIRS)
def test_training_a_network_with_the_gradients_of_each_library(name):
    optimiser, make = PAIRS[name]
    params, reference = start(), tensors(start())
    state, other = optimiser.init(params), make([*reference.values()])
    features, wanted = torch.tensor(A), torch.tensor(TARGET)
    for _ in range(STEPS):
        state, params = optimiser.update(state, params, grad(loss)(params))
        other.zero_grad()
        hidden = torch.tanh(features @ reference["w"])
        error = torch.mean((hidden @ reference["v"] + reference["b"] - wanted) ** 2)
        error.backward()
        other.step()
        for key, x in reference.items():
            np.testing.assert_allclose(params[key], x.detach().numpy(), **CLOSE, err_msg=key)
    assert loss(params) < loss(start())


def test_float32_goes_with_float32():
    params = {name: np.float32(x) for name, x in start().items()}
    reference = tensors(params)
    optimiser, other = optim.adam(0.01), torch.optim.Adam([*reference.values()], lr=0.01)
    state = optimiser.init(params)
    for g in gradients(20):
        g = {name: np.float32(x) for name, x in g.items()}
        state, params = optimiser.update(state, params, g)
        for name, x in reference.items():
            x.grad = torch.tensor(np.asarray(g[name]))
        other.step()
        for name, x in reference.items():
            # Twenty steps of a few roundings of 6e-8.
            np.testing.assert_allclose(params[name], x.detach().numpy(), rtol=2e-6, atol=2e-7)


# clipping


@pytest.mark.parametrize("limit", [0.01, 1.0, 1e3, 1e12])
def test_clip_by_norm(limit):
    for g in gradients(5):
        reference = tensors(g)
        for name, x in reference.items():
            x.grad = torch.tensor(np.asarray(g[name]))
        norm = torch.nn.utils.clip_grad_norm_(reference.values(), limit).item()
        assert optim.global_norm(g) == pytest.approx(norm, rel=1e-14)
        clipped = optim.clip_by_norm(g, limit)
        # PyTorch divides by the norm plus 1e-6, so that what it calls clipped is a little shorter.
        stretch = (norm + 1e-6) / norm if limit < norm + 1e-6 else 1.0
        for name, x in reference.items():
            np.testing.assert_allclose(clipped[name], x.grad.numpy() * stretch, rtol=1e-14)


@pytest.mark.parametrize("limit", [0.01, 1.0, 1e12])
def test_clip_by_value(limit):
    for g in gradients(5):
        reference = tensors(g)
        for name, x in reference.items():
            x.grad = torch.tensor(np.asarray(g[name]))
        torch.nn.utils.clip_grad_value_(reference.values(), limit)
        clipped = optim.clip_by_value(g, limit)
        for name, x in reference.items():
            np.testing.assert_array_equal(clipped[name], x.grad.numpy())


# schedules

lr_scheduler = torch.optim.lr_scheduler


def warmed_up(optimizer):
    rising = lr_scheduler.LinearLR(optimizer, start_factor=0.1, end_factor=1.0, total_iters=10)
    falling = lr_scheduler.CosineAnnealingLR(optimizer, T_max=40, eta_min=0.01)
    return lr_scheduler.SequentialLR(optimizer, [rising, falling], milestones=[10])


SCHEDULES = {
    "constant": (
        optim.constant(0.5),
        lambda o: lr_scheduler.ConstantLR(o, factor=1.0, total_iters=1),
    ),
    "staircase": (
        optim.staircase(0.5, 0.3, every=7),
        lambda o: lr_scheduler.StepLR(o, step_size=7, gamma=0.3),
    ),
    "exponential": (
        optim.exponential(0.5, 0.9),
        lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9),
    ),
    "cosine": (
        optim.cosine(0.5, 50, floor=0.02),
        lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=50, eta_min=0.02),
    ),
    "linear warm-up": (
        optim.linear_warmup(0.5, 10, start=0.05),
        lambda o: lr_scheduler.LinearLR(o, start_factor=0.1, end_factor=1.0, total_iters=10),
    ),
}


def rates(make, count):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    scheduler = make(optimizer)
    found = []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    ours, make = SCHEDULES[name]
    # PyTorch multiplies rate by rate, one rounding each; ours are formulas of the step.
    np.testing.assert_allclose([ours(k) for k in range(51)], rates(make, 51), rtol=1e-13)


def test_warmup_then_cosine():
    ours = optim.warmup_cosine(0.5, 10, 50, start=0.05, floor=0.01)
    np.testing.assert_allclose([ours(k) for k in range(51)], rates(warmed_up, 51), rtol=1e-13)


@pytest.mark.parametrize("name", SCHEDULES)
def test_an_optimiser_follows_its_schedule(name):
    ours, make = SCHEDULES[name]
    reference = tensors(start())
    other = torch.optim.AdamW([*reference.values()], lr=0.5, weight_decay=0.1)
    optimiser = optim.adamw(ours, decay=0.1)
    compare(optimiser, other, gradients(51), reference, after=make(other))
