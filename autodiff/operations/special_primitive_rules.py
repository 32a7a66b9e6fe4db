"""Derivatives of the functions of ``scipy.special`` that are no rows of the table.

From the NIST Digital Library of Mathematical Functions (Olver and others 2010; the number of the
equation stands beside each).  Each is written in the functions themselves, so that all orders
come with it, and so that what is removable (at 0 for elliptic integrals, at 1 for the
dilogarithm) stays exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.operations.special_rules import Refused
from diffexpr import functions
from diffexpr.apply import apply
from diffexpr.special_primitives import (
    cosine_integral,
    dawsn,
    ellipe,
    ellipk,
    expn,
    fresnel_cosine,
    fresnel_sine,
    hyp0f1,
    hyp1f1,
    hyp2f1,
    k0e,
    k1e,
    kve,
    rgamma,
    sine_integral,
    spence,
    zeta,
)

where = functions.where


def _rgamma_slope(y: Any, x: Any) -> Any:
    """``-y digamma(x)``, and by reflection (5.5.3) left of 0, where digamma has poles."""
    left = x < 0.5
    right = where(left, 1.0, x)
    mirror = where(left, 1 - x, 1.0)
    grown = apply("gamma", (mirror,))
    turned = grown * (np.cos(np.pi * x) - np.sin(np.pi * x) / np.pi * apply("digamma", (mirror,)))
    return where(left, turned, -y * apply("digamma", (right,)))


def _expn_slope(y: Any, n: Any, x: Any) -> Any:
    """8.19.13; of order 0, ``exp(-x)/x`` itself."""
    flat = np.equal(n, 0)
    return where(flat, -y * (1 + 1 / x), -expn(np.maximum(np.subtract(n, 1), 0), x))


rgamma.def_partials(_rgamma_slope)
expn.def_partials(Refused("expn", "order"), _expn_slope)
# 25.12.1 in SciPy's variable: log(x)/(1 - x) is a hypergeometric function, smooth at 1 (15.4.1).
spence.def_partials(lambda y, x: -hyp2f1(1.0, 1.0, 2.0, 1 - x))
ellipk.def_partials(lambda y, m: np.pi / 8 * hyp2f1(1.5, 1.5, 2.0, m))  # 19.5.1
ellipe.def_partials(lambda y, m: -np.pi / 8 * hyp2f1(0.5, 1.5, 2.0, m))  # 19.5.2
dawsn.def_partials(lambda y, x: 1 - 2 * x * y)  # 7.10.4
hyp0f1.def_partials(  # 16.3.1
    Refused("hyp0f1", "parameter"), lambda y, b, x: hyp0f1(b + 1, x) / b
)
hyp1f1.def_partials(  # 13.3.15
    Refused("hyp1f1", "parameter"),
    Refused("hyp1f1", "parameter"),
    lambda y, a, b, x: a / b * hyp1f1(a + 1, b + 1, x),
)
hyp2f1.def_partials(  # 15.5.1
    Refused("hyp2f1", "parameter"),
    Refused("hyp2f1", "parameter"),
    Refused("hyp2f1", "parameter"),
    lambda y, a, b, c, x: a * b / c * hyp2f1(a + 1, b + 1, c + 1, x),
)
k0e.def_partials(lambda y, x: y - k1e(x))  # 10.29.3
k1e.def_partials(lambda y, x: y - k0e(x) - y / x)  # 10.29.4
kve.def_partials(  # 10.29.5
    Refused("kve", "order"), lambda y, n, x: y - 0.5 * (kve(n - 1, x) + kve(n + 1, x))
)
zeta.def_partials(Refused("zeta", "order"), lambda y, s, q: -s * zeta(s + 1, q))  # 25.11.17
sine_integral.def_partials(lambda y, x: np.sinc(x / np.pi))  # 6.2.9
cosine_integral.def_partials(lambda y, x: np.cos(x) / x)  # 6.2.11
fresnel_sine.def_partials(lambda y, x: np.sin(np.pi / 2 * x * x))  # 7.2.8
fresnel_cosine.def_partials(lambda y, x: np.cos(np.pi / 2 * x * x))  # 7.2.7
