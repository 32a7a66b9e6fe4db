"""Where the project lies and what it is made of."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("diffexpr", "symdiff", "autodiff", "numdiff", "compare")


def files_of(package: str) -> list[Path]:
    """The files of a package, without what the interpreter leaves behind."""
    found = (ROOT / package).rglob("*")
    return sorted(p for p in found if p.is_file() and "__pycache__" not in p.parts)
