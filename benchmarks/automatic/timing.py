"""Times side by side: rounds in which everyone runs once, so that a slow moment hits them all."""

import statistics
import time

BATCH = 0.0005
"""Seconds that is timed at once, at least: far above what a clock resolves."""

BLOCK = 0.02
"""Seconds of one contestant's turn, about. The fastest of its batches counts: what slows a batch is
somebody else, or the second core that was taken away from a product of matrices."""

FEWEST, MOST = 3, 20
"""Batches of a turn."""

PAUSE = 0.1
"""Seconds before each entry. The threads of OpenBLAS and of OpenMP go on spinning after a call, in
wait of the next, and take a core from whoever runs then: without a pause torch, which comes behind
NumPy, was seen to take twenty times as long."""


class Times:
    """The seconds of one call, per contestant and round."""

    def __init__(self, seconds):
        self.seconds = seconds

    @property
    def rounds(self):
        return min(map(len, self.seconds.values()))

    def median(self, name):
        return statistics.median(self.seconds[name])

    def ratio(self, first, second):
        """The median over the rounds of one time over the other; nan where one did not run."""
        if first not in self.seconds or second not in self.seconds:
            return float("nan")
        pairs = zip(self.seconds[first], self.seconds[second], strict=True)
        return statistics.median(one / other for one, other in pairs)


def race(calls, rounds):
    """Time calls side by side.

    Parameters
    ----------
    calls : dict of callables
    rounds : int
    """
    lengths = {name: _lengths(call) for name, call in calls.items()}
    seconds = {name: [] for name in calls}
    for turn in range(rounds):
        for name in order(list(calls), turn):
            seconds[name].append(_turn(calls[name], *lengths[name]))
    return Times(seconds)


def order(names, turn):
    """Everyone once; nobody always behind the same neighbour, who leaves the caches as they are."""
    start = turn % len(names)
    turned = names[start:] + names[:start]
    return turned if turn % 2 else turned[::-1]


def _turn(call, repeats, batches):
    """Seconds a call, after a call that wakes threads and fills caches and is not counted."""
    time.sleep(PAUSE)
    call()
    return min(_batch(call, repeats) for _ in range(batches))


def _batch(call, repeats):
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def _lengths(call):
    """Calls of a batch and batches of a turn; the first call compiles, and is not counted."""
    call()
    once = min(_batch(call, 1) for _ in range(FEWEST))
    repeats = max(1, round(BATCH / once))
    return repeats, min(MOST, max(FEWEST, round(BLOCK / (repeats * once))))
