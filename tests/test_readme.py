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
    same = doctest.OutputChecker().check_output(said.output + "\n", printed + "\n", FLAGS)
    assert same, f"printed:\n{printed}\n\nshown:\n{said.output}\n\n{done.stderr}"
    assert done.returncode == said.status, done.stderr


def test_the_first_line_ends_with_a_command_whose_output_is_shown() -> None:
    last = marked("run").rpartition("&& .venv/bin/")[2]
    assert last in [said.command for said in shown()]


def test_the_second_line_ends_with_the_whole_suite() -> None:
    assert marked("test").endswith("&& .venv/bin/pytest")


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)", README))
def test_a_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
