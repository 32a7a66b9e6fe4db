"""The functions of scipy.special, by SciPy's own ufuncs and by the names of autodiff.scipy."""

import numpy as np
import scipy.special as sc
from covered import M, V, X, case, sample

from autodiff.scipy import special

UNIT = 0.35 * sample(2, 3)
ONE = {
    "erf": M, "erfc": M, "erfcx": M, "erfi": M, "erfinv": UNIT, "erfcinv": UNIT, "gamma": M,
    "gammaln": M, "loggamma": M, "digamma": M, "psi": M, "expit": M, "logit": UNIT,
    "log_expit": M, "ndtr": M, "log_ndtr": M, "ndtri": UNIT, "j0": M, "j1": M, "y0": M, "y1": M,
    "i0": M, "i1": M, "i0e": M, "i1e": M, "k0": M, "k1": M, "expi": M, "exp1": M, "entr": M,
    "cbrt": M, "exp2": M, "expm1": M, "log1p": M,
}  # fmt: skip
for name, x in ONE.items():
    case(f"scipy.special.{name}", getattr(sc, name), x)
TWO = ("beta", "betaln", "xlogy", "xlog1py", "rel_entr", "kl_div")
for name in TWO:
    case(f"scipy.special.{name}", getattr(sc, name), M, UNIT)
ORDERED = ("jn", "jv", "yn", "yv", "iv", "ive", "kn", "kv")
for name in ORDERED:
    f = getattr(sc, name)
    case(f"scipy.special.{name}", lambda x, f=f: f(2, x).astype(x.dtype), M)
for name in ("jv", "yv", "iv", "ive", "kv"):
    f = getattr(sc, name)
    case(f"scipy.special.{name}", lambda x, f=f: f(1.5, x), M)
for name in ("gammainc", "gammaincc"):
    f = getattr(sc, name)
    case(f"scipy.special.{name}", lambda x, f=f: f(1.5, x), M)
case("scipy.special.betainc", lambda x: sc.betainc(1.5, 2.25, x), UNIT)
case("scipy.special.stdtr", lambda t: sc.stdtr(3.5, t), M)
case("scipy.special.polygamma", lambda x: special.polygamma(2, x), M)
case("scipy.special.multigammaln", lambda a: special.multigammaln(a, 2), M + 1)
case("scipy.special.logsumexp", lambda x: special.logsumexp(x, axis=1), M)
case("scipy.special.logsumexp", lambda x, b: special.logsumexp(x, b=b), V, sample(5, seed=2))
case("scipy.special.softmax", lambda x: special.softmax(x, axis=0), M)
case("scipy.special.log_softmax", lambda x: special.log_softmax(x, axis=1), M)
case("scipy.special.expit", lambda x: special.expit(x) + np.float64(1), X)
