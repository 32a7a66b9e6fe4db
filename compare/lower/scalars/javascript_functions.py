"""The functions that JavaScript's ``Math`` lacks, as JavaScript, and where each comes from.

The texts are pasted into what `javascript` writes, never run here. Errors against mpmath are a few
units in the last place; `digamma` has an absolute error of that size at its zeros.
"""

from __future__ import annotations

FUNCTIONS: dict[str, str] = {}
"""By name."""

NEEDS: dict[str, tuple[str, ...]] = {}
"""The functions that another one calls."""


def _function(name: str, text: str, *needs: str) -> None:
    FUNCTIONS[name] = text.strip("\n")
    NEEDS[name] = needs


# The sign of the divisor, as with Python's operator; of a zero too.
_function(
    "floorMod",
    """
function floorMod(x, y) {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 === y < 0 ? rest : rest + y;
}
""",
)

# Math.round sends halves up; IEEE 754 sends them to the even neighbour.
_function(
    "roundHalfEven",
    """
function roundHalfEven(x) {
  const near = Math.round(x);
  return Math.abs(x) % 1 === 0.5 && near % 2 !== 0 ? near - 1 : near;
}
""",
)

# IEEE 754-2019, section 9.2.1: pow(1, y) = pow(-1, infinity) = 1, where Math.pow gives NaN.
_function(
    "realPower",
    """
function realPower(x, y) {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return Math.pow(x, y);
}
""",
)

# (1 + 2x) exp(x^2) erfc(x) as a Chebyshev series in (x - 3.75)/(x + 3.75), x >= 0
# (Schonfelder 1978, Math. Comp. 32, 1232-1240), summed by Clenshaw's recurrence.
_function(
    "scaledComplement",
    """
function scaledComplement(x) {
  const series = [
    1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189,
    -0.026658668435305753, 0.009074997670705265, -0.002413163540417608, 0.0004907758365258086,
    -6.916973302501207e-05, 4.13902798607301e-06, 7.74038306619849e-07, -2.1886401049234397e-07,
    1.076499946567091e-08, 4.521959811218287e-09, -7.754400208831351e-10, -6.318088340886684e-11,
    2.86879501093067e-11, 1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14,
    3.3478119482868056e-14, -1.864562880419313e-15, -1.2507950530688648e-15,
    7.418235256624044e-17, 5.068148904796111e-17,
  ];
  const t = (x - 3.75) / (x + 3.75);
  let last = 0, next = 0;
  for (let k = series.length - 1; k > 0; k--) {
    const now = 2 * t * last - next + series[k];
    next = last;
    last = now;
  }
  return (t * last - next + series[0]) / (1 + 2 * x);
}
""",
)

# Abramowitz and Stegun (1964), 7.1.5, up to 1; 1 - erfc(x) beyond.
_function(
    "erf",
    """
function erf(x) {
  if (Math.abs(x) >= 1) return x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
  let power = x, sum = x;
  for (let n = 1; n < 21; n++) {
    power *= -x * x / n;
    sum += power / (2 * n + 1);
  }
  return 1.1283791670955126 * sum;
}
""",
    "erfc",
)

# x^2 is split so that its rounding error does not grow in the exponential (Cody 1969, Math. Comp.
# 23, 631-637).
_function(
    "erfc",
    """
function erfc(x) {
  if (Math.abs(x) < 0.5) return 1 - erf(x);
  const size = Math.abs(x);
  if (size > 28) return x < 0 ? 2 : 0;
  const near = Math.floor(size * 16) / 16;
  const decay = Math.exp(-near * near) * Math.exp(-(size - near) * (size + near));
  const tail = decay * scaledComplement(size);
  return x < 0 ? 2 - tail : tail;
}
""",
    "erf",
    "scaledComplement",
)

