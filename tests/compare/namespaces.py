"""The libraries that lowered sources are tried on, and what is compared with what."""

import contextlib
import functools
import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from compare.lower.array_api import ArrayModule
from compare.lower.plans.plan import Plan
from diffexpr import symbol, symbols
from diffexpr.apply import apply
from diffexpr.frozen import Index
from diffexpr.functions import norm, softmax


class Namespace(NamedTuple):
    """How a library makes an array of NumPy's, and gives one back.

    ``ulps`` is what its own functions may be off on top of those of the rows: torch and XLA
    evaluate several at a time by polynomials of their own, with a few units in the last place.
    ``zeros`` says whether they keep the sign of zero where NumPy does.
    """

    array: Callable[[Any], Any]
    numpy: Callable[[Any], np.ndarray]
    ulps: float
    zeros: bool
    around: Callable[[], Any] = contextlib.nullcontext
    traced: Callable[[Callable], Callable] = lambda f: f
    kinds: tuple[type, ...] = (np.float64, np.float32)


def _numpy() -> Namespace:
    return Namespace(np.asarray, np.asarray, 4, True)


def _strict() -> Namespace:
    strict = importlib.import_module("array_api_strict")
    return Namespace(lambda v: strict.asarray(np.asarray(v)), lambda v: np.array(v._array), 4, True)


def _dask() -> Namespace:
    dask = importlib.import_module("dask")
    da = importlib.import_module("dask.array")

    def refuse(*args: Any, **options: Any) -> Any:
        raise AssertionError("computed before it was asked for")

    return Namespace(
        da.asarray,
        lambda v: np.asarray(v.compute(scheduler="synchronous")),
        4,
        True,
        lambda: dask.config.set(scheduler=refuse),
    )


def _torch() -> Namespace:
    torch = pytest.importorskip("torch")
    return Namespace(lambda v: torch.asarray(np.array(v)), lambda v: v.numpy(), 8, False)


def _jax() -> Namespace:
    # Compiled, as JAX is used; float32, whose compiling takes as long again, has a test below.
    jax = pytest.importorskip("jax")
    wide = functools.partial(jax.enable_x64, True)
    return Namespace(jax.numpy.asarray, np.asarray, 8, False, wide, jax.jit, (np.float64,))


NAMESPACES = {
    "numpy": _numpy, "strict": _strict, "dask": _dask, "torch": _torch, "jax": _jax,
}  # fmt: skip


def numbers(library, result):
    """What comes out, as NumPy's arrays; a number that depends on no argument is one already."""
    if isinstance(result, tuple):
        return tuple(numbers(library, part) for part in result)
    return np.asarray(result) if isinstance(result, float) else library.numpy(result)


def run(library, exprs, values):
    """The values of expressions, lowered together, over a namespace of the same numbers."""
    free = sorted({v for expr in exprs for v in expr.variables}, key=lambda v: v.name)
    labels = tuple(f"value{i}" for i in range(len(exprs)))
    together = Plan("f", "Values", tuple(free), tuple(exprs), labels, tuple(range(len(exprs))))
    return called(library, ArrayModule(together), [values[v.name] for v in free])


def called(library, module, values):
    # What NumPy warns of are the NaNs and infinities that are wanted here.
    with np.errstate(all="ignore"), library.around():
        f = library.traced(module.function())
        return numbers(library, f(*map(library.array, values)))


def close(found, wanted, ulps, scale=0.0):
    """Equal up to rounding in units of the wider of value and scale; NaN, infinity in place."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
    if found.dtype == bool:
        assert np.array_equal(found, wanted)
        return
    eps = np.finfo(found.dtype).eps
    with np.errstate(invalid="ignore"):
        near = np.abs(found - wanted) <= ulps * eps * (np.abs(wanted) + scale)
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    assert np.all(near | same), (found[~(near | same)], wanted[~(near | same)])


# what they are tried with

x, y = symbols("x y")
v, w = symbol("v", 4), symbol("w", 4)
m, q = symbol("m", (3, 4)), symbol("q", (3, 3))
t, z = symbol("t", (2, 3, 4)), symbol("z", 4, dtype=complex)
SHAPED = {
    "x": np.float64(0.7),
    "y": np.float64(-1.3),
    "v": np.array([0.3, -1.2, 2.5, 0.31]),
    "w": np.array([1.5, 0.2, -0.7, 1.1]),
    "m": np.linspace(-2, 3, 12).reshape(3, 4),
    "q": np.sin(np.arange(9.0)).reshape(3, 3),
    "t": np.cos(np.arange(24.0)).reshape(2, 3, 4),
    "z": np.array([1 + 2j, -0.5j, 3.0, -1 + 0.1j]),
}
far = q + np.diag([4.0, 5.0, 6.0])
even = far + far.T
PICKED = np.array([0, 2, 2])


def scattered(part, index, shape):
    return apply("scatter_add", (part,), (Index(index), shape))


def network(v, m, q):
    hidden = np.tanh(m @ v + 0.5)
    return np.sum(softmax(q @ hidden) ** 2) + norm(hidden) + np.sum(v[[0, 2, 2]] * v[1:])
