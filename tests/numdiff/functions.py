"""Text of the corpora as plain NumPy functions, with the names that NumPy does not know."""

import json
from pathlib import Path

import numpy as np
from scipy import special

DATA = Path(__file__).parents[1] / "data"

NAMES = {
    name: getattr(np, name)
    for name in [
        "sin",
        "cos",
        "tan",
        "exp",
        "log",
        "log1p",
        "sqrt",
        "sinh",
        "cosh",
        "tanh",
        "sign",
        "abs",
        "pi",
    ]
} | {
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "sec": lambda x: 1 / np.cos(x),
    "csc": lambda x: 1 / np.sin(x),
    "cot": lambda x: 1 / np.tan(x),
    "sech": lambda x: 1 / np.cosh(x),
    "csch": lambda x: 1 / np.sinh(x),
    "coth": lambda x: 1 / np.tanh(x),
    "asec": lambda x: np.arccos(1 / x),
    "acsc": lambda x: np.arcsin(1 / x),
    "acot": lambda x: np.arctan(1 / x),
    "asech": lambda x: np.arccosh(1 / x),
    "acsch": lambda x: np.arcsinh(1 / x),
    "acoth": lambda x: np.arctanh(1 / x),
    "gamma": special.gamma,
    "loggamma": special.gammaln,
    "erf": special.erf,
    "erfc": special.erfc,
    "erfi": special.erfi,
}


def read(name):
    """The rows of a corpus."""
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


def function(row):
    """A corpus row's function of one variable."""
    return eval(f"lambda {row['var']}: {row['f']}", NAMES)
