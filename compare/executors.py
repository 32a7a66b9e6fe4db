"""The questions of one problem put where an executor has room for them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

from compare.problem import Problem
from diffexpr import ExpressionTypeError

Found = TypeVar("Found")


def ask_each(
    ask: Callable[[str, Problem], Found],
    names: Sequence[str],
    problem: Problem,
    executor: Executor | None,
) -> list[Found]:
    """What ``ask(name, problem)`` gives for each name, in order.

    Parameters
    ----------
    ask : callable
        Where the executor has processes, a function of a module.
    names : sequence of str
    problem : Problem
    executor : concurrent.futures.Executor or None
        Without one the names are asked one after another. With one, what is raised is still what
        the first name that fails raises; what has not begun by then is dropped.

    Raises
    ------
    ExpressionTypeError
        If the function of the problem cannot be sent to the processes of the executor.
    """
    if executor is None:
        return [ask(name, problem) for name in names]
    futures = [executor.submit(ask, name, problem) for name in names]
    try:
        return [future.result() for future in futures]
    except (pickle.PicklingError, AttributeError, TypeError):
        # These are what pickling raises; anything else may raise them too.
        _check_portable(problem)
        raise
    finally:
        for future in futures:
            future.cancel()


def _check_portable(problem: Problem) -> None:
    """Whether the function can be found again in another process, by the name that it has."""
    try:
        pickle.dumps(problem)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        name = getattr(problem.target.call, "__name__", "the function")
        raise ExpressionTypeError(
            f"{name} cannot be sent to another process ({error}); define it with def at the top "
            "of a module, or give a ThreadPoolExecutor"
        ) from error
