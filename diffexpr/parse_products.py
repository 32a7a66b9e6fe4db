"""What mathematics leaves out, written in: products (``2x``, ``x sin(y)``) and ``|x|``."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from diffexpr.errors import ParseError
from diffexpr.parse_calls import FUNCTIONS
from diffexpr.parse_tokens import Token, brief, place

CONSTANTS = ("pi", "e", "inf", "nan")
"""Names that stand for numbers unless a variable is given that name."""

ALSO_VARIABLES = ("beta", "gamma", "psi")
"""Functions whose names are variables too where they are not called."""

_CONDITIONS = {"<", "<=", ">", ">=", "==", "!=", "&", "~", "and", "or", "not"}
_CLOSES = {"(": ")", "[": "]"}


class Bracket:
    """An open bracket: whether it holds a condition, and the bars open inside it."""

    __slots__ = ("bars", "condition", "later", "token")

    def __init__(self, token: Token | None, later: int) -> None:
        self.token = token
        self.later = later
        self.bars: list[Token] = []
        self.condition = False


def completed(found: list[Token], variables: Collection[str]) -> list[Token]:
    """The tokens with every product and absolute value in Python's own notation.

    Names come out as kinds of their own: ``variable``, ``function``, ``constant`` and
    ``keyword`` (the name of an argument).
    """
    later = _bars_by_bracket(found)
    bound = set(variables)
    known = bound | set(CONSTANTS) | _uncalled(found)
    brackets = [Bracket(None, later[-1])]
    out: list[Token] = []
    ended = False  # whether an operand has just ended
    closed_condition = False
    for i, token in enumerate(found):
        following = found[i + 1] if i + 1 < len(found) else None
        kind, text, at = token
        if kind in ("name", "qualified"):
            token = _named(token, following, known, bound, len(brackets) > 1)
        elif kind == "op" and text == "|":
            ended, written = _bar(token, following, brackets[-1], ended, closed_condition)
            out += written
            continue
        starts = token.kind in ("variable", "constant", "function", "number", "string")
        starts = starts or (kind == "open" and (text == "(" or not ended))
        if ended and starts:
            if kind in ("number", "string"):
                raise ParseError(f"{place(at)}an operator is missing before {text}")
            out.append(Token("op", "*", at))
        elif text == "[" and out and out[-1].kind == "number":
            raise ParseError(f"{place(at)}a number has no elements to select")
        out.append(token)
        ended = token.kind in ("variable", "constant", "number", "string", "close")
        ended = ended or text in ("True", "False")
        if kind == "open":
            brackets.append(Bracket(token, later[i]))
        elif kind == "close":
            closed_condition = _close(token, brackets).condition
        elif text in _CONDITIONS:
            brackets[-1].condition = True
    if len(brackets) > 1:
        _refuse_unclosed(brackets[-1])
    _refuse_open_bars(brackets[0])
    return out


def _bars_by_bracket(found: list[Token]) -> dict[int, int]:
    """How many bars stand directly inside each bracket, by its place among the tokens."""
    counts, open_ = {-1: 0}, [-1]
    for i, token in enumerate(found):
        if token.kind == "open":
            open_.append(i)
            counts[i] = 0
        elif token.kind == "close" and len(open_) > 1:
            open_.pop()
        elif token.text == "|":
            counts[open_[-1]] += 1
    return counts


def _uncalled(found: list[Token]) -> set[str]:
    pairs = zip(found, [*found[1:], None], strict=True)
    return {t.text for t, after in pairs if t.kind == "name" and (not after or after.text != "(")}


def _named(
    token: Token, following: Token | None, known: set[str], bound: set[str], inside: bool
) -> Token:
    """A name as what it is: variable, constant, function or name of an argument."""
    called = following is not None and following.text == "("
    name = token.text.rpartition(".")[2]
    if token.kind == "qualified":
        if called and name in FUNCTIONS:
            return Token("function", name, token.at)
        if name in CONSTANTS or (name == "s_" and following is not None and following.text == "["):
            return Token("constant", name, token.at)
        raise ParseError(
            f"{place(token.at)}{brief(token.text)!r} is not part of the language{_suggestion(name)}"
        )
    if following is not None and following.text == "=" and inside:
        return Token("keyword", name, token.at)
    if called and name in FUNCTIONS:
        return Token("function", name, token.at)
    if called and name not in known and not _letter(name):
        raise ParseError(
            f"{place(token.at)}unknown function {brief(name)!r}{_suggestion(name)}; "
            f"for a product write {brief(name)}*(...)"
        )
    if name in bound:
        return Token("variable", name, token.at)
    if name in CONSTANTS:
        return Token("constant", name, token.at)
    if name in FUNCTIONS and name not in ALSO_VARIABLES:
        _refuse_bare_function(token, following)
    return Token("variable", name, token.at)


def _letter(name: str) -> bool:
    """Whether a name that is called and stands nowhere else is a variable: x(y + 1), not f(y)."""
    return len(name) == 1 and name not in "fgh"


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name[:60].lower(), FUNCTIONS, 1, 0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _refuse_bare_function(token: Token, following: Token | None) -> None:
    name = token.text
    if following is not None and following.text in ("^", "**"):
        advice = f"write a power of it as {name}(x)^2"
    elif following is not None and following.kind in ("name", "number"):
        advice = f"write {name}({brief(following.text)})"
    else:
        advice = f"write {name}(...), or give a variable of that name in symbols="
    raise ParseError(f"{place(token.at)}{name} is a function and needs parentheses; {advice}")


def _bar(
    token: Token, following: Token | None, bracket: Bracket, ended: bool, after_condition: bool
) -> tuple[bool, list[Token]]:
    """A bar closes, opens or stands for "or"; returns whether an operand has ended, and its text.

    After an operand it closes an open bar if there is one. Else it is "or" if a space follows,
    if a condition in parentheses stands before it, or if no bar follows to close it; else it
    opens a factor, as in ``2|x|``.
    """
    bracket.later -= 1
    at = token.at
    if not ended:
        bracket.bars.append(token)
        return False, [Token("function", "abs", at), Token("open", "(", at)]
    if bracket.bars:
        bracket.bars.pop()
        return True, [Token("close", ")", at)]
    spaced = following is None or following.at > token.end
    if spaced or after_condition or not bracket.later:
        bracket.condition = True
        return False, [Token("op", "|", at)]
    bracket.bars.append(token)
    times, name = Token("op", "*", at), Token("function", "abs", at)
    return False, [times, name, Token("open", "(", at)]


def _close(token: Token, brackets: list[Bracket]) -> Bracket:
    if len(brackets) == 1:
        raise ParseError(f"{place(token.at)}{token.text!r} closes nothing")
    bracket = brackets.pop()
    _refuse_open_bars(bracket)
    opened = bracket.token
    if opened is not None and _CLOSES[opened.text] != token.text:
        raise ParseError(
            f"{place(token.at)}{token.text!r} does not close the {opened.text!r} of column "
            f"{opened.at + 1}"
        )
    return bracket


def _refuse_open_bars(bracket: Bracket) -> None:
    if bracket.bars:
        raise ParseError(f"{place(bracket.bars[-1].at)}'|' is never closed; write abs(...)")


def _refuse_unclosed(bracket: Bracket) -> None:
    if bracket.token is not None:
        raise ParseError(f"{place(bracket.token.at)}{bracket.token.text!r} is never closed")
