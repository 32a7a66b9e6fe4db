"""What is measured in a process of its own: its memory, and lowerings that take long.

``python -m lowered.alone TASK ARGUMENT...`` prints one line of JSON, as ``automatic.alone`` does.
"""

import itertools
import sys

from automatic import alone as parent


def alone(name, *arguments):
    """Run a task in a new process; the answer is that of ``automatic.alone``."""
    return parent.alone(name, *arguments, module="lowered.alone")


@parent.task
def million(who, name, n):
    """Value and gradient of an expression, points included in what is held before.

    Nothing is called before the clock starts: what a first call loads counts.
    """
    from lowered.expressions import EXPRESSIONS
    from lowered.peers import ASK, plain

    expression = EXPRESSIONS[name]
    return ({"plain": plain} | ASK)[who](expression, expression.points(int(n)), 2)


@parent.task
def lowering(who, output, operations):
    """To make the program of a chain, and to call it once."""
    return MAKE[who](output, int(operations))


def crossdiff(output, operations):
    import numpy as np
    from automatic.chains import chain

    from compare.lower import lower

    # No two lowerings are of one function: what is kept of the last one is of no use.
    factors = itertools.count(1)

    def run():
        factor, program = next(factors) / 1024, chain(np, operations // 10)
        return _flat(lower(lambda x: factor * program(x), output, 0)(0.5))

    return run


def jax(output, operations):
    import jax
    from automatic.chains import chain
    from automatic.dialects import of_jax

    dialect = of_jax()
    factors = itertools.count(1)

    def run():
        factor, program = next(factors) / 1024, chain(dialect, operations // 10)
        f = lambda x: factor * program(x)  # noqa: E731
        made = jax.jit(jax.value_and_grad(f) if output == "value_and_grad" else f)
        return _flat(jax.block_until_ready(made(0.5)))

    return run


MAKE = {"crossdiff": crossdiff, "jax": jax}


def _flat(answer):
    return list(answer) if isinstance(answer, tuple) else [answer]


if __name__ == "__main__":
    parent.main(*sys.argv[1:])
