"""Whatever README.md shows is what happens.

- ``python`` blocks are one session, run in order as a doctest.
- ``console`` blocks: each ``$ crossdiff ...`` line is run and must print, to standard output,
  what stands below it. It must end in 0, or be followed by ``$ echo $?`` and its exit code.
- In both, ``...`` stands for what may differ from one machine or moment to the next.
"""

import doctest
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from project import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = Path(sys.executable).with_name("crossdiff")
FLAGS = doctest.ELLIPSIS


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def marked(marker: str) -> str:
    """The one line in the shell block below an HTML comment."""
    found = re.findall(rf"^<!-- {marker} -->\n```sh\n([^\n]+)\n```$", README, re.MULTILINE)
    assert len(found) == 1, f"README.md has {len(found)} one-line blocks marked {marker}, not one"
    return found[0]


@dataclass(frozen=True)
class Shown:
    """One command as README.md shows it."""

    command: str
    output: str
    status: int


def shown() -> list[Shown]:
    """Every command line of every console block, with its output and its exit code."""
    commands: list[Shown] = []
    for block in blocks("console"):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            if command == "echo $?":
                commands[-1] = Shown(commands[-1].command, commands[-1].output, int(output))
            else:
                commands.append(Shown(command, output.rstrip(), status=0))
    return commands


def test_the_python_session_is_true() -> None:
    session = "\n".join(blocks("python"))
    test = doctest.DocTestParser().get_doctest(session, {}, "README", "README.md", 0)
    assert test.examples
    report: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append)
    assert not report, "".join(report)


BAR = re.compile(r"\d\.\de[+-]\d\d")


def alike(shown: str, printed: str) -> bool:
    """The same text, but for the last digits, which differ between processors.

    Values may differ by a few roundings, an error bar and the distance in ulps that follows it by
    a factor of a few; everything else has to be the same.
    """
    if len(shown.splitlines()) != len(printed.splitlines()):
        return False
    return all(
        same_line(a.split(), b.split())
        for a, b in zip(shown.splitlines(), printed.splitlines(), strict=True)
    )


def same_line(shown: list[str], printed: list[str]) -> bool:
    if len(shown) != len(printed):
        return False
    before = ["", *shown[:-1]]
    return all(map(same_word, before, shown, printed))


def same_word(before: str, shown: str, printed: str) -> bool:
    if shown == printed:
        return True
    try:
        a, b = float(shown), float(printed)
    except ValueError:
        return False
    if BAR.fullmatch(shown) and BAR.fullmatch(printed):
        return b <= 4 * a and a <= 4 * b
    if BAR.fullmatch(before):
        return abs(a - b) <= 4
    return "." in shown and abs(a - b) <= 1e-14 * abs(a)


def test_the_comparison_of_outputs_sees_a_wrong_one() -> None:
    assert alike("x  1.547924287178138  1.9e-14  0.97", "x  1.5479242871781378  2.1e-14  1.2")
    assert not alike("x  0.25", "x  0.75")
    assert not alike("x  1.9e-14", "x  1.9e-12")
    assert not alike("x  1.547924287178138", "x  1.547924287178238")
    assert not alike("x  116  agree", "x  120  agree")
    assert not alike("x  agree", "x  disagree")
    assert not alike("one", "one\ntwo")


@pytest.mark.parametrize("said", shown(), ids=lambda said: said.command)
def test_a_command_prints_what_is_shown(said: Shown, tmp_path: Path) -> None:
    name, *arguments = shlex.split(said.command)
    assert name == "crossdiff"
    if (ROOT / "examples").is_dir():
        (tmp_path / "examples").symlink_to(ROOT / "examples")
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    printed = "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())
    shown = f"printed:\n{printed}\n\nshown:\n{said.output}\n\n{done.stderr}"
    assert alike(said.output, printed), shown
    assert done.returncode == said.status, done.stderr


def test_the_first_line_ends_with_a_command_whose_output_is_shown() -> None:
    last = marked("run").rpartition("&& .venv/bin/")[2]
    assert last in [said.command for said in shown()]


def test_the_second_line_ends_with_the_whole_suite() -> None:
    assert marked("test").endswith("&& .venv/bin/pytest")


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)", README))
def test_a_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
