"""Which weights read a Taylor coefficient off samples on a ladder? Least-squares fits, made once.

A polynomial of degree m in t is fitted to a run of neighbouring samples; the coefficient wanted is
a fixed linear combination of them. With as many samples as coefficients it is Neville's table
(Richardson's extrapolation); with more, the noise of the samples is averaged.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fits", "fits"]

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Fits:
    """All fits to runs of J samples, one row each; rows of a kind follow each other.

    A kind is a degree and a number of samples more than coefficients; its runs start at each
    sample in turn.

    Attributes
    ----------
    weights : ndarray, shape (R, J)
        Of the samples.
    first, degree, length : ndarray of int, shape (R,)
        The first sample of the run, the degree of the polynomial, the number of samples.
    inner : ndarray of int, shape (E,)
        The rows that have neighbours to be judged by: those before and after are of their kind.
    larger : ndarray of int, shape (E,)
        For each of `inner` the row of one degree and one sample more, that one with a larger step;
        the row before it has one more with a smaller step.
    columns : tuple of slice
        The rows of each kind of interpolation, by degree.
    """

    weights: Array
    first: Indices
    degree: Indices
    length: Indices
    inner: Indices
    larger: Indices
    columns: tuple[slice, ...]


@lru_cache(maxsize=32)
def fits(
    ratio: float,
    count: int,
    powers: tuple[int, int],
    c: int,
    degrees: int,
    spare: tuple[int, ...],
) -> Fits:
    """The weights of coefficient `c` for all runs of a geometric ladder.

    Parameters
    ----------
    ratio, count : float and int
        The steps are ``ratio**(i - count + 1)``, i = 0 ... count - 1: the largest is 1.
    powers : (int, int)
        The polynomials are in ``t = h**powers[0]``; the noise of the samples goes like
        ``h**-powers[1]``.
    c : int
        Which coefficient: 0 is the value at t = 0.
    degrees : int
        The highest degree.
    spare : tuple of int
        By how many samples a run exceeds the coefficients of its polynomial; 0 is among them.

    Returns
    -------
    Fits

    Examples
    --------
    >>> fits(2.0, 3, (1, 0), 0, 1, (0,)).weights[4]
    array([ 0.,  2., -1.])
    """
    t = ratio ** (powers[0] * np.arange(1.0 - count, 1.0))
    sigma = ratio ** (-powers[1] * np.arange(1.0 - count, 1.0))
    weights: list[Array] = []
    labels: list[tuple[int, int, int]] = []
    inner: list[int] = []
    larger: list[int] = []
    columns: list[slice] = []
    for extra in spare:
        most = min(degrees, count - 1 - extra)
        for m in range(c, most + 1):
            length, start = m + 1 + extra, len(weights)
            runs = count - length + 1
            # The ladder looks the same from each of its rungs, but for the unit of t.
            pattern = _coefficient(t[-length:], sigma[-length:], m, c)
            for i in range(runs):
                row = np.zeros(count)
                row[i : i + length] = pattern * ratio ** (powers[0] * c * (runs - 1 - i))
                weights.append(row)
                labels.append((i, m, length))
            if m < most:
                inner.extend(range(start + 1, start + runs - 1))
                larger.extend(range(start + runs + 1, start + 2 * runs - 1))
            if extra == 0:
                columns.append(slice(start, start + runs))
    first, degree, length_ = (np.array(a, dtype=np.intp) for a in zip(*labels, strict=True))
    return Fits(
        np.array(weights),
        first,
        degree,
        length_,
        np.array(inner, dtype=np.intp),
        np.array(larger, dtype=np.intp),
        tuple(columns),
    )


def _coefficient(t: Array, sigma: Array, m: int, c: int) -> Array:
    """Weights of the samples at `t` in coefficient c of the best fit of degree m.

    Those of the polynomial through the last m + 1 samples, and as much of each divided difference
    of order m + 1, which is zero on polynomials of degree m, as makes the noise least: the method
    of the null space (Å. Björck, Numerical Methods for Least Squares Problems, 1996, section
    5.1.3). However the least squares are rounded, the weights stay exact on polynomials.
    """
    extra = len(t) - m - 1
    weights = np.zeros(len(t))
    weights[extra:] = _interpolation(t[extra:], c)
    if extra:
        nothing = np.zeros((len(t), extra))
        for j in range(extra):
            run = t[j : j + m + 2]
            gaps = run[:, None] - run
            np.fill_diagonal(gaps, 1.0)
            nothing[j : j + m + 2, j] = 1 / gaps.prod(axis=1)
        noise = sigma[:, None] * nothing
        size = np.linalg.norm(noise, axis=0)
        least = np.linalg.lstsq(noise / size, -sigma * weights, rcond=None)[0]
        weights = weights + nothing @ (least / size)
    return weights


def _interpolation(t: Array, c: int) -> Array:
    """The weights of positive nodes in coefficient c of the polynomial through them all.

    No difference of large numbers occurs: coefficient c of a Lagrange polynomial is an elementary
    symmetric sum of the other nodes over the product of the gaps.
    """
    weights = np.empty(len(t))
    for i, node in enumerate(t):
        others = np.delete(t, i)
        symmetric = np.zeros(len(t))
        symmetric[0] = 1.0
        for other in others:
            symmetric[1:] += other * symmetric[:-1]
        order = len(others) - c
        weights[i] = (-1) ** order * symmetric[order] / np.prod(node - others)
    return weights
