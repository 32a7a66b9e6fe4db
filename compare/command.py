"""The command ``crossdiff``: data on stdout, messages on stderr, exit 0, 1 or 2."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

import click

from compare.output import place, save, write
from diffexpr.errors import CrossdiffError, ExpressionValueError

AGREE, DISAGREE, BAD = 0, 1, 2


_output_option = click.option(
    "-o", "--output", metavar="FILE", help="Write to a file instead of stdout."
)


def _format_option(*formats: str) -> Callable[[Any], Any]:
    choice = click.Choice(formats)
    return click.option("--format", "format_", type=choice, default="text", show_default=True)


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
@_format_option("text", "md", "html", "latex", "json", "csv")
@_output_option
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
    write(render(check, format_), output, colour=format_ == "text")
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
@_format_option("text", "json")
@_output_option
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
    write(body, output, colour=format_ == "text")
    return AGREE if result.ok else DISAGREE


@cli.command()
@click.argument("function", metavar="EXPR|module:function|FILE.py:FUNCTION")
@click.option("--at", required=True, metavar="X=1,Y=2", help="The point; one value needs no name.")
@click.option("--wrt", metavar="X", help="Variables; all of them unless given.")
@click.option("--order", default=1, show_default=True, help="Order of the derivative, 1 to 4.")
@click.option(
    "--method",
    type=click.Choice(["auto", "2-point", "3-point", "cs"]),
    default="auto",
    show_default=True,
    help="Extrapolation, a plain difference, or the complex step.",
)
@click.option(
    "--curve",
    "target",
    metavar="FILE.svg|png|csv|-",
    help="Error against step, as a picture, as data, or in characters.",
)
@_format_option("text", "md", "json", "csv")
@_output_option
def numeric(
    function: str,
    at: str,
    wrt: str | None,
    order: int,
    method: str,
    target: str | None,
    format_: str,
    output: str | None,
) -> int:
    """Tell what differences of values alone say of a derivative, and at which steps.

    Example: crossdiff numeric math:exp --at 1 --curve curve.svg
    """
    from compare.error_curve import check_target
    from compare.numeric import choose, look, read_subject
    from compare.numeric_report import render
    from compare.progress import Progress

    for file in {output, target} - {None, "-"}:
        place(str(file))
    if target is not None:
        check_target(target, format_, output)
    with contextlib.redirect_stdout(sys.stderr):  # what the user's code prints is not our data
        subject = read_subject(function, at)
        names = choose(subject, _list(wrt), order, target is not None)
        with Progress() as progress:
            report = look(subject, names, order, method, progress)
    body = render(report, format_)
    plot = _draw(report, target, format_)
    if plot and output is None:
        body, plot = f"{body}\n\n{plot}", ""
    write(body, output, colour=format_ == "text")
    if plot:
        click.echo(plot)
    return AGREE if report.ok else DISAGREE


def _draw(report: Any, target: str | None, format_: str) -> str:
    """Put the curve in its file, or give the plot that is to be printed."""
    from compare.error_curve import file_bytes, has_errors, plot_title, text_plot

    if target is None:
        return ""
    if not has_errors(report.curve) and not target.endswith(".csv"):
        click.echo(
            "crossdiff: no curve is drawn: there is no derivative to measure an error against",
            err=True,
        )
        return ""
    title = plot_title(report)
    if target != "-":
        save(file_bytes(report.curve, target, title), target)
        return ""
    plot = text_plot(report.curve, title)
    return f"```\n{plot}\n```" if format_ == "md" else plot


@cli.command()
@click.argument("rows", metavar="calculus|activations|FILE")
@_format_option("text", "md", "latex", "csv")
@_output_option
def table(rows: str, format_: str, output: str | None) -> int:
    """Print a table of derivatives, every row confirmed by every backend first.

    A FILE holds one "name: expression" a line.
    """
    from compare.teach import derivative_table

    made = derivative_table(rows)
    for name, reason in made.refused:
        click.echo(f"crossdiff: {name} is left out: {reason}", err=True)
    write(made.render(format_), output)
    return DISAGREE if made.refused else AGREE


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
        message = "no command given; use diff, check, numeric or table, or --help for more"
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
