"""What checkpoints are for: a gradient of a long chain in a fraction of the memory."""

import tracemalloc

import numpy as np
import pytest

from autodiff import checkpoint, grad


def same(f):
    return f


def peak(wrap, operations, size):
    """The most memory that a gradient of a chain of 100 operations takes, in arrays of its size."""

    def piece(x, start):
        for k in range(start, start + 10):
            x = operations[k % len(operations)](x)
        return x

    def chain(x):
        for start in range(0, 100, 10):
            x = wrap(piece)(x, start)
        return np.sum(x)

    x = np.linspace(-1.0, 1.0, size)
    grad(chain)(x[:10])
    tracemalloc.start()
    grad(chain)(x)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / x.nbytes


@pytest.mark.parametrize(
    "operations",
    [(np.sin, np.tanh, np.cos, np.arctan), (np.sin, np.tanh, lambda x: x * x)],
    ids=["functions", "products"],
)
def test_a_tenth_of_the_checkpoints_takes_a_quarter_of_the_memory(operations):
    assert peak(checkpoint, operations, 1 << 17) <= peak(same, operations, 1 << 17) / 4


def test_a_way_back_through_pieces_ends_with_little_memory():
    # Nine pieces wait, the tenth holds its ten values, and a handful are being worked on.
    assert peak(checkpoint, (np.sin,), 1 << 17) < 23
