"""How far is a long work along? Told on a terminal, once it takes longer than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE = 1.0
"""Seconds of work that need no explanation."""


class Progress:
    """A bar on stderr over the entries of a derivative, with the calls of f counted beside it.

    Nothing is shown unless stderr is a terminal and the work takes longer than `PATIENCE`.

    Examples
    --------
    >>> with Progress() as progress:
    ...     progress.expect(1)
    ...     f = progress.watch(abs)
    ...     f(-1.0)
    ...     progress.advance()
    1.0
    >>> progress.calls
    1
    """

    def __init__(self) -> None:
        self.entries = 0
        self.calls = 0
        self._done = 0
        self._start = time.monotonic()
        self._shown: tuple[Bar, TaskID] | None = None

    def watch(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its calls counted."""

        def counted(*args: Any) -> Any:
            self.calls += 1
            self._tell()
            return f(*args)

        return counted

    def expect(self, entries: int) -> None:
        """So many entries are to be done."""
        self.entries = entries

    def advance(self, count: int = 1) -> None:
        """So many entries more are done."""
        self._done += count
        self._tell()

    def _tell(self) -> None:
        if self._shown is None:
            if not sys.stderr.isatty() or time.monotonic() - self._start < PATIENCE:
                return
            self._shown = self._bar()
        bar, task = self._shown
        bar.update(task, completed=self._done, calls=f"{self.calls} calls of f")

    def _bar(self) -> tuple[Bar, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("entries"), MofNCompleteColumn(), BarColumn(),
            TextColumn("{task.fields[calls]}"), TimeElapsedColumn(),
        )  # fmt: skip
        console = Console(stderr=True)
        bar = Bar(
            *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        bar.start()
        return bar, bar.add_task("", total=self.entries, calls="")

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown is not None:
            self._shown[0].stop()
