"""Derivatives of smooth functions of real or complex arrays, against differences and each other."""

import numpy as np

from autodiff import forward, reverse


def numbers(*shape, kind=float, seed=0):
    """Normal numbers, complex ones too, the same on every run."""
    rng = np.random.default_rng([seed, *shape])
    found = rng.normal(size=shape)
    return found + 1j * rng.normal(size=shape) if kind is complex else found


def like(x, seed):
    return numbers(*x.shape, kind=complex if np.iscomplexobj(x) else float, seed=seed)


def slope(f, xs, vs, h):
    """The directional derivative by central differences, extrapolated once: O(h**4)."""

    def once(step):
        ahead = f(*(x + step * v for x, v in zip(xs, vs, strict=True)))
        behind = f(*(x - step * v for x, v in zip(xs, vs, strict=True)))
        return (np.asarray(ahead) - np.asarray(behind)) / (2 * step)

    return (4 * once(h / 2) - once(h)) / 3


def paired(g, v):
    """The pairing of cotangents and tangents: the real part of the plain sum of products."""
    return np.real(np.sum(g * v))


def check_first_order(f, *xs, rtol=1e-7):
    """Forward against differences, reverse against forward."""
    vs = [like(x, 11) for x in xs]
    y, tangent = forward.jvp(f, xs, tuple(vs))
    y, tangent = np.asarray(y), np.asarray(tangent)
    np.testing.assert_allclose(y, f(*xs), rtol=1e-13, atol=1e-13)
    expected = slope(f, xs, vs, 1e-3)
    # Of values of order one, rounding over the step leaves 1e-12, truncation up to 1e-10.
    room = max(1e-10, rtol * np.max(np.abs(expected), initial=0.0))
    np.testing.assert_allclose(tangent, expected, rtol=rtol, atol=room)
    w = like(y, 12)
    _, pullback = reverse.vjp(f, *xs)
    gs = pullback(w)
    for g, x in zip(gs, xs, strict=True):
        assert np.shape(g) == np.shape(x)
        assert np.iscomplexobj(g) == np.iscomplexobj(x)
    right = sum(paired(g, v) for g, v in zip(gs, vs, strict=True))
    size = sum(np.sum(np.abs(g * v)) for g, v in zip(gs, vs, strict=True))
    assert abs(paired(w, tangent) - right) <= 1e-11 * (size + 1)


def scalar_of(f):
    """A real number made of everything that a function returns, so that it bends."""

    def whole(*xs):
        y = f(*xs)
        weights = numbers(*y.shape, seed=13)
        if np.iscomplexobj(y):
            return np.sum(weights * np.sin(np.real(y))) + np.sum(weights * np.cos(np.imag(y)))
        return np.sum(weights * np.sin(y))

    return whole


def check_second_order(f, *xs, rtol=1e-6):
    """Forward over reverse against differences of gradients; for real arrays reverse over reverse
    and forward over forward too."""
    whole = scalar_of(f)
    vs = [like(x, 14) for x in xs]

    def slopes(*at):
        parts = reverse.vjp(whole, *at)[1](1.0)
        return np.concatenate([np.ravel(part) for part in parts])

    expected = slope(slopes, xs, vs, 1e-3)
    room = rtol * max(1.0, np.max(np.abs(expected), initial=0.0))
    found = np.asarray(forward.jvp(slopes, xs, tuple(vs))[1])
    np.testing.assert_allclose(found, expected, rtol=0, atol=room)
    if not any(np.iscomplexobj(x) for x in xs):
        for mode in (forward, reverse):
            parts = mode.hvp(whole, xs, tuple(vs))
            joined = np.concatenate([np.ravel(part) for part in parts])
            np.testing.assert_allclose(joined, expected, rtol=0, atol=room)


def check_jacobians(f, *xs):
    """Many tangents or cotangents at once, in both modes."""
    every = tuple(range(len(xs)))
    ahead = forward.jacobian(f, every)(*xs)
    back = reverse.jacobian(f, every)(*xs)
    for a, b in zip(ahead, back, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10 * max(1.0, np.max(np.abs(a))))
