"""Functions out of a user's file, named as ``file.py:function``."""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diffexpr import CrossdiffError, ExpressionValueError


def load(place: str) -> Callable[..., Any]:
    """The function that ``file.py:function`` names.

    Raises
    ------
    ExpressionValueError
        If the file cannot be read or run, or has no such function; what the file itself raises
        is told in one line.
    """
    file, colon, name = place.rpartition(":")
    if not colon or not file or not name:
        raise ExpressionValueError(f"{place!r} names no function; write it as file.py:function")
    path = Path(file)
    if not path.is_file():
        raise ExpressionValueError(f"{file}: no such file; give the path of a Python file")
    module = _module(path.resolve())
    found = getattr(module, name, None)
    if callable(found):
        return _told_in_one_line(found, place)
    known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
    raise ExpressionValueError(
        f"{file} has no function {name!r}; it has {', '.join(known) or 'none'}"
    )


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
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ExpressionValueError(
            f"{path.name} could not be run: {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path.remove(str(path.parent))
    return module
