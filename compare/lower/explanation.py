"""What was done to a graph on its way to a program, in words."""

from __future__ import annotations

from compare.lower.interpreted import MOST_STATEMENTS
from compare.lower.programs import Programs


def explanation(programs: Programs) -> str:
    """The passes with what each changed, then the loops with their operations and slots."""
    lines = ["passes:"]
    width = max((len(record.name) for record in programs.records), default=0)
    lines += [
        f"  {r.name:{width}}  {r.before:>6} -> {r.after:<6} nodes  {r.says}"
        for r in programs.records
    ]
    if not programs.records:
        lines.append("  none")
    if programs.long:
        lines += [
            "loops:",
            f"  none: more than {MOST_STATEMENTS:,} operations are gone through one by one, and of "
            "the default passes",
            "  only those are run that may save much of that, or digits",
        ]
        return "\n".join(lines)
    lines.append("loops:")
    for body in programs.main.bodies:
        name = body.function.name
        lines.append(
            f"  {name}: {body.operations} operations on {len(body.kinds)} working arrays, blocks "
            f"of {body.size}; threads from {body.threads_from} elements"
        )
    if not programs.main.bodies:
        lines.append("  none")
    if programs.points:
        lines.append(f"  taken for arrays of one shape from {programs.least} elements")
    return "\n".join(lines)
