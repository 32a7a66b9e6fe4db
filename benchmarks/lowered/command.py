"""The command: which parts, how many rounds, and the verdict."""

import argparse
import json
import os
import sys
import traceback
from pathlib import Path

import numpy as np
from corpus import print_table

from lowered.arrays import arrays
from lowered.duration import duration
from lowered.expressions import EXPRESSIONS
from lowered.memory import memory
from lowered.million import million
from lowered.peers import PIP, absent, versions
from lowered.point import point
from lowered.report import Report
from lowered.sizes import sizes

PARTS = {
    "million": million,
    "sizes": sizes,
    "memory": memory,
    "point": point,
    "arrays": arrays,
    "duration": duration,
}
"""Functions of a report and the options."""


def _chosen(text, known, option, parser):
    names = text.split(",")
    if not set(names) <= set(known):
        parser.error(f"{option} takes names of {','.join(known)}")
    return [name for name in known if name in names]


def _options(arguments):
    parser = argparse.ArgumentParser(prog="lowering.py", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, such as million,point")
    parser.add_argument("--expressions", default=",".join(EXPRESSIONS), help="of the part million")
    parser.add_argument("--rounds", type=int, default=7, help="everyone runs once in each")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    options = parser.parse_args(arguments)
    options.only = _chosen(options.only, PARTS, "--only", parser)
    options.expressions = _chosen(options.expressions, EXPRESSIONS, "--expressions", parser)
    if options.rounds < 1:
        parser.error("--rounds takes a positive number")
    return options


def _processors():
    known = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if known else os.cpu_count()


def main(arguments=None):
    options = _options(arguments)
    report = Report()
    if missing := absent():
        print(f"not installed, so left out: {', '.join(missing)}; {PIP}")
    machine = {
        "Python": sys.version.split()[0],
        "NumPy": np.__version__,
        **versions(),
        "processors": _processors(),
        "busy before the first clock": round(os.getloadavg()[0], 1),
    }
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    for name in options.only:
        try:
            PARTS[name](report, options)
        except Exception:
            print(f"\n{name} failed: {traceback.format_exc(limit=-1)}")
            report.target(name, "parts that failed", 1, 0)
    print("\nTargets of crossdiff\n")
    print_table([target.row() for target in report.targets])
    if options.json:
        found = {"machine": machine, **report.data()}
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return int(options.check and not report.met)
