"""`agora` as a process of its own, as a user would start it: what the demo, the storm and the benchmarks are made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

AGORA = (sys.executable, "-m", "pipelines.apps.main")


def agora(*words: str, data_dir: Path | None = None, results_dir: Path | None = None) -> list[str]:
    """The command line of a verb; with a data folder that has servers of its own, with another folder for results.

    >>> agora("stream", "--once", data_dir=Path("apart"))[:3]
    ['env', 'AGORA_DATA_DIR=apart', 'AGORA_OWN_SERVERS=true']
    """
    apart = [f"AGORA_DATA_DIR={data_dir}", "AGORA_OWN_SERVERS=true"] if data_dir else []
    settings = [*apart, *([f"AGORA_RESULTS_DIR={results_dir}"] if results_dir else [])]
    return [*(["env", *settings] if settings else []), *AGORA, *words]


def end(process: subprocess.Popen[Any], seconds: float = 60.0) -> None:
    """Ask a command to stop, and wait; kill it if that takes longer."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
