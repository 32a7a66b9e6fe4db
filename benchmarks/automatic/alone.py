"""One gradient in a process of its own: its seconds, and its memory at the most.

``python -m automatic.alone TASK ARGUMENT...`` prints one line of JSON.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

TASKS = {}
LIMIT = 600
"""Seconds after which a process is given up."""


def task(run):
    """Enter a function of texts that prepares and returns the call to be measured."""
    TASKS[run.__name__] = run
    return run


def peak():
    """The largest memory that this process has held, in bytes.

    What getrusage says on Linux begins with the memory of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


@task
def deep(who, operations):
    """The gradient of a chain of operations on one number."""
    from automatic.chains import deep_problem
    from automatic.peers import ASK, by_crossdiff

    problem = deep_problem(int(operations))
    return by_crossdiff(problem, "forward") if who == "forward" else ASK[who](problem)


@task
def long(kind, operations, elements, every):
    """The gradient of a chain on a long vector, with a checkpoint at every so many operations."""
    import numpy as np

    import autodiff
    from automatic.chains import long_chain

    segmented = getattr(autodiff, "checkpoint", None) if int(every) else lambda f: f
    if segmented is None:
        raise SystemExit("autodiff.checkpoint is not there")
    f = long_chain(np, kind, segmented, int(operations), int(every) or int(operations))
    x = np.random.default_rng(1).random(int(elements))
    return lambda: autodiff.grad(f)(x)


def alone(name, *arguments, module="automatic.alone"):
    """Run a task in a new process.

    Returns
    -------
    dict or str
        ``seconds``, ``before`` and ``peak`` (bytes, before the call and at the most) and
        ``answer`` (the sum of all that came out); or why there is nothing.
    """
    command = [sys.executable, "-m", module, name, *map(str, arguments)]
    folder = Path(__file__).resolve().parents[1]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"given up after {LIMIT} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
    return json.loads(done.stdout)


def main(name, *arguments):
    import numpy as np

    call = TASKS[name](*arguments)
    before = peak()
    start = time.perf_counter()
    found = call()
    seconds = time.perf_counter() - start
    most = peak()
    found = found if isinstance(found, (list, tuple)) else [found]
    answer = float(sum(np.sum(np.asarray(part)) for part in found))
    print(json.dumps({"seconds": seconds, "before": before, "peak": most, "answer": answer}))


if __name__ == "__main__":
    main(*sys.argv[1:])
