"""Everyone's answer held against a truth, then everyone's time."""

import sys
import time

import numpy as np
from automatic.gradients import SAME, difference
from automatic.timing import race


def prepared(makers, title):
    """Calls by name; who cannot prepare or give a first answer says why, and is left out.

    Parameters
    ----------
    makers : dict of callables
        Each gives a call without arguments.
    """
    calls = {}
    for name, make in makers.items():
        try:
            call = make()
            call()
        except Exception as error:
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            print(f"{title}: {name} cannot, and is left out: {why}", flush=True)
        else:
            calls[name] = call
    return calls


def flat(answer):
    """The arrays of an answer however nested: a value and a tuple of gradients, a list."""
    if isinstance(answer, (list, tuple)):
        return [array for part in answer for array in flat(part)]
    return [np.squeeze(np.asarray(answer))]


def joined(answer):
    """All its numbers in one array, where one gives ten numbers and another an array of ten."""
    return [np.hstack([np.ravel(array) for array in flat(answer)])]


def checked(title, makers, truth, form=flat):
    """Calls by name, of all whose answer is the truth; who is left out is told.

    Parameters
    ----------
    title : str
    makers : dict of callables
    truth : list of arrays
    form : callable
        Brings answers into the form in which they are compared, block by block.
    """
    calls = prepared(makers, title)
    for name, call in list(calls.items()):
        off = difference(form(call()), form(truth))
        if not off <= SAME:
            print(f"{title}: {name} is off by {off:.1e}, and left out", flush=True)
            del calls[name]
    return calls


def timed(title, makers, truth, rounds, form=flat):
    """The times of all whose answer is the truth; the parameters are those of `checked`."""
    return raced(title, checked(title, makers, truth, form), rounds)


def raced(title, calls, rounds):
    """The times of calls; that they were taken is told beside the tables, which come later."""
    start = time.perf_counter()
    times = race(calls, rounds)
    spent = time.perf_counter() - start
    print(f"{title}: {len(calls)} calls timed in {spent:.0f} s", file=sys.stderr, flush=True)
    return times
