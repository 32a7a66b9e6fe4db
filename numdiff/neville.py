"""What does the polynomial through some samples say at zero? Tables of Taylor coefficients."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["table_weights", "taylor_table"]

Array = NDArray[np.float64]


def taylor_table(t: Array, g: Array, c: int) -> list[Array]:
    """Taylor coefficient c at 0 of the polynomials through all runs of neighbouring samples.

    Parameters
    ----------
    t : ndarray, shape (J, ...)
        Nodes, distinct along the first axis.
    g : ndarray, shape (J, ...)
        Samples at the nodes.
    c : int
        Which coefficient: 0 is the extrapolated value itself (Richardson), 1 the slope, ...

    Returns
    -------
    list of ndarray
        Entry m has shape (J - m, ...): row i is the coefficient of the polynomial of degree m
        through samples i ... i + m. (For m < c it is zero.)

    Notes
    -----
    Neville's recursion (Stoer and Bulirsch, Introduction to Numerical Analysis, 3rd ed.,
    equation 2.1.2.2) read off in powers of t: with P the run and L, R the runs without the last
    and the first node, ``(t_j - t_i) P_c = R_{c-1} - L_{c-1} + t_j L_c - t_i R_c``.

    Examples
    --------
    >>> t = np.array([1.0, 2.0, 3.0])
    >>> table = taylor_table(t, 5 + 4 * t + t**2, 1)
    >>> table[2]
    array([4.])
    """
    levels = [g, *(np.zeros_like(g) for _ in range(c))]
    table = [levels[c]]
    for m in range(1, t.shape[0]):
        low, high = t[:-m], t[m:]
        gap = high - low
        grown = []
        for k in range(c + 1):
            left, right = levels[k][:-1], levels[k][1:]
            # Written as a correction of the left run, so that equal runs give the same again.
            entry = left + low / gap * (left - right)
            if k:
                entry = entry + (levels[k - 1][1:] - levels[k - 1][:-1]) / gap
            grown.append(entry)
        levels = grown
        table.append(levels[c])
    return table


def table_weights(t: Array, c: int) -> list[Array]:
    """The weights of the samples in the first row of each level of `taylor_table`.

    On a geometric ladder the other rows have the same weights but for the power of the ladder's
    ratio, so that these say how every entry carries the noise of its samples.

    Parameters
    ----------
    t : ndarray, shape (J,)
        Nodes.
    c : int
        Which coefficient.

    Returns
    -------
    list of ndarray
        Entry m has shape (m + 1,).

    Examples
    --------
    >>> table_weights(np.array([1.0, 4.0]), 0)[1]
    array([ 1.33333333, -0.33333333])
    """
    count = t.shape[0]
    nodes = np.repeat(t[:, None], count, axis=1)
    table = taylor_table(nodes, np.eye(count), c)
    return [level[0, : m + 1] for m, level in enumerate(table)]
