"""How long the toolkit takes to start: ``import autodiff`` against ``import numpy``, and ``diff``.

Usage: python benchmarks/startup.py [--runs N]

Every figure is a median over fresh interpreters, taken in turn so that a change of the machine's
speed meets all of them alike. Exits with 1 where a limit is passed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

LIMITS = {"import autodiff / import numpy": 1.3, "crossdiff diff, seconds": 1.5}
DIFF = ["-m", "compare.command", "diff", "x^2 sin(y) + exp(-x y)", "--at", "x=1,y=2"]
COMMANDS = {
    "import numpy": ["-c", "import numpy"],
    "import autodiff": ["-c", "import autodiff"],
    "crossdiff diff": DIFF,
}


# As on any machine where the toolkit has been started once: compiled modules may be cached.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(arguments):
    start = time.perf_counter()
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    taken = {name: [] for name in COMMANDS}
    for turn in range(runs + 1):
        for name, arguments in COMMANDS.items():
            elapsed = seconds(arguments)
            if turn:  # the first round fills the caches
                taken[name].append(elapsed)
    for name, times in taken.items():
        print(
            f"{name:20} median {statistics.median(times):.3f} s  "
            f"min {min(times):.3f}  max {max(times):.3f}"
        )
    pairs = zip(taken["import autodiff"], taken["import numpy"], strict=True)
    figures = {
        "import autodiff / import numpy": statistics.median(a / b for a, b in pairs),
        "crossdiff diff, seconds": statistics.median(taken["crossdiff diff"]),
    }
    loads = subprocess.run(
        [sys.executable, "-c", "import autodiff, sys; print('sympy' in sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    print(f"import autodiff loads SymPy: {loads}")
    late = loads != "False"
    for name, figure in figures.items():
        late |= figure > LIMITS[name]
        print(f"{name}: {figure:.3f} (limit {LIMITS[name]})")
    print(f"processors: {os.cpu_count()}, Python {sys.version.split()[0]}")
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
