"""The wheel: what it holds, what it says of itself, and that it works where it is installed."""

import os
import subprocess
import sys
import tomllib
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest
from project import PACKAGES, ROOT, files_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIST_INFO = f"crossdiff-{PROJECT['version']}.dist-info"


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """What a command prints; its errors are the test's errors."""
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout without the network."""
    out = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT)
    run(*build, cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel has been installed, without what it depends on."""
    folder = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", folder)
    run(*pip, wheel, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return HeaderParser().parsestr(archive.read(f"{DIST_INFO}/METADATA").decode())


def test_the_wheel_holds_the_five_packages_whole_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith(DIST_INFO)}
    wanted = {p.relative_to(ROOT).as_posix() for package in PACKAGES for p in files_of(package)}
    assert held == wanted
    assert {f"{package}/py.typed" for package in PACKAGES} <= held


def test_the_wheel_carries_the_licence_and_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licence = archive.read(f"{DIST_INFO}/licenses/LICENSE").decode()
        commands = archive.read(f"{DIST_INFO}/entry_points.txt").decode()
    assert licence == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert commands.split() == ["[console_scripts]", "crossdiff", "=", "compare.command:main"]


def test_the_wheel_says_what_it_is(metadata: Message) -> None:
    assert metadata["Name"] == "crossdiff"
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_extra_called_all_is_every_extra_but_torch_and_jax_and_what_brings_them() -> None:
    extras = PROJECT["optional-dependencies"]
    (everything,) = extras["all"]
    named = everything.removeprefix("crossdiff[").removesuffix("]").split(",")
    assert set(named) == extras.keys() - {"all", "torch", "jax", "bench"}


def test_an_installed_wheel_is_imported_from_where_it_lies(site: Path, tmp_path: Path) -> None:
    code = "".join(f"import {package}; print({package}.__file__)\n" for package in PACKAGES)
    imported = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(site))
    assert imported.splitlines() == [str(site / package / "__init__.py") for package in PACKAGES]


def test_an_installed_wheel_brings_the_command(site: Path, tmp_path: Path) -> None:
    said = run(site / "bin" / "crossdiff", "--version", cwd=tmp_path, PYTHONPATH=str(site))
    assert PROJECT["version"] in said
