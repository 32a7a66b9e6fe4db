"""Lowered functions beside compiled peers: time, memory, and what lowering itself takes.

Usage: python benchmarks/lowering.py [--only PART,...] [--expressions NAME,...] [--rounds N]
                                     [--json FILE] [--check]

The parts are described in ``benchmarks/lowered``; tables go to standard output, the targets last.
Always exits with 0, but with 1 after ``--check`` where a target is missed.
"""

import os
import sys

THREADS = 2
"""For everyone, whatever the machine has: JAX takes as many as there are processors, and BLAS as
the environment says, so that both have to be told before NumPy is loaded."""

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = str(THREADS)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

    from lowered.command import main

    sys.exit(main())
