"""The functions of the language, by NumPy's names and signatures, on operands of any kind.

Each brings its arguments into the one normal form that a row of `arrays.TABLE` takes and passes
them through `apply`; several NumPy functions are one operation (dot, inner and tensordot are
products, ravel and squeeze are reshapes). They are gathered here from the modules that hold
them, and importing this module enters them all into `FUNCTIONS`.
"""

from __future__ import annotations

from diffexpr import complex_domains as _complex_domains  # noqa: F401
from diffexpr import covariance as _covariance  # noqa: F401
from diffexpr import decisions as _decisions  # noqa: F401
from diffexpr import grids as _grids  # noqa: F401
from diffexpr import mapping as _mapping  # noqa: F401
from diffexpr import nan_reductions as _nan_reductions  # noqa: F401
from diffexpr import polynomials as _polynomials  # noqa: F401
from diffexpr import refusals as _refusals  # noqa: F401
from diffexpr import repeating as _repeating  # noqa: F401
from diffexpr import sampling as _sampling  # noqa: F401
from diffexpr import sets as _sets  # noqa: F401
from diffexpr import windows as _windows  # noqa: F401
from diffexpr.decimals import round
from diffexpr.indexing import getitem
from diffexpr.joining import concatenate, stack
from diffexpr.norms import norm
from diffexpr.operands import FUNCTIONS, as_operand, shape_of
from diffexpr.ordering import sort
from diffexpr.precision import astype
from diffexpr.products import dot, einsum, inner, matmul, outer, tensordot, vdot
from diffexpr.reductions import logsumexp, max, mean, min, prod, softmax, sum
from diffexpr.running import cumsum
from diffexpr.selection import clip, diag, trace, where
from diffexpr.shapes import (
    broadcast_to,
    expand_dims,
    moveaxis,
    ravel,
    reshape,
    squeeze,
    swapaxes,
    transpose,
)

__all__ = [
    "FUNCTIONS",
    "as_operand",
    "astype",
    "broadcast_to",
    "clip",
    "concatenate",
    "cumsum",
    "diag",
    "dot",
    "einsum",
    "expand_dims",
    "getitem",
    "inner",
    "logsumexp",
    "matmul",
    "max",
    "mean",
    "min",
    "moveaxis",
    "norm",
    "outer",
    "prod",
    "ravel",
    "reshape",
    "round",
    "shape_of",
    "softmax",
    "sort",
    "squeeze",
    "stack",
    "sum",
    "swapaxes",
    "tensordot",
    "trace",
    "transpose",
    "vdot",
    "where",
]