# The logarithm of gamma(2 + d), |d| <= 1/2, by the zeta series (DLMF 5.7.3).
_function(
    "zetaSeries",
    """
function zetaSeries(derivative, d) {
  const series = [
    0.42278433509846713,
    0.3224670334241132, -0.0673523010531981, 0.020580808427784546, -0.007385551028673986,
    0.0028905103307415234, -0.001192753911703261, 0.0005096695247430425,
    -0.00022315475845357939, 9.945751278180853e-05, -4.492623673813314e-05,
    2.050721277567069e-05, -9.439488275268397e-06, 4.374866789907488e-06,
    -2.039215753801366e-06, 9.55141213040742e-07, -4.492469198764566e-07,
    2.1207184805554665e-07, -1.0043224823968099e-07, 4.7698101693639804e-08,
    -2.2711094608943164e-08, 1.0838659214896955e-08, -5.183475041970047e-09,
    2.4836745438024785e-09, -1.1921401405860912e-09, 5.731367241678862e-10,
    -2.7595228851242334e-10,
  ];
  let sum = 0;
  for (let k = series.length; k > 0; k--) sum = sum * d + (derivative ? k : 1) * series[k - 1];
  return derivative ? sum : sum * d;
}
""",
)

# Stirling's series behind (x - 1/2) log x - x + log(2 pi)/2, x >= 10 (DLMF 5.11.1).
_function(
    "stirlingSeries",
    """
function stirlingSeries(x) {
  const series = [
    1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400,
  ];
  let sum = 0;
  for (let k = series.length - 1; k >= 0; k--) sum = sum / x / x + series[k];
  return sum / x;
}
""",
)

# sin(pi x) with the argument reduced exactly.
_function(
    "sinPi",
    """
function sinPi(x) {
  const near = Math.round(x);
  const sine = Math.sin(Math.PI * (x - near));
  return near % 2 === 0 ? sine : -sine;
}
""",
)

# Recurrence and reflection: DLMF 5.5.1 and 5.5.3. The power is halved lest it overflow.
_function(
    "gamma",
    """
function gamma(x) {
  if (x === 0) return 1 / x;
  if (x < 0) {
    if (x === Math.floor(x)) return NaN;
    return -Math.PI / (sinPi(-x) * -x) / gamma(-x);
  }
  if (x > 172) return Infinity;
  if (x >= 12) {
    const half = Math.pow(x, x / 2 - 0.25);
    return 2.5066282746310002 * half * Math.exp(-x) * half * Math.exp(stirlingSeries(x));
  }
  if (x < 0.5) return Math.exp(zetaSeries(false, x)) / (x * (1 + x));
  if (x < 1.5) return Math.exp(zetaSeries(false, x - 1)) / x;
  let product = 1;
  while (x > 2.5) {
    x -= 1;
    product *= x;
  }
  return product * Math.exp(zetaSeries(false, x - 2));
}
""",
    "sinPi",
    "stirlingSeries",
    "zetaSeries",
)

_function(
    "logAbsGamma",
    """
function logAbsGamma(x) {
  if (x === -Infinity) return -Infinity;
  if (x <= 0) {
    if (x === Math.floor(x)) return Infinity;
    return Math.log(Math.PI / Math.abs(x * sinPi(x))) - logAbsGamma(-x);
  }
  if (x === Infinity) return Infinity;
  if (x >= 10) {
    return (x - 0.5) * Math.log(x) - x + 0.9189385332046727 + stirlingSeries(x);
  }
  if (x < 0.5) return zetaSeries(false, x) - Math.log(x * (1 + x));
  if (x < 1.5) return zetaSeries(false, x - 1) - Math.log(x);
  let product = 1;
  while (x > 2.5) {
    x -= 1;
    product *= x;
  }
  return Math.log(product) + zetaSeries(false, x - 2);
}
""",
    "sinPi",
    "stirlingSeries",
    "zetaSeries",
)

_function(
    "logGamma",
    """
function logGamma(x) {
  return x < 0 ? NaN : logAbsGamma(x);
}
""",
    "logAbsGamma",
)

# DLMF 5.5.2, 5.5.4 and 5.11.2.
_function(
    "digamma",
    """
function digamma(x) {
  if (x === 0) return -1 / x;
  if (x < 0) {
    if (x === Math.floor(x)) return NaN;
    return digamma(-x) - 1 / x - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  }
  if (x >= 10) {
    const series = [
      1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160,
    ];
    let sum = 0;
    for (let k = series.length - 1; k >= 0; k--) sum = (sum + series[k]) / x / x;
    return Math.log(x) - 0.5 / x - sum;
  }
  if (x < 0.5) return zetaSeries(true, x) - 1 / (1 + x) - 1 / x;
  if (x < 1.5) return zetaSeries(true, x - 1) - 1 / x;
  let sum = 0;
  while (x > 2.5) {
    x -= 1;
    sum += 1 / x;
  }
  return sum + zetaSeries(true, x - 2);
}
""",
    "zetaSeries",
)
