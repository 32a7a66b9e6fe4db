"""Values and gradients of the expressions as a careful person writes them in NumPy.

Every common subexpression is computed once, nothing is computed that is not needed, derivatives
use values that are there already; arrays are walked whole, and one line makes one or a few of
them. Each function returns the value and the partial derivatives, in one list.
"""

import numpy as np

from lowered.expressions import (
    AIM,
    BEACONS,
    BEND,
    BIASES,
    BUMPS,
    DRY,
    LINKS,
    SLOPE,
    STRIKE,
    WEIGHTS,
    WET,
)


def polynomial(x, y):
    x2, y2 = x * x, y * y
    x4, x2y2, y4 = x2 * x2, x2 * y2, y2 * y2
    value = y * (x4 - 3 * x2y2 + 2 * x + y4) - 5 * x + 1
    dx = y * (4 * x * x2 - 6 * x * y2 + 2) - 5
    dy = x4 - 9 * x2y2 + 2 * x + 5 * y4
    return [value, dx, dy]


def rational(x, y):
    x2, y2, xy = x * x, y * y, x * y
    d = 1 / (x2 + y2 + 1)
    q = (x * x2 - 2 * xy + 3) * d
    xy2 = xy * xy
    e = 1 / (1 + xy2)
    s = (1 - xy2) * e * e  # of xy / (1 + xy^2) along xy
    dx = (3 * x2 - 2 * y - 2 * x * q) * d + y * s
    dy = -2 * (x + y * q) * d + x * s
    return [q + xy * e, dx, dy]


def waves(x, y):
    x2 = x * x
    e = np.exp(-x2 - y * y)
    s = np.sin(x) * e
    t = np.tanh(y)
    one = 1 + x2
    log = np.log(one)
    dx = np.cos(x) * e + 2 * x * (t / one - s)
    dy = log * (1 - t * t) - 2 * y * s
    return [s + log * t, dx, dy]


def retention(head, scale, shape):
    u = scale * head
    p = u**shape
    b = 1 + p
    m = 1 / shape - 1
    w = (WET - DRY) * b**m
    slope = w * m * p / b  # along log(p)
    du = slope * shape / u
    dshape = slope * np.log(u) - w * np.log(b) / (shape * shape)
    return [DRY + w, du * scale, du * head, dshape]


def pair_potential(x, y, z):
    i = 1 / (x * x + y * y + z * z)
    sixth = i * i * i
    g = (sixth - 2 * sixth * sixth) * i * 24
    return [4 * sixth * (sixth - 1), g * x, g * y, g * z]


def option(spot, volatility, rate, years):
    root = np.sqrt(years)
    spread = volatility * root
    drift = rate + 0.5 * volatility * volatility
    near = (np.log(spot / STRIKE) + drift * years) / spread
    far = near - spread
    near2, far2 = near * near, far * far
    t = np.tanh(SLOPE * near * (1 + BEND * near2))
    u = np.tanh(SLOPE * far * (1 + BEND * far2))
    paid, owed = 0.5 * spot * (1 + t), 0.5 * STRIKE * np.exp(-rate * years)
    by_near = 0.5 * SLOPE * spot * (1 - t * t) * (1 + 3 * BEND * near2)
    by_far = SLOPE * owed * (1 - u * u) * (1 + 3 * BEND * far2)
    owed = owed * (1 + u)
    by_top = (by_near - by_far) / spread
    by_spread = by_far - by_top * near
    grown = by_top * years
    dspot = (paid + by_top) / spot
    dvolatility = grown * volatility + by_spread * root
    drate = grown + years * owed
    dyears = rate * owed + by_top * drift + 0.5 * by_spread * volatility / root
    return [paid - owed, dspot, dvolatility, drate, dyears]


def ranging(x, y):
    value, dx, dy = 0.0, 0.0, 0.0
    for a, b, seen in BEACONS:
        across, along = x - a, y - b
        distance = np.sqrt(across * across + along * along)
        off = distance - seen
        value = value + off * off
        g = 2 * off / distance
        dx = dx + g * across
        dy = dy + g * along
    return [value, dx, dy]


def gate(x, weight, bias, steepness):
    e = np.exp(weight * x + bias)
    one = 1 + e
    soft = np.log(one)
    rest = np.exp(-steepness * x)
    opened = 1 / (1 + rest)
    value = soft * opened
    dbias = e / one * opened
    du = value * rest * opened  # along steepness x
    return [value, dbias * weight + du * steepness, dbias * x, dbias, du * x]


def bumps(x, y):
    value, dx, dy = 0.0, 0.0, 0.0
    for height, a, b, width in BUMPS:
        across, along = x - a, y - b
        e = height * np.exp((across * across + along * along) * (-0.5 / width**2))
        value = value + e
        e = e * (-1 / width**2)
        dx = dx + across * e
        dy = dy + along * e
    return [value, dx, dy]


def oscillator(amplitude, decay, frequency, time):
    own = np.sqrt(frequency * frequency - decay * decay)
    phase = own * time
    e = np.exp(-decay * time)
    damplitude = e * np.cos(phase)
    value = amplitude * damplitude
    s = -amplitude * e * np.sin(phase)
    by_own = s * time / own
    ddecay = -time * value - by_own * decay
    return [value, damplitude, ddecay, by_own * frequency, s * own - decay * value]


def arm(shoulder, elbow, wrist):
    second = shoulder + elbow
    third = second + wrist
    c1, c2, c3 = LINKS[0] * np.cos(shoulder), LINKS[1] * np.cos(second), LINKS[2] * np.cos(third)
    s1, s2, s3 = LINKS[0] * np.sin(shoulder), LINKS[1] * np.sin(second), LINKS[2] * np.sin(third)
    across, along = c1 + c2 + c3 - AIM[0], s1 + s2 + s3 - AIM[1]
    dwrist = 2 * (along * c3 - across * s3)
    delbow = dwrist + 2 * (along * c2 - across * s2)
    dshoulder = delbow + 2 * (along * c1 - across * s1)
    return [across * across + along * along, dshoulder, delbow, dwrist]


def network(x, y, z):
    """With products of matrices, in place: twice as fast as rows one by one."""
    first, second, last = WEIGHTS
    h = first @ np.stack([x, y, z])
    h += BIASES[0][:, None]
    np.tanh(h, out=h)
    k = second @ h
    k += BIASES[1][:, None]
    np.tanh(k, out=k)
    (value,) = last @ k
    k *= k
    np.subtract(1.0, k, out=k)
    k *= last.T
    g = second.T @ k
    h *= h
    np.subtract(1.0, h, out=h)
    g *= h
    return [value, *(first.T @ g)]


BY_HAND = {
    f.__name__: f
    for f in (
        *(polynomial, rational, waves, retention, pair_potential, option),
        *(ranging, gate, bumps, oscillator, arm, network),
    )
}
