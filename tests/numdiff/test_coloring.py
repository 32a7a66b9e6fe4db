"""Groups of columns that share no row: right, few, and divided where they are too large."""

import numpy as np
import pytest
import scipy.sparse as sp
from systems import arrow_pattern, band

from numdiff.coloring import group_columns
from numdiff.entries import some_entries


def test_pieces_hold_every_entry_once_and_no_more_than_they_should():
    rng = np.random.default_rng(4)
    columns, rows = np.nonzero(rng.random((50, 30)) < 0.1)
    group = group_columns(rows, columns, (30, 50))
    pieces = list(some_entries(rows, columns, group, 12, 8))
    found = [p for e in pieces for p in zip(e.rows, e.coordinates, strict=True)]
    assert sorted(found) == sorted(zip(rows, columns, strict=True))
    assert all(len(e.rows) <= 12 for e in pieces)


def laplacian(k):
    ones = np.ones(k)
    line = sp.diags_array([ones[1:], ones, ones[1:]], offsets=[-1, 0, 1])
    return sp.kron(line, sp.eye_array(k)) + sp.kron(sp.eye_array(k), line)


def shuffled(matrix):
    order = np.random.default_rng(5).permutation(matrix.shape[0])
    return matrix.toarray()[order][:, order]


@pytest.mark.parametrize(
    ("matrix", "most"),
    [
        (band(500).toarray(), 3),
        (shuffled(band(500)), 3),
        (laplacian(20).toarray(), 7),
        (shuffled(laplacian(20)), 8),
        (arrow_pattern(30), 30),
        (np.eye(30) + np.eye(30)[0], 2),
        (np.random.default_rng(6).random((200, 300)) < 0.02, 17),
        (np.zeros((4, 6)), 1),
        (np.ones((4, 6)), 6),
    ],
)
def test_groups_share_no_row_and_are_few(matrix, most):
    columns, rows = np.nonzero(np.asarray(matrix).T)
    group = group_columns(rows, columns, matrix.shape)
    taken = list(zip(rows, group[columns], strict=True))
    assert len(set(taken)) == len(taken)
    assert group.max() < most
