"""The command: which parts, how long, and the verdict."""

import argparse
import os
import sys
import traceback

import numpy as np
from corpus import print_table
from numeric.targets import Target

from automatic.dialects import threads
from automatic.parts import PARTS
from automatic.peers import PIP, absent, versions


def tried(name, options):
    """The targets of a part; one that fails says so, misses, and lets the others run."""
    try:
        return PARTS[name](name, options)
    except Exception:
        print(f"\n{name} failed: {traceback.format_exc(limit=-1)}")
        return [(Target(name, "parts that ran", 0, "=", 1), "")]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="autodiff.py", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="such as chain,mixture")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no slow peers")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    options = parser.parse_args(arguments)
    wanted = options.only.split(",")
    if not set(wanted) <= set(PARTS):
        parser.error(f"--only takes names of {','.join(PARTS)}")
    if missing := absent():
        print(f"not installed, so left out: {', '.join(missing)}; {PIP}")
    found = ", ".join(f"{name} {number}" for name, number in versions().items())
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, {found}".rstrip(", "))
    load = os.getloadavg()[0]
    print(
        f"{threads()} threads, {os.cpu_count()} processors, {load:.1f} busy before the first clock"
    )
    targets = [pair for name in PARTS if name in wanted for pair in tried(name, options)]
    print("\nTargets of crossdiff, and what the hand-written gradient has of the same\n")
    if targets:
        print_table([{**target.row(), "by hand": floor} for target, floor in targets])
    else:
        print("none: the peers that they speak of are not installed")
    return int(options.check and not all(target.met for target, _ in targets))
