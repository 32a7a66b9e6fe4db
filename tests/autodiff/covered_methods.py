"""The methods of an ndarray, on what is being differentiated."""

import numpy as np
from covered import DECIDED, M, S, T, V, X, case

METHODS = {
    "sum": lambda x: x.sum(1) + x.sum(),
    "prod": lambda x: x.prod(axis=1, keepdims=True),
    "mean": lambda x: x.mean(0),
    "var": lambda x: x.var(1, ddof=1),
    "std": lambda x: x.std(axis=1),
    "max": lambda x: x.max(1),
    "min": lambda x: x.min(axis=(0, 1), initial=3.0),
    "cumsum": lambda x: x.cumsum(1),
    "cumprod": lambda x: x.cumprod(axis=0),
    "all": lambda x: x * (x > 0).all(),
    "any": lambda x: x * (x > 0).any(),
    "trace": lambda x: x.trace(1),
    "dot": lambda x: x.dot(x.T),
    "take": lambda x: x.take([0, 0, 4]),
    "compress": lambda x: x.compress([True, False, True], axis=1),
    "repeat": lambda x: x.repeat(2, axis=0),
    "diagonal": lambda x: x.diagonal(1),
    "clip": lambda x: x.clip(0.8, 1.5),
    "reshape": lambda x: x.reshape(3, -1) + x.reshape((3, -1)),
    "ravel": lambda x: x.ravel("F"),
    "flatten": lambda x: x.flatten(),
    "squeeze": lambda x: x[None].squeeze(0),
    "transpose": lambda x: x.transpose(1, 0) + x.transpose(),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "astype": lambda x: x.astype(np.float64, copy=False),
    "copy": lambda x: x.copy(),
    "flat": lambda x: x.flat[3] * x,
    "tolist": lambda x: np.stack(x.tolist()[1]).astype(x.dtype),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "size": lambda x: x * x.size * x.ndim * x.nbytes * x.itemsize,
}
for name, call in METHODS.items():
    case(f"ndarray.{name}", call, S)
case("ndarray.argmax", lambda x: x[x.argmax(axis=0), [0, 1, 2]], M, expression=DECIDED)
case("ndarray.argmin", lambda x: x.ravel()[x.argmin()], M, expression=DECIDED)
case("ndarray.argsort", lambda x: x[x.argsort()], V, expression=DECIDED)
case("ndarray.argpartition", lambda x: x[x.argpartition(2)[2]], V, expression=DECIDED)
case("ndarray.nonzero", lambda x: x[(x > 1).nonzero()], M, expression=DECIDED)
case("ndarray.searchsorted", lambda x: x * np.sort(x).searchsorted(1), V, expression=DECIDED)
case("ndarray.choose", lambda x: x * np.array([0, 1, 1]).choose([1.0, 2.0]), V[:3])
case("ndarray.round", lambda x: x * x.round(1), V)


def in_place(x):
    """Operators in place put a new value under the name, and touch nothing else."""
    y = x + 0
    y += 1
    y *= x
    y -= 2 * x
    y /= x + 1
    y **= 2
    return y


case("operators in place", in_place, M)
case("operators", lambda x, y: (x + y) * (x - y) / (x * y) - -x + x**y, M, X)
case("operators", lambda x: 1 + x - (2 - x) * 3 / x**2 + 2**x + abs(-x) + (+x), M)
case("operators", lambda x: x % 0.7 + 3 % x + x // 0.3 + divmod(x, 0.4)[1], T)
