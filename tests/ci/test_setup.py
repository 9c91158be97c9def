"""Set-up installs what is missing where it may, and says what to install where it may not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "env", "grep", "head", "id", "sed")
APT = 'echo "apt-get $*" >> "$0.calls"'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A project folder before set-up, beside a folder of programs that is the whole path: the shell's tools and Python, no more."""
    shutil.copytree(PROJECT / ".ci", tmp_path / "project" / ".ci")
    shutil.copytree(PROJECT / "jars", tmp_path / "project" / "jars", ignore=shutil.ignore_patterns("lib"))
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool) or tool)
    program(tmp_path, "python3", f'exec {sys.executable} "$@"')
    program(tmp_path, "id", "echo 0")  # root
    return tmp_path


def program(machine: Path, name: str, script: str) -> None:
    """Put a program on the machine's path."""
    path = machine / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
    path.chmod(0o755)


def java(machine: Path, version: str) -> None:
    program(machine, "java", f"echo 'openjdk version \"{version}\"' >&2")


def set_up(machine: Path) -> tuple[int, str]:
    """Run the check of the system: the exit code and what it said."""
    command = [machine / "bin" / "bash", machine / "project" / ".ci" / "setup", "system"]
    done = subprocess.run(command, env={"PATH": str(machine / "bin")}, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_a_machine_that_has_everything_is_left_alone(machine: Path) -> None:
    java(machine, "17.0.2")
    program(machine, "mvn", "exit 0")
    program(machine, "apt-get", APT)
    assert set_up(machine) == (0, "")
    assert not (machine / "bin" / "apt-get.calls").exists()


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("java", "Java 17 or later is missing; install it (Debian and Ubuntu: apt-get install openjdk-17-jre-headless)"),
        ("old java", "Java 17 or later is missing; install it (Debian and Ubuntu: apt-get install openjdk-17-jre-headless)"),
        ("mvn", "Maven is missing; install it (Debian and Ubuntu: apt-get install maven)"),
        ("python3", "Python 3.11 or 3.12 with venv is missing; install it (Debian and Ubuntu: apt-get install python3 python3-venv)"),
    ],
)
def test_where_nothing_can_be_installed_one_line_says_what_is_missing(lacking: str, said: str, machine: Path) -> None:
    java(machine, "11.0.2" if lacking == "old java" else "21")
    program(machine, "mvn", "exit 0")
    (machine / "bin" / lacking).unlink(missing_ok=True)
    code, line = set_up(machine)
    assert code == 1
    assert said in line
    assert line.count("\n") == 1


def test_root_gets_what_is_missing_by_apt_and_nothing_is_upgraded(machine: Path) -> None:
    program(machine, "apt-get", APT)
    program(machine, "apt-cache", "exit 0")
    assert set_up(machine)[0] == 0
    calls = (machine / "bin" / "apt-get.calls").read_text().splitlines()
    assert [call.split()[-1] for call in calls] == ["-qq", "openjdk-17-jre-headless", "maven"]
    assert all("--no-upgrade" in call for call in calls if " install " in call)


def test_a_distribution_without_java_17_gives_21(machine: Path) -> None:
    program(machine, "apt-get", APT)
    program(machine, "apt-cache", "exit 1")
    program(machine, "mvn", "exit 0")
    set_up(machine)
    assert "openjdk-21-jre-headless" in (machine / "bin" / "apt-get.calls").read_text()


@pytest.mark.parametrize(("may", "code"), [(True, 0), (False, 1)])
def test_another_user_needs_sudo_without_a_password(may: bool, code: int, machine: Path) -> None:
    program(machine, "id", "echo 1000")
    program(machine, "sudo", 'shift; exec "$@"' if may else "exit 1")
    (machine / "bin" / "true").symlink_to(shutil.which("true") or "true")
    program(machine, "apt-get", APT)
    program(machine, "apt-cache", "exit 0")
    assert set_up(machine)[0] == code
    assert (machine / "bin" / "apt-get.calls").exists() is may


def test_make_alone_lists_every_target() -> None:
    listed = subprocess.run(["make", "-C", PROJECT], capture_output=True, text=True, check=True).stdout
    for target in ("setup", "demo", "test", "test-unit", "lint", "bench", "up", "down", "clean"):
        assert f"make {target} " in listed
