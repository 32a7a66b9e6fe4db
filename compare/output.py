"""Where does a result go? To stdout, or to a file that is either complete or not there."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from diffexpr.errors import ExpressionValueError

COLOURS = {
    "agree": "green", "disagree": "bold red", "kink": "yellow",
    "undefined": "yellow", "inconclusive": "yellow",
    "converged": "green", "edge": "yellow", "jump": "yellow",
}  # fmt: skip


def write(body: str, output: str | None, colour: bool = False) -> None:
    """Print the whole result, or put it in a file."""
    if output is not None:
        save((body + "\n").encode(), output)
    elif colour and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        _print_coloured(body)
    else:
        click.echo(body)


def place(output: str) -> Path:
    """The path of a file that can be made there."""
    path = Path(output)
    if not output or path.is_dir() or not path.parent.is_dir():
        raise ExpressionValueError(
            f"cannot write to {output!r}: name a file in a folder that exists"
        )
    return path


def save(body: bytes, output: str) -> None:
    """Make a file that is either complete or not there."""
    path = place(output)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        # mkstemp makes files that only their owner reads; a report is an ordinary file.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _print_coloured(body: str) -> None:
    from rich.console import Console
    from rich.text import Text

    shown = Text(body)
    for word, style in COLOURS.items():
        shown.highlight_words([word], style)
    Console(soft_wrap=True, highlight=False).print(shown)
