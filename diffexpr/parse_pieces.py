"""Tokens cut into pieces that Python's parser can take, however long or deep the text is.

Python's parser gives up at 200 nested brackets and, called from deep inside a program, at a sum
of some hundred terms. So the inside of a heavy bracket, and the front of a long sum or product,
becomes a piece of its own, and a placeholder stands for it.
"""

from __future__ import annotations

from diffexpr.parse_limits import Limits, exceeded
from diffexpr.parse_tokens import Token, place

_LONG = 60
"""Operators side by side after which a sum or product is cut."""
_HEAVY = 120
"""Operators and brackets inside each other beyond which an argument is cut out."""

_SUMS, _PRODUCTS, _POWERS = {"+", "-"}, {"*", "/", "//", "%", "@"}, {"**", "^"}
_LOOSE = {"<", "<=", ">", ">=", "==", "!=", "&", "|", "and", "or", "not", "if", "else", ":", "="}
_NESTING = {"&", "|", "not", "else"}
_VALUES = {"True", "False", "None", "..."}

Piece = list[Token]


class _Level:
    """The inside of one bracket as far as it has been read.

    ``argument``, ``sum`` and ``term`` are where the present ones begin; ``sums`` and
    ``products`` count their operators; ``right`` counts the powers and signs that are open to
    the right, ``loose`` the conditions; ``inner`` is the weight of what lies further in.
    """

    __slots__ = ("argument", "base", "inner", "loose", "out", "products", "right", "sliced",
                 "sum", "sums", "term")  # fmt: skip

    def __init__(self, base: int) -> None:
        self.base = base
        self.out: list[Token] = []
        self.begin()

    def begin(self) -> None:
        """Begin an argument."""
        self.argument = self.sum = self.term = len(self.out)
        self.sums = self.products = self.right = self.loose = self.inner = 0
        self.sliced = False

    def end_term(self) -> None:
        """Note the depth of a term or sum that has ended."""
        depth = self.products + self.right
        self.inner = max(self.inner, depth)
        self.products = self.right = 0

    @property
    def depth(self) -> int:
        """Levels of nesting, those of the brackets around it included."""
        return self.base + self.right + self.loose

    @property
    def weight(self) -> int:
        """Depth of the syntax tree of the present argument, or somewhat more."""
        return self.inner + self.sums + self.products + self.right + self.loose


class Cutter:
    """Cuts statements into pieces and numbers the pieces throughout a text.

    A placeholder is a token of kind ``piece`` whose text is the number of the piece.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._count = 0
        self._done: list[Piece] = []

    def pieces(self, statement: list[Token]) -> list[Piece]:
        """The pieces of one statement, each before the one that uses it, the statement last."""
        self._done = []
        levels = [_Level(0)]
        ended = False  # whether an operand has just ended
        for token in statement:
            level = levels[-1]
            if token.kind == "open":
                level.out.append(token)
                levels.append(_Level(level.depth + 1))
                ended = False
            elif token.kind == "close":
                self._end_argument(level)
                levels.pop()
                outer = levels[-1]
                outer.out += level.out
                outer.out.append(token)
                outer.inner = max(outer.inner, level.inner + 1)
                ended = True
            elif token.text == ",":
                self._end_argument(level)
                level.out.append(token)
                inner = level.inner
                level.begin()
                level.inner = inner
                ended = False
            else:
                ended = self._extend(level, token, ended)
            if levels[-1].depth > self._limits.nesting:
                exceeded("nesting", levels[-1].depth, self._limits.nesting, place(token.at))
        self._done.append(levels[0].out)
        self._count += 1
        return self._done

    def _extend(self, level: _Level, token: Token, ended: bool) -> bool:
        """Read one token inside a bracket; returns whether an operand has ended with it."""
        text = token.text
        if token.kind not in ("op", "word") or text in _VALUES:
            level.out.append(token)
            return True
        if text in _LOOSE:
            level.end_term()
            level.inner = max(level.inner, level.inner + level.sums)
            level.loose += text in _NESTING
            level.sliced |= text == ":"
        elif text in _POWERS or not ended:
            level.right += 1
        elif text in _PRODUCTS:
            if level.products >= _LONG:
                self._cut(level, level.term)
                level.products = 0
            level.inner, level.right = max(level.inner, level.right), 0
            level.products += 1
        elif text in _SUMS:
            level.end_term()
            if level.sums >= _LONG:
                self._cut(level, level.sum)
                level.sums = 0
            level.sums += 1
        level.out.append(token)
        if text in _LOOSE:
            level.sum = level.term = len(level.out)
            level.sums = 0
        elif ended and text in _SUMS:
            level.term = len(level.out)
        return False

    def _end_argument(self, level: _Level) -> None:
        """Cut out an argument that has grown heavy, and note the weight of one that has not."""
        start = level.argument
        named = start < len(level.out) and level.out[start].kind == "keyword"
        if level.weight > _HEAVY and not named and not level.sliced:
            self._cut(level, start)
            level.inner = 0
        else:
            level.inner = level.weight

    def _cut(self, level: _Level, start: int) -> None:
        piece = level.out[start:]
        if len(piece) > 1:
            self._done.append(piece)
            level.out[start:] = [Token("piece", str(self._count), piece[0].at)]
            self._count += 1
