"""Text as tokens: numbers, names, operators and brackets, each with its place in the text."""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import NamedTuple, NoReturn

from diffexpr.errors import ParseError
from diffexpr.parse_limits import Limits, exceeded


class Token(NamedTuple):
    """One word of the text.

    ``kind`` is ``number``, ``name``, ``qualified`` (a name after ``np.``), ``word`` (a keyword),
    ``string``, ``op``, ``open`` or ``close``; ``at`` is its position, counted from 0.
    """

    kind: str
    text: str
    at: int

    @property
    def end(self) -> int:
        """Position after the token."""
        return self.at + len(self.text)


def brief(word: str) -> str:
    """A word of the text as an error shows it."""
    return word if len(word) <= 60 else f"{word[:57]}..."


def place(at: int) -> str:
    """How an error message begins that points into the text."""
    return f"column {at + 1}: "


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)
        (?:[eE][+-]?[0-9]+)?(?:[jJ](?![A-Za-z0-9_]))?)
    |(?P<qualified>(?:np|numpy|math)\.(?:linalg\.)?[A-Za-z_][A-Za-z0-9_]*)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<open>[(\[])
    |(?P<close>[)\]])
    |(?P<op>\.\.\.|:=|\*\*|//|==|!=|<=|>=|->|<<|>>|[-+*/%@^&|~<>=,:;])""",
    re.VERBOSE,
)
_SUBSCRIPTS = re.compile(r"""(['"])([A-Za-z,.> -]*)\1""")
_WORDS = {"and", "or", "not", "if", "else", "True", "False", "None"}
_REFUSED = {
    ":=": "assignment inside an expression (:=) is not part of the language",
    "->": "'->' stands only inside the subscripts of einsum",
    "<<": "shifts are not part of the language; multiply by a power of 2",
    ">>": "shifts are not part of the language; divide by a power of 2",
}


def tokens(text: str, limits: Limits) -> list[Token]:
    """The tokens of a text, in order.

    Raises
    ------
    BoundError
        If the text passes a bound; nothing beyond it is read.
    ParseError
        If it holds a character or a word that the language does not have.
    """
    if len(text) > limits.length:
        exceeded("length", len(text), limits.length)
    found: list[Token] = []
    at = depth = nodes = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            found.append(_subscripts(text, at, found))
            at = found[-1].end
            continue
        kind, word = match.lastgroup or "", match.group()
        if kind == "space":
            if "\n" in word and not depth and found and text[match.end() :].strip():
                raise ParseError(
                    f"{place(at)}a line break ends an expression; join the lines, or put the "
                    "expression in parentheses"
                )
        else:
            if kind == "open":
                depth += 1
                if depth > limits.nesting:
                    exceeded("nesting", depth, limits.nesting, place(at))
            elif kind == "close":
                depth -= 1
            nodes += kind != "close"
            if nodes > limits.nodes:
                exceeded("nodes", nodes, limits.nodes, place(at))
            found.append(_checked(kind, word, at, text, limits))
        at = match.end()
    return found


def _checked(kind: str, word: str, at: int, text: str, limits: Limits) -> Token:
    if kind == "number":
        _check_number(word, at, text, limits)
    elif kind == "name":
        if word in _WORDS:
            return Token("word", word, at)
        if keyword.iskeyword(word):
            raise ParseError(f"{place(at)}{word!r} is not part of the language")
    elif word in _REFUSED:
        raise ParseError(place(at) + _REFUSED[word])
    return Token(kind, word, at)


def _check_number(word: str, at: int, text: str, limits: Limits) -> None:
    if len(word) > limits.digits:
        exceeded("digits", len(word), limits.digits, place(at))
    rest = text[at + len(word) : at + len(word) + 2]
    if (
        word == "0"
        and len(rest) == 2
        and rest[0] in "xXoObB"
        and rest[1] in "0123456789abcdefABCDEF"
    ):
        raise ParseError(f"{place(at)}{word + rest!r}: write numbers in decimal, products with *")
    if rest[:1] == "_":
        raise ParseError(f"{place(at)}a number cannot end in '_'; write the product with *")


def _subscripts(text: str, at: int, before: list[Token]) -> Token:
    """The subscripts of einsum, the only place for a string; anything else is an error."""
    match = _SUBSCRIPTS.match(text, at)
    opened = [t.text.rpartition(".")[2] for t in before[-2:]] == ["einsum", "("]
    if match is not None and opened:
        return Token("string", match.group(), at)
    _refuse_character(text, at)


# What looks like an ASCII character and is not, beyond what Unicode itself calls compatible.
_LOOKALIKES = dict(
    zip(
        "АВЕКМНОРСТХаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "ABEKMHOPCTXaeopcyxijsdqwABEZHIKMNOPTYX",
        strict=True,
    )
)
_LOOKALIKES |= dict.fromkeys("×·⋅∙∗", "*") | dict.fromkeys("÷∕⁄", "/")
_LOOKALIKES |= dict.fromkeys("−–—‐‑", "-")
_LOOKALIKES |= {"≤": "<=", "≥": ">=", "≠": "!=", "√": "sqrt(...)", "∞": "inf", "∣": "|"}
_LOOKALIKES |= {"π": "pi", "∧": "&", "∨": "|", "¬": "~", "‖": "norm(...)", "∑": "sum(...)"}
_INSTEAD = {
    ".": "attributes are not part of the language; only np., numpy. and math. may stand before "
    "a function",
    "!": "write n! as gamma(n + 1), and not as 'not' or '~'",
    "{": "braces are not part of the language; use ( )",
    "}": "braces are not part of the language; use ( )",
    "'": "strings are not part of the language",
    '"': "strings are not part of the language",
    "$": "'$' is not part of the language; leave it out",
    "\\": "a backslash is not part of the language; write functions without it",
}


def _refuse_character(text: str, at: int) -> NoReturn:
    character = text[at]
    if character in _INSTEAD:
        raise ParseError(place(at) + _INSTEAD[character])
    if character.isprintable() and character.isascii():
        raise ParseError(f"{place(at)}{character!r} is not part of the language")
    name = unicodedata.name(character, "a control character")
    advice = _ascii_for(character, name)
    raise ParseError(
        f"{place(at)}{character!r} (U+{ord(character):04X}, {name}) is not ASCII text"
        + (f"; write {advice!r}" if advice else "; remove it")
    )


def _ascii_for(character: str, name: str) -> str:
    """The ASCII spelling that the writer most likely meant, or nothing."""
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    if name.startswith("GREEK ") and "LETTER" in name:
        letter = name.split("LETTER ")[1].split()[0].replace("LAMDA", "LAMBDA")
        return letter.lower() if "SMALL" in name else letter.capitalize()
    plain = unicodedata.normalize("NFKC", character)
    if not plain.isascii():
        return ""
    if name.startswith("SUPERSCRIPT"):
        return f"^{plain}"
    return plain if plain.isprintable() else ""
