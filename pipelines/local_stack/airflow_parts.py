"""The parts of Airflow as children of one process: API server and web page, scheduler, processor of DAGs, triggerer.

Runs in Airflow's own environment, so that it imports nothing else: python airflow_parts.py FOLDER ADDRESS. FOLDER only marks the process.
The parts serve no logs over the network, since the API server reads them from the same disk. The scheduler begins when the API server
answers at ADDRESS: a task begins with a call to it, so that those which are due would fail before. If one part ends, all end.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from urllib.request import urlopen

AIRFLOW = (sys.executable, "-m", "airflow")
PARTS = (("api-server",), ("dag-processor",), ("triggerer", "--skip-serve-logs"))
SCHEDULER = ("scheduler", "--skip-serve-logs")
PATIENCE_S = 15.0


def main() -> int:
    """Run until told to stop, or until a part ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    subprocess.run([*AIRFLOW, "db", "migrate"], check=True)
    parts = [subprocess.Popen([*AIRFLOW, *part]) for part in PARTS]
    waiting = [SCHEDULER]
    try:
        while all(part.poll() is None for part in parts):
            if waiting and answers(sys.argv[2]):
                parts.append(subprocess.Popen([*AIRFLOW, *waiting.pop()]))
            time.sleep(0.2)
        ended = next(part for part in parts if part.poll() is not None)
        print(f"{ended.args!r} ended with {ended.returncode}", flush=True)
        return 1
    finally:
        stop(parts)


def answers(address: str) -> bool:
    """Whether the API server there does."""
    try:
        with urlopen(f"{address}/api/v2/version", timeout=5):
            return True
    except OSError:
        return False


def stop(parts: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, insist after some seconds."""
    for part in parts:
        part.terminate()
    deadline = time.monotonic() + PATIENCE_S
    for part in parts:
        try:
            part.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
