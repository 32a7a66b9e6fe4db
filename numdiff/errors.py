"""What can go wrong with a question put to numdiff: each error names the value and the way out."""

__all__ = ["InputError", "InputTypeError", "NumdiffError", "shortened"]


class NumdiffError(Exception):
    """The root of every error that numdiff raises by itself."""


class InputError(NumdiffError, ValueError):
    """A value that is out of range, or an array of the wrong shape."""


class InputTypeError(NumdiffError, TypeError):
    """An argument of the wrong kind: a string for a number, a number for a function."""


def shortened(value: object) -> str:
    """A value as an error names it: on one line, and the beginning of it where that is long."""
    text = " ".join((str(value) if isinstance(value, Exception) else repr(value)).split())
    return text if len(text) <= 60 else text[:57] + "..."
