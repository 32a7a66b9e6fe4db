"""What a run has found: tables that are printed as they come, and targets, for a reader or JSON."""

import math

from corpus import print_table
from numeric.score import written
from numeric.targets import Target


class Report:
    """The tables and targets of a run.

    Attributes
    ----------
    tables : dict
        Title to rows, numbers unrounded.
    targets : list of Target
    """

    def __init__(self):
        self.tables = {}
        self.targets = []

    def table(self, title, rows):
        self.tables[title] = rows
        print(f"\n{title}\n")
        if rows:
            print_table([written(row) for row in rows])

    def target(self, part, what, figure, limit):
        """A figure that is to stay at or below its limit."""
        self.targets.append(Target(part, what, figure, "<=", limit))

    @property
    def met(self):
        return all(target.met for target in self.targets)

    def data(self):
        """Everything, as JSON has it: what is not a number is null."""
        tables = {
            title: [{key: _plain(value) for key, value in row.items()} for row in rows]
            for title, rows in self.tables.items()
        }
        targets = [
            {
                "part": target.part,
                "what": target.what,
                "figure": _plain(target.figure),
                "limit": target.limit,
                "met": target.met,
            }
            for target in self.targets
        ]
        return {"tables": tables, "targets": targets}


def _plain(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value


def over(times, first, second):
    """The median of the ratios of one's times to another's; None where one did not run."""
    found = times.ratio(first, second)
    return None if math.isnan(found) else found


def most(ratios):
    """The largest of the ratios that there are, nan if there are none."""
    return max((ratio for ratio in ratios if ratio is not None), default=math.nan)
