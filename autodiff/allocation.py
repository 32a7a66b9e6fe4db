"""Memory: kept for the next derivative, and used again where nobody else can see it."""

from __future__ import annotations

from sys import getrefcount

import numpy as np

MOST = 32 << 20
"""The largest block, in bytes, that still teaches the GNU C library anything."""


def keep_freed_memory() -> None:
    """Have the C library keep what is freed, up to twice `MOST`, for whoever asks next.

    A tape frees all of its arrays at once. By default the GNU C library returns a freed top of
    more than 128 KiB to the system, and the next tape pays for every page anew: a gradient of
    arrays of 10,000 numbers takes three times as long. Its threshold follows the largest block
    that was ever freed (mallopt(3), M_MMAP_THRESHOLD), and one that is never touched costs
    nothing. On other systems this has no effect.
    """
    block = np.empty(MOST - (1 << 13), np.uint8)
    del block


def _alone() -> int:
    array = np.empty(1)
    return getrefcount(array)


def _alone_as_base() -> int:
    view = np.empty(1)[:]
    return getrefcount(view.base)


ALONE = _alone()
"""What ``getrefcount(x)`` gives for an array that one local variable holds and nothing else.

It is measured because it differs between versions of Python (from 3.14 on, an argument that is a
local variable no longer counts). An array that nobody else holds may be written into; NumPy itself
decides by this count whether the temporary of ``a + b + c`` is used again.
"""

ALONE_AS_BASE = _alone_as_base()
"""What ``getrefcount(x.base)`` gives for memory of which ``x`` is the only view."""
