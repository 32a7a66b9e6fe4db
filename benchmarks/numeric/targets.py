"""What the numeric backend is held to: each figure beside its limit."""

import math
import operator
from dataclasses import dataclass

COMPARE = {">=": operator.ge, "<=": operator.le, "=": operator.eq}


@dataclass(frozen=True)
class Target:
    """One figure and its limit."""

    part: str
    what: str
    figure: float
    sign: str
    limit: float

    @property
    def met(self):
        return not math.isnan(self.figure) and COMPARE[self.sign](self.figure, self.limit)

    def row(self):
        return {
            "set": self.part,
            "target": f"{self.what} {self.sign} {self.limit:g}",
            "figure": f"{self.figure:.4g}",
            "": "ok" if self.met else "MISSED",
        }
