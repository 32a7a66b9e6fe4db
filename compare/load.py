"""Functions out of a user's code, named as ``file.py:function`` or ``module:function``."""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from diffexpr import CrossdiffError, ExpressionValueError

LISTED = 8
"""So many names are told where one is not found; of more, the nearest."""


def names_a_function(text: str) -> bool:
    """Whether a text is ``file.py:function`` or ``module:function``; no expression has a colon.

    Examples
    --------
    >>> [names_a_function(t) for t in ("math:sin", "dir/model.py:loss", "sin(x)", "lambda x: x")]
    [True, True, False, False]
    """
    place, colon, name = text.rpartition(":")
    return bool(colon) and name.isidentifier() and (_is_file(place) or _is_module(place))


def _is_file(place: str) -> bool:
    return place.endswith(".py") or Path(place).is_file()


def _is_module(place: str) -> bool:
    return all(part.isidentifier() for part in place.split("."))


def load(place: str) -> Callable[..., Any]:
    """The function that ``file.py:function`` or ``module:function`` names.

    A module is looked for in the current folder first, as by ``python -m``.

    Raises
    ------
    ExpressionValueError
        If the file or module cannot be read or run, or has no such function; what it raises
        itself is told in one line.
    """
    source, colon, name = place.rpartition(":")
    if not colon or not source or not name:
        raise ExpressionValueError(
            f"{place!r} names no function; write it as file.py:function or module:function"
        )
    if not _is_file(source) and _is_module(source):
        module = _imported(source)
    elif Path(source).is_file():
        module = _module(Path(source).resolve())
    else:
        raise ExpressionValueError(f"{source}: no such file; give the path of a Python file")
    found = getattr(module, name, None)
    if callable(found):
        return _told_in_one_line(found, place)
    known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
    is_what = f": it is {type(found).__name__}" if hasattr(module, name) else ""
    raise ExpressionValueError(
        f"{source} has no function {name!r}{is_what}; it has {_listed(known, name)}"
    )


def _listed(known: Sequence[str], wanted: str) -> str:
    """The names that there are; of many, those nearest to the one wanted."""
    if len(known) <= LISTED:
        return ", ".join(known) or "none"
    near = difflib.get_close_matches(wanted, known, LISTED) or list(known)[:LISTED]
    return f"{', '.join(near)} and {len(known) - len(near)} more"


def _told_in_one_line(function: Callable[..., Any], place: str) -> Callable[..., Any]:
    """The function, what it raises turned into an error that names it."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except CrossdiffError:
            raise
        except (Exception, SystemExit) as error:
            raise ExpressionValueError(f"{place} raised {type(error).__name__}: {error}") from error

    return call


def _module(path: Path) -> Any:
    """The file as a module, run once; its folder is importable while it runs."""
    name = f"_crossdiff_{path.stem}"
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) == str(path):
        return loaded
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ExpressionValueError(f"{path.name} is not a Python file; give one that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with _importable(path.parent):
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise ExpressionValueError(
                f"{path.name} could not be run: {type(error).__name__}: {error}"
            ) from error
    return module


def _imported(name: str) -> Any:
    """The module of a dotted name."""
    with _importable(Path.cwd()):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise ExpressionValueError(f"{name} could not be imported: {error}") from error
            raise ExpressionValueError(
                f"no module named {error.name!r} here or among those installed; "
                "give the name that you would import, or a file.py:function"
            ) from error
        except (Exception, SystemExit) as error:
            raise ExpressionValueError(
                f"{name} could not be imported: {type(error).__name__}: {error}"
            ) from error


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """The modules of a folder come first while its own code is loaded."""
    sys.path.insert(0, os.fspath(folder))
    try:
        yield
    finally:
        sys.path.remove(os.fspath(folder))
