"""A page, followed: its files are saved, and its blocks for a shell are run by one shell, but for what tests.docs.smaller names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.docs.blocks import ROOT, Block, blocks, is_shell
from tests.docs.smaller import NOT_RUN, SMALLER

SEEN = ("docs", "examples", "run_simulation.py", ".venv")
"""What of the project is in the folder in which pages are followed."""


def play(page: str, folder: Path, seconds: float = 800) -> str:
    """What a shell says that runs a page in a folder from which the project's own files are seen; it ends at the first failure."""
    found = list(blocks((ROOT / page).read_text()))
    folder.mkdir(exist_ok=True)
    for name in SEEN:
        (folder / name).symlink_to(ROOT / name)
    for block in found:
        if block.title:
            (folder / block.title).write_text(block.text)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    words = ["bash", "-xc", "set -euo pipefail\n" + script(page, found)]
    process = subprocess.Popen(words, cwd=folder, env=environment, text=True, start_new_session=True, **pipes)
    try:
        out, err = process.communicate(timeout=seconds)
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)  # the command that the shell waits for, too
        raise
    finally:
        subprocess.run(["agora", "stack", "down"], cwd=folder, env=environment, capture_output=True, check=True)
    assert process.returncode == 0, f"{page} ended with {process.returncode}\n{out[-3000:]}\n{err[-3000:]}"
    return out


def script(page: str, found: list[Block]) -> str:
    """The commands of a page as a test runs them. AssertionError if the page lacks what is to be run smaller or left out."""
    text = "".join(block.text for block in found if is_shell(block))
    for words, smaller in SMALLER.get(page, {}).items():
        assert words in text, f"{page} does not say {words!r} any more; mend tests/docs/smaller.py"
        text = text.replace(words, smaller)
    lines = text.splitlines(keepends=True)
    for words, why in NOT_RUN.get(page, {}).items():
        left = [line for line in lines if not line.startswith(words)]
        assert len(left) < len(lines), f"{page} has no command {words!r} any more, which was not run ({why}); mend tests/docs/smaller.py"
        lines = left
    return "".join(lines)
