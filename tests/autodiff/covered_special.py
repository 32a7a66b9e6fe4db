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
MORE = {
    "rgamma": M, "spence": M, "ellipk": UNIT, "ellipe": UNIT, "dawsn": M, "k0e": M, "k1e": M,
    "gammasgn": M, "exp10": M, "exprel": M, "cosm1": M, "sici": M, "fresnel": M,
}  # fmt: skip
for name, x in MORE.items():
    case(f"scipy.special.{name}", getattr(sc, name), x)
case("scipy.special.poch", sc.poch, M, UNIT)
case("scipy.special.boxcox", sc.boxcox, M, UNIT)
case("scipy.special.boxcox1p", sc.boxcox1p, M, UNIT)
case("scipy.special.huber", sc.huber, UNIT, M)
case("scipy.special.pseudo_huber", sc.pseudo_huber, UNIT, M)
case("scipy.special.expn", lambda x: sc.expn(3, x), M)
case("scipy.special.kve", lambda x: sc.kve(1.5, x), M)
case("scipy.special.hyp0f1", lambda x: sc.hyp0f1(1.5, x), M)
case("scipy.special.hyp1f1", lambda x: sc.hyp1f1(1.5, 2.5, x), M)
case("scipy.special.hyp2f1", lambda x: sc.hyp2f1(1.5, 0.5, 2.5, x), UNIT)
case("scipy.special.zeta", lambda q: special.zeta(2.5, q), M)
case("scipy.special.factorial", lambda n: special.factorial(n), M)
case("scipy.special.softplus", lambda x: special.softplus(x), M)
case("scipy.special.sinc", lambda x: special.sinc(x), M)
