"""A tutorial, followed word for word: its files are saved, and its blocks of bash are run by one shell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.docs.blocks import ROOT, RUN, blocks


def play(page: str, folder: Path, seconds: float = 800) -> str:
    """What a shell says that runs a page in a folder from which the project's own files are seen; it ends at the first failure."""
    found = list(blocks((ROOT / page).read_text()))
    folder.mkdir(exist_ok=True)
    for name in ("docs", "examples"):
        (folder / name).symlink_to(ROOT / name)
    for block in found:
        if block.title:
            (folder / block.title).write_text(block.text)
    script = "set -euo pipefail\n" + "".join(block.text for block in found if block.language == RUN)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(["bash", "-xc", script], cwd=folder, env=environment, text=True, start_new_session=True, **pipes)
    try:
        out, err = process.communicate(timeout=seconds)
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)  # the command that the shell waits for, too
        raise
    finally:
        subprocess.run(["agora", "stack", "down"], cwd=folder, env=environment, capture_output=True, check=True)
    assert process.returncode == 0, f"{page} ended with {process.returncode}\n{out[-3000:]}\n{err[-3000:]}"
    return out
