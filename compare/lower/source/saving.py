"""A source becomes a file, whole or not at all."""

from __future__ import annotations

from pathlib import Path


def save(source: str, path: str | Path) -> None:
    """Write a source; an older file is left as it was if that fails.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    target = Path(path)
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.write_text(source, encoding="utf-8")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
