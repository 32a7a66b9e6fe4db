"""The automatic backends beside their peers: gradients, deep chains, Jacobians and memory.

Usage: python benchmarks/autodiff.py [--quick] [--only NAME,...] [--check]

The problems are described in ``benchmarks/automatic``; tables go to standard output, the targets
last. Always exits with 0, but with 1 after ``--check`` where a target is missed. Where other
programs run beside it, ``OMP_NUM_THREADS=1`` keeps NumPy and torch from waiting for a second core.
"""

import sys
from pathlib import Path

# This file has the name of the package that it measures. A script's own folder comes first on
# sys.path, and pytest puts it there too, so that ``import autodiff`` anywhere would find this file
# and not the package. Whoever finds it so is handed the package instead: it is looked for without
# this folder, and what stands in sys.modules when a module has been executed is what is imported.
_FOLDER = Path(__file__).resolve().parent
_PATH = sys.path[:]
sys.path[:] = [entry for entry in _PATH if Path(entry or ".").resolve() != _FOLDER]
if __name__ != "__main__":
    del sys.modules[__name__]
try:
    import autodiff  # noqa: F401
finally:
    sys.path[:] = _PATH

if __name__ == "__main__":
    from automatic.command import main

    sys.exit(main())
