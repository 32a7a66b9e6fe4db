"""The numeric backend against its peers, on hard and on random functions, and its own limits.

Usage: python benchmarks/numdiff.py [--set A,B,C,D,E,F] [--pairs N] [--each] [--check]

The sets are described in ``benchmarks/numeric``; tables go to standard output, the targets last.
Always exits with 0, but with 1 after ``--check`` where a target is missed.
"""

import sys
from pathlib import Path

# This file has the name of the package that it measures. A script's own folder comes first on
# sys.path, and pytest puts it there too, so that ``import numdiff`` anywhere would find this file
# and not the package. Whoever finds it so is handed the package instead: it is looked for without
# this folder, and what stands in sys.modules when a module has been executed is what is imported.
_FOLDER = Path(__file__).resolve().parent
_PATH = sys.path[:]
sys.path[:] = [entry for entry in _PATH if Path(entry or ".").resolve() != _FOLDER]
if __name__ != "__main__":
    del sys.modules[__name__]
try:
    import numdiff  # noqa: F401
finally:
    sys.path[:] = _PATH

if __name__ == "__main__":
    from numeric.command import main

    sys.exit(main())
