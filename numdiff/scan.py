"""Which values of f does its survey look at? Wide steps, and more where they leave doubt."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numdiff import noise as noise_level
from numdiff import points, steps
from numdiff.calls import sizes
from numdiff.reach import LOW
from numdiff.survey import Scan, read_scan

__all__ = ["Scanner"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Distance of the points at which noise is measured, in smallest steps.
_APART = 8.0
# And of those about a larger step, in such steps: from twice the step that shows something, at no
# simple fractions of it, so that they round freely.
_BESIDE = 2 + 0.5118 * np.arange(noise_level.SAMPLES)[:, None]
# So often is the noise looked for at a larger step, and f judged anew.
_DOUBTS = 20
# Steps of one, five and twenty-five roundings of x, in smallest steps.
_CLOSER = np.array([[1 / 300], [1 / 60], [1 / 12]])
# So much of a jump must be there.
_LASTS = 0.7
# Noise is low against f's own size within |x|, by less where it shows at very small steps; or,
# where f is tiny there because larger numbers cancel, so many roundings of what f is within 1.
_FEW = 1000.0
# Steps of so many bits are generic numbers.
_FINE = 40
# It is looked for between steps no further apart than this.
_NARROW = 4.0
# Or further out, up to so many times as far.
_FARTHEST = 16.0


class Scanner:
    """A scan of f about P points that grows until its survey is settled.

    Parameters
    ----------
    f : callable
        Values at an array of points, shape (K, P).
    x : ndarray, shape (P,)
        Finite points.
    n : int
        Which derivative is wanted.
    dtype : dtype
        The floating-point type in which f can tell points apart.

    Attributes
    ----------
    scan, survey : Scan, Survey
        What was seen, and what it says.
    spent : ndarray of int, shape (P,)
        How many values were asked for.
    """

    def __init__(self, f: Callable[[Array], Array], x: Array, n: int, dtype: np.dtype[Any]) -> None:
        self._f, self._x, self._n, self._dtype = f, x, n, dtype
        self._eps = float(np.finfo(dtype).eps)
        self.spent = np.zeros(x.shape, dtype=np.intp)
        self.scan = self._first()
        self.survey = read_scan(self.scan, n, self._value_eps)
        self._settle()
        between = steps.between(self.scan.h, self.survey.reach)
        self._look(between, np.isfinite(between[0]))
        self._examine_jumps()

    @property
    def _value_eps(self) -> float:
        return max(self._eps, getattr(self._f, "eps", 0.0))

    def _values(self, at: Array) -> Array:
        self.spent += np.isfinite(at).sum(axis=0)
        return self._f(at)

    def _rounded(self, at: Array) -> Array:
        return at.astype(self._dtype).astype(np.float64)

    def _first(self) -> Scan:
        """A few steps, from a few hundred roundings of x to x itself."""
        x = self._x
        plus, minus, h = steps.exact(x, steps.coarse(x, self._eps), self._dtype)
        values = self._values(np.concatenate([x[None], plus, minus]))
        f0, high, low = values[0], values[1 : len(h) + 1], values[len(h) + 1 :]
        size = np.fmax(sizes(self._f, plus, high), sizes(self._f, minus, low))
        exponent = _exponent(np.abs(f0), size)
        right, left = np.isfinite(high[0]), np.isfinite(low[0])
        self._outward = np.where(right, 1.0, -1.0)
        # Not at x itself, where f may jump.
        apart = np.arange(1.0, noise_level.SAMPLES + 1)[:, None] * (self._outward * _APART * h[0])
        beside = self._values(self._rounded(x + apart))
        jitter = noise_level.ecnoise(np.ldexp(beside, -exponent))
        jitter = np.maximum(
            jitter, np.ldexp(getattr(self._f, "noise", np.zeros(x.shape)), -exponent)
        )
        scaled = (np.ldexp(v, -exponent) for v in (high, low, size))
        return Scan(
            np.ldexp(f0, -exponent), jitter, steps.unit(x), exponent, right, left, h, *scaled
        )

    def _settle(self) -> None:
        """Larger steps, steps between, and the noise beside them, as long as there is doubt."""
        x = self._x
        ended, distance = x == 0, np.ones(x.shape)
        for _ in range(_DOUBTS):
            found = self.survey
            about = found.doubt
            first = about[1]
            gaps = about[1:] > _NARROW * about[:-1]
            between = np.where(gaps, np.sqrt(about[:-1]) * np.sqrt(about[1:]), np.nan)
            beside = np.where(gaps.any(axis=0) | (distance > _FARTHEST), np.nan, first)
            noise = self._noise_beside(distance * beside, first)
            part = np.where(first <= LOW * steps.unit(x), np.sqrt(LOW), LOW)
            most = np.maximum(part * found.largest[0], _FEW * self._eps * found.largest[1])
            believed = noise <= most
            louder = believed & (noise > self.scan.jitter)
            self.scan.jitter[louder] = noise[louder]
            distance = np.where(np.isfinite(beside) & believed & ~louder, 4 * distance, distance)
            distance = np.where(~believed & ended, np.inf, distance)
            last = np.nanmax(np.where(np.isnan(self.scan.h), 0.0, self.scan.h), axis=0)
            on = (found.unsettled | (first == last) | ~believed) & ~ended
            further = np.where(on, steps.further(x, last), np.nan)
            ended |= on & np.isnan(further)
            wanted = np.concatenate([between, further[None]])
            asked = np.isfinite(wanted).any(axis=0)
            if not (asked.any() or np.isfinite(beside).any()):
                break
            self._look(wanted, asked | louder)

    def _noise_beside(self, h: Array, step: Array) -> Array:
        """The noise about the steps h, on that side where f moves more at `step`."""
        scan, x = self.scan, self._x
        columns = np.flatnonzero(np.isfinite(h))
        noise = np.zeros(x.shape)
        if not len(columns):
            return noise
        here = scan.h[:, columns] == step[columns]
        rise, fall = (
            np.abs(np.where(here, side[:, columns] - scan.f0[columns], 0.0)).max(axis=0)
            for side in (scan.high, scan.low)
        )
        outward = np.where(fall > rise, -1.0, self._outward[columns])
        around = np.full((noise_level.SAMPLES, len(x)), np.nan)
        around[:, columns] = self._rounded(x[columns] + _BESIDE * (outward * h[columns]))
        values = np.ldexp(self._values(around)[:, columns], -scan.exponent[columns])
        hidden = noise_level.certain_noise(values)
        # Points of few bits, close to x, have coarse values even where nothing is rounded.
        fine = np.abs(x[columns]) * self._eps < np.ldexp(h[columns], -_FINE)
        coarse = np.fmax(hidden, 0.3 * noise_level.grain(values))
        noise[columns] = np.where(fine, coarse, hidden)
        return noise

    def _look(self, wanted: Array, where: Flags) -> None:
        """Take the steps `wanted`, NaN where there is none, and judge f anew at some points."""
        if not where.any():
            return
        scan, columns = self.scan, np.flatnonzero(where)
        if np.isfinite(wanted).any():
            plus, minus, step = steps.exact(self._x, wanted, self._dtype)
            values = self._values(np.concatenate([plus, minus]))
            high, low = values[: len(step)], values[len(step) :]
            size = np.fmax(sizes(self._f, plus, high), sizes(self._f, minus, low))
            rows = [step, *(np.ldexp(v, -scan.exponent) for v in (high, low, size))]
            h, *others = (
                np.concatenate([old, new])
                for old, new in zip((scan.h, scan.high, scan.low, scan.size), rows, strict=True)
            )
            # The steps of the others end with one more NaN: they are in order as they are.
            order = np.argsort(h[:, columns], axis=0)
            for a in (h, *others):
                a[:, columns] = np.take_along_axis(a[:, columns], order, axis=0)
            self.scan = scan = replace(scan, h=h, high=others[0], low=others[1], size=others[2])
        part = read_scan(points.at(scan, columns), self._n, self._value_eps)
        self.survey = points.put(self.survey, part, columns)

    def _examine_jumps(self) -> None:
        """Tell a jump at x, there from the very next number on, from a stair of rounding."""
        scan, jumps = self.scan, self.survey.jumps
        broken = jumps.any(axis=0)
        if not broken.any():
            return
        ends = np.abs(np.stack([scan.high[0], scan.low[0]]) - scan.f0)
        height = np.where(jumps, ends, 0.0).max(axis=0)
        wanted = np.where(broken, _CLOSER * scan.h[0], np.nan)
        plus, minus, _ = steps.exact(self._x, wanted, self._dtype)
        values = np.ldexp(self._values(np.concatenate([plus, minus])), -scan.exponent)
        moved = np.abs(values - scan.f0).reshape(2, len(_CLOSER), -1)
        # A step lost against x says nothing.
        lasting = np.where(np.isnan(moved), np.inf, moved).min(axis=1)
        stairs: Flags = (jumps & (lasting < _LASTS * height)).any(axis=0)
        self.scan.jitter[stairs] = np.fmax(scan.jitter, height)[stairs]
        self._look(np.full((1, len(self._x)), np.nan), stairs)


def _exponent(here: Array, around: Array) -> NDArray[np.intp]:
    """The binary exponent of f near x, from the sizes of its values; of the first that is not 0."""
    seen = np.concatenate([here[None], around])
    seen = np.where(np.isfinite(seen), seen, 0.0)
    near = seen[:4].max(axis=0)
    first = np.take_along_axis(seen, (seen > 0).argmax(axis=0)[None], axis=0)[0]
    return np.frexp(np.where(near > 0, near, first))[1].astype(np.intp)
