"""One program, four libraries: the names under which each has what the problems are made of.

A dialect has ``sin tanh exp log sum dot einsum maximum logsumexp`` as NumPy and SciPy mean them,
and ``array``, which makes the library's own array of constant data. What is NumPy's in NumPy's
dialect is NumPy's own function, so that a program runs there as plain NumPy code.
"""

import os
from types import SimpleNamespace

NAMES = ("sin", "tanh", "exp", "log", "sum", "einsum", "maximum")


def threads():
    """What OMP_NUM_THREADS says, which OpenBLAS follows too, or one for each processor."""
    return int(os.environ.get("OMP_NUM_THREADS", 0)) or os.cpu_count() or 1


def _taken(module, **others):
    return SimpleNamespace(**{name: getattr(module, name) for name in NAMES}, **others)


def plain():
    """NumPy, for crossdiff and for the value itself."""
    import numpy as np

    from diffexpr import logsumexp

    return _taken(np, dot=np.dot, logsumexp=logsumexp, array=np.asarray)


def of_autograd():
    import autograd.numpy as anp
    import numpy as np
    from autograd.scipy.special import logsumexp

    return _taken(anp, dot=anp.dot, logsumexp=logsumexp, array=np.asarray)


def of_torch():
    """With BLAS's threads. Its dot is for vectors alone, and its maximum takes no numbers."""
    import torch

    torch.set_num_threads(threads())

    def logsumexp(x, axis=None, keepdims=False):
        return torch.logsumexp(x, tuple(range(x.ndim)) if axis is None else axis, keepdims)

    def maximum(x, least):
        return torch.clamp(x, min=least)

    return SimpleNamespace(
        **{name: getattr(torch, name) for name in NAMES if name != "maximum"},
        maximum=maximum,
        dot=torch.matmul,
        logsumexp=logsumexp,
        array=torch.from_numpy,
    )


def of_jax():
    """JAX in float64, on the processor."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    import jax.numpy as jnp
    from jax.scipy.special import logsumexp

    return _taken(jnp, dot=jnp.dot, logsumexp=logsumexp, array=jnp.asarray)
