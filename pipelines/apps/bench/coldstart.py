"""`agora bench coldstart`: from an empty folder to the first commit of typed rows.

Everything is started the way a user starts it: the broker, then the stream and a simulation side by side, with an empty data
folder and an empty cache of compiled code. Packages and jars are installed. The peer figures were published or measured for
the servers alone: they start with nothing to compile and nothing to read.
"""

from __future__ import annotations

import json as json_text
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from deltalake import DeltaTable

from pipelines.apps.errors import UserError
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from pipelines.workers.command import agora
from spark_jobs.catalog import table

PATIENCE_S = 180.0
PEERS = {"spark_session_and_commit_seconds": 11.0, "broker_seconds": 3.0}


def run(json: bool = False) -> dict[str, Any]:
    """Start everything in an empty folder and wait for rows in silver.trades.

    Examples:  [bold]agora bench coldstart --json[/bold]
    """
    with tempfile.TemporaryDirectory(prefix="agora-bench-") as name:
        result = {"figures": measure(Path(name)), "peers": PEERS}
    result["ratios"] = {"servers_alone": round(result["figures"]["seconds"] / sum(PEERS.values()), 2)}
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def measure(folder: Path) -> dict[str, float]:
    """Seconds until the broker answers and until rows are visible, and the most memory all processes held together, MiB."""
    command = ["env", f"NUMBA_CACHE_DIR={folder / 'numba'}", *agora(data_dir=folder)]
    chosen = settings().apart(folder)
    began = time.monotonic()
    try:
        subprocess.run([*command, "stack", "up"], check=True, capture_output=True)
        broker = time.monotonic() - began
        programs = (["stream", "--follow"], ["simulate", "--steps", "1000"])
        parts = [subprocess.Popen([*command, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for words in programs]
        try:
            most = wait_for_rows(chosen, began)
            return {"seconds": round(time.monotonic() - began, 2), "broker_seconds": round(broker, 2), "peak_mebibytes": most}
        finally:
            for part in parts:
                part.send_signal(signal.SIGINT)
            for part in parts:
                part.wait(60)
    finally:
        subprocess.run([*command, "stack", "down"], check=True, capture_output=True)


def wait_for_rows(chosen: Settings, began: float) -> int:
    """Wait until the table has a row; the most memory seen meanwhile. Raises UserError after three minutes."""
    path, most = table("silver.trades").path(chosen.lake_dir), 0
    while time.monotonic() < began + PATIENCE_S:
        most = max(most, held(chosen))
        if DeltaTable.is_deltatable(str(path)) and DeltaTable(str(path)).file_uris():
            return most
        time.sleep(0.1)
    raise UserError(f"no rows in {path} after {PATIENCE_S:.0f} s", "run `agora doctor`, then the parts by hand: stack up, stream, simulate")


def held(chosen: Settings) -> int:
    """Resident memory of this process's descendants and of the broker they started, MiB."""
    total = stack.status(chosen)[0].memory_mib << 20
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total >> 20
