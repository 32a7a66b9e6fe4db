"""Which arguments of a call are to be varied? Positions, names and symbols, for all the verbs."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from numdiff.errors import InputError, InputTypeError, shortened

__all__ = ["Call", "Choice", "choose_arguments"]


def variable_names(f: Any) -> tuple[str, ...] | None:
    """The names of an expression's variables, in order; None for a plain function.

    An expression is anything callable with an attribute ``variables``: symbols with a ``name``.
    """
    variables = getattr(f, "variables", None)
    if not isinstance(variables, tuple) or not all(hasattr(v, "name") for v in variables):
        return None
    return tuple(v.name for v in variables)


class Call:
    """One call of f with the chosen arguments taken out, to be put back changed."""

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        places: tuple[int | str, ...],
    ) -> None:
        self._f, self._args, self._kwargs, self._places = f, args, kwargs, places

    @property
    def values(self) -> tuple[Any, ...]:
        """The chosen arguments as they were given."""
        return tuple(self._args[p] if isinstance(p, int) else self._kwargs[p] for p in self._places)

    @property
    def others_are_arrays(self) -> bool:
        """Whether an argument that is not varied is an array."""
        everything = [*enumerate(self._args), *self._kwargs.items()]
        return any(np.ndim(v) > 0 for k, v in everything if k not in self._places)

    def function_of(self, i: int) -> Callable[[Any], Any]:
        """F as a function of the i-th chosen argument alone; it can travel to a process."""
        return partial(self._with, i)

    def _with(self, i: int, value: Any) -> Any:
        return self.at({i: value})

    def at(self, changed: Mapping[int, Any]) -> Any:
        """F with some of the chosen arguments replaced."""
        args, kwargs = list(self._args), dict(self._kwargs)
        for i, value in changed.items():
            place = self._places[i]
            if isinstance(place, int):
                args[place] = value
            else:
                kwargs[place] = value
        return self._f(*args, **kwargs)


class Choice:
    """The arguments of f that a verb varies, whether a single one or a tuple of them."""

    def __init__(self, f: Any, items: tuple[Any, ...], single: bool) -> None:
        self.single = single
        self._f = f
        self._items = items
        self._names = variable_names(f)

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """Bind one call's arguments and find the chosen ones among them."""
        if self._names is not None:
            named = _by_name(self._names, args, kwargs)
            return Call(self._f, (), named, tuple(_name(i, self._names) for i in self._items))
        places = tuple(_place(self._f, item, args, kwargs) for item in self._items)
        return Call(self._f, args, kwargs, places)


def choose_arguments(f: Any, wrt: Any, one: bool = False) -> Choice:
    """Read `wrt`: a position, a name, a symbol, or a tuple of these; None for the default.

    The default is the first argument of a function, and all variables of an expression; its only
    variable where `one` is asked for.

    Raises
    ------
    InputError
        For a position or name that f does not have, or where one variable is to be named.
    InputTypeError
        For anything else.
    """
    if not callable(f):
        raise InputTypeError(f"f must be a function or an expression, got {shortened(f)}; pass one")
    names = variable_names(f)
    if wrt is None and names is not None:
        if one and len(names) != 1:
            raise InputError(
                f"derivative needs one variable, the expression has {', '.join(names) or 'none'};"
                " name one with wrt"
            )
        wrt = names[0] if one else names
    elif wrt is None:
        wrt = 0
    single = not isinstance(wrt, tuple | list)
    items = (wrt,) if single else tuple(wrt)
    if not items:
        raise InputError("wrt=() names no argument; name one, or leave it out")
    read = tuple(_item(item) for item in items)
    if names is not None:
        for item in read:
            _name(item, names)
    if one and not single:
        raise InputTypeError(
            f"derivative takes one variable, got wrt={shortened(wrt)}; use jacobian"
        )
    return Choice(f, read, single)


def _item(item: Any) -> int | str:
    if isinstance(item, str):
        return item
    if isinstance(item, int) and not isinstance(item, bool):
        return item
    name = getattr(item, "name", None)
    if isinstance(name, str):
        return name
    raise InputTypeError(
        f"wrt must be a position, a name, a symbol or a tuple of these, got {shortened(item)};"
        " name one"
    )


def _name(item: int | str, names: tuple[str, ...]) -> str:
    if isinstance(item, str):
        if item in names:
            return item
    elif -len(names) <= item < len(names):
        return names[item]
    raise InputError(
        f"wrt={shortened(item)} is no variable of the expression;"
        f" it has {', '.join(names) or 'none'}"
    )


def _by_name(
    names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    if len(args) > len(names):
        raise InputError(
            f"the expression has {len(names)} variables ({', '.join(names)}), got {len(args)}"
            " values; give one for each"
        )
    named = dict(zip(names, args, strict=False))
    twice = sorted(set(named) & set(kwargs))
    if twice:
        raise InputError(f"{twice[0]} is given by position and by name; give it once")
    named |= kwargs
    missing = [name for name in names if name not in named]
    if missing:
        raise InputError(f"no value for {', '.join(missing)}; give {missing[0]}=...")
    return named


def _place(f: Any, item: int | str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int | str:
    """Where the argument stands in this call: an index into args or a key of kwargs."""
    if isinstance(item, int) and -len(args) <= item < len(args):
        return item % len(args)
    if isinstance(item, str) and item in kwargs:
        return item
    parameters = _parameters(f)
    if isinstance(item, str) and item in parameters and parameters.index(item) < len(args):
        return parameters.index(item)
    if isinstance(item, int) and 0 <= item < len(parameters) and parameters[item] in kwargs:
        return parameters[item]
    raise InputError(
        f"wrt={shortened(item)} is not among the arguments of this call ({len(args)} by position,"
        f" {', '.join(kwargs) or 'none'} by name); give that argument"
    )


def _parameters(f: Any) -> list[str]:
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # built-in functions and ufuncs have none
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
