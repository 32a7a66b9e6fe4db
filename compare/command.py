"""The command ``crossdiff``: data on stdout, messages on stderr, exit 0, 1 or 2."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diffexpr.errors import CrossdiffError, ExpressionValueError

if TYPE_CHECKING:
    pass

AGREE, DISAGREE, BAD = 0, 1, 2
COLOURS = {
    "agree": "green", "disagree": "bold red", "kink": "yellow",
    "undefined": "yellow", "inconclusive": "yellow",
}  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crossdiff")
def cli() -> None:
    """Derivatives, symbolic, automatic and numeric, judged against each other."""


@cli.command()
@click.argument("expression")
@click.option("--at", metavar="X=1,Y=2", help="The point; values may be expressions or [lists].")
@click.option("--wrt", metavar="X,Y", help="Variables; all of them unless given.")
@click.option("--order", default=1, show_default=True, help="Order of the derivative.")
@click.option("--backends", metavar="A,B", help="Backends; all that apply unless given.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "md", "html", "latex", "json", "csv"]),
    default="text",
    show_default=True,
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of stdout.")
def diff(
    expression: str,
    at: str | None,
    wrt: str | None,
    order: int,
    backends: str | None,
    format_: str,
    output: str | None,
) -> int:
    """Differentiate EXPRESSION by every backend and judge the answers.

    Example: crossdiff diff "x^2 sin(y)" --at x=1,y=2
    """
    from compare.cross_check import cross_check
    from compare.point import choose_point, read_expression, read_point
    from compare.report import render

    point = read_point(at) if at is not None else None
    graph = read_expression(expression, point or {})
    verb, names = _verb(graph, wrt, order)
    if point is None:
        point = choose_point(graph)
        shown = ",".join(f"{name}={value:g}" for name, value in point.items())
        click.echo(f"crossdiff: no --at given, checked at {shown}", err=True)
    check = cross_check(
        graph, point, verb, names, _list(backends),
        order=order if verb == "derivative" else 1,
    )  # fmt: skip
    _write(render(check, format_), output, colour=format_ == "text")
    return AGREE if check.ok else DISAGREE


def _verb(graph: Any, wrt: str | None, order: int) -> tuple[str, Any]:
    """The verb and variables that an order and a list of names ask for."""
    if order < 1:
        raise ExpressionValueError(f"--order {order}: the order of a derivative is 1, 2, 3, ...")
    shapes = {v.name: v.shape for v in graph.variables}
    names = _list(wrt) or list(shapes)
    for name in names:
        if name not in shapes:
            known = ", ".join(shapes) or "none"
            raise ExpressionValueError(
                f"--wrt {name}: not a variable of the expression; it has {known}"
            )
    if not names:
        raise ExpressionValueError(
            f"{graph} has no variable to differentiate; write one, as in x^2"
        )
    if order == 1:
        return ("grad" if graph.shape == () else "jacobian"), tuple(names)
    if len(names) == 1 and shapes[names[0]] == ():
        return "derivative", names[0]
    if order == 2:
        return "hessian", tuple(names)
    raise ExpressionValueError(
        f"--order {order} takes one variable, got {', '.join(names)}; say which with --wrt"
    )


def _list(text: str | None) -> list[str] | None:
    """Names separated by commas; None where none were asked for."""
    return None if text is None else [part.strip() for part in text.split(",")]


@cli.command()
@click.argument("function", metavar="FILE.py:FUNCTION")
@click.option("--grad", "gradient", required=True, metavar="FILE.py:FUNCTION")
@click.option("--at", required=True, metavar="W=[1,2],B=0", help="The point, by parameter.")
@click.option("--wrt", metavar="W,B", help="Parameters that the gradient is about.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of stdout.")
def check(
    function: str, gradient: str, at: str, wrt: str | None, format_: str, output: str | None
) -> int:
    """Judge a gradient that you wrote against every backend.

    Example: crossdiff check model.py:loss --grad model.py:grad --at w=[0.5,1],b=0
    """
    import json

    from compare.gradcheck import gradcheck
    from compare.load import load
    from compare.point import read_point

    point = read_point(at)
    names = _list(wrt)
    with contextlib.redirect_stdout(sys.stderr):  # what the file prints is not our data
        result = gradcheck(load(function), load(gradient), point, names)
    body = str(result) if format_ == "text" else json.dumps(result.to_dict(), indent=2)
    _write(body, output, colour=format_ == "text")
    return AGREE if result.ok else DISAGREE


@cli.command()
@click.argument("rows", metavar="calculus|activations|FILE")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "md", "latex", "csv"]),
    default="text",
    show_default=True,
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of stdout.")
def table(rows: str, format_: str, output: str | None) -> int:
    """Print a table of derivatives, every row confirmed by every backend first.

    A FILE holds one "name: expression" a line.
    """
    from compare.teach import derivative_table

    made = derivative_table(rows)
    for name, reason in made.refused:
        click.echo(f"crossdiff: {name} is left out: {reason}", err=True)
    _write(made.render(format_), output)
    return DISAGREE if made.refused else AGREE


def _write(body: str, output: str | None, colour: bool = False) -> None:
    """Print the whole result, or put it in a file that is either complete or not there."""
    if output is None:
        if colour and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
            _print_coloured(body)
        else:
            click.echo(body)
        return
    path = Path(output)
    if not output or path.is_dir() or not path.parent.is_dir():
        raise ExpressionValueError(
            f"cannot write to {output!r}: name a file in a folder that exists"
        )
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(body + "\n")
        # mkstemp makes files that only their owner reads; a report is an ordinary file.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _print_coloured(body: str) -> None:
    from rich.console import Console
    from rich.text import Text

    shown = Text(body)
    for word, style in COLOURS.items():
        shown.highlight_words([word], style)
    Console(soft_wrap=True, highlight=False).print(shown)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 all agree, 1 a disagreement, 2 bad input in one line."""
    sys.exit(run(cli, arguments))


def run(command: Callable[..., Any], arguments: list[str] | None = None) -> int:
    """The exit status of the command, every error of the user's told in one line."""
    try:
        status = command(arguments, prog_name="crossdiff", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else AGREE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError:
        message = "no command given; use diff, check or table, or --help for more"
    except click.ClickException as error:
        message = _one_line(error.format_message())
    except click.Abort:
        message = "interrupted"
    except BrokenPipeError:
        # The reader of a pipe has left, as in `crossdiff table calculus | head -1`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return AGREE
    except (CrossdiffError, OSError) as error:
        message = _one_line(str(error))
    click.echo(f"crossdiff: {message}", err=True)
    return BAD


def _one_line(message: str) -> str:
    return " ".join(message.split())


if __name__ == "__main__":
    main()
